#!/bin/sh
# Makes this machine a Phoenix host: fetches the agent, checks it, enrols, and starts it. See docs/install.md.
set -eu

usage() {
  cat <<'TEXT'
install.sh --url URL [--token TOKEN | --token-file FILE] [options]
install.sh --uninstall [--purge] [--root DIR] [--prefix DIR]

  --url URL          the agent gateway, such as http://phoenix:8082
  --token TOKEN      enrolment token. Others on this machine can see arguments: rather use
  --token-file FILE  a file with the token, or the variable PHOENIX_TOKEN. Not needed where a host is enrolled.
  --from URL|DIR     where the agent's file and SHA256SUMS are; <url>/install when left out
  --sha256 SUM       the sum that the agent's file must have, in place of the one in SHA256SUMS
  --nats URL         the NATS server that the agent talks to: a leaf of this host or site, or the hub
  --otelcol FILE     the OpenTelemetry Collector, when it is not on the PATH
  --backend URL      OTLP/HTTP address of your backend
  --prefix DIR       the agent goes to DIR/bin; /usr/local when left out
  --root DIR         everything goes below DIR; needs no root, and leaves systemd alone
  --no-start         does not start it
  --uninstall        stops it and removes its file and unit; --purge also its state, configuration and credential

Ends with 2 for wrong arguments, 3 on a machine it cannot run on, 4 when something cannot be reached, 5 for a wrong
checksum, 6 when the gateway refuses the token, 7 without the rights, 8 when systemd does not start it.
TEXT
}

say() { printf '%s\n' "$*"; }
die() {
  code=$1
  shift
  printf 'install.sh: %s\n' "$*" >&2
  exit "$code"
}

# A variable of this name could be one that programs inherit.
unset token
url='' token=${PHOENIX_TOKEN:-} token_file='' from='' sum='' nats='' otelcol='' backend=''
prefix=/usr/local root='' start=yes task=install purge=no
unset PHOENIX_TOKEN

while [ $# -gt 0 ]; do
  case $1 in
  --no-start) start=no ;;
  --uninstall) task=uninstall ;;
  --purge) purge=yes ;;
  -h | --help)
    usage
    exit 0
    ;;
  --url | --token | --token-file | --from | --sha256 | --nats | --otelcol | --backend | --prefix | --root)
    [ -n "${2:-}" ] || die 2 "$1 needs a value"
    case $1 in
    --url) url=${2%/} ;;
    --token) token=$2 ;;
    --token-file) token_file=$2 ;;
    --from) from=${2%/} ;;
    --sha256) sum=$2 ;;
    --nats) nats=$2 ;;
    --otelcol) otelcol=$2 ;;
    --backend) backend=$2 ;;
    --prefix) prefix=${2%/} ;;
    --root) root=${2%/} ;;
    esac
    shift
    ;;
  *) die 2 "unknown argument $1; see --help" ;;
  esac
  shift
done

# A unit file gives blanks, quotes and percent signs a meaning.
for path in "$root" "$prefix"; do
  case $path in
  '' | /*) ;;
  *) die 2 "$path must be an absolute path" ;;
  esac
  case $path in
  *[!A-Za-z0-9._/-]*) die 2 "$path must consist of letters, digits and . _ / - only" ;;
  esac
done

name=phoenix-agent
bin_dir=$root$prefix/bin
bin=$bin_dir/$name
state=$root/var/lib/$name
env_dir=$root/etc/$name
env_file=$env_dir/agent.env
unit_dir=$root/etc/systemd/system
unit=$unit_dir/$name.service

has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ] && has systemctl; }
need_root() {
  [ -n "$root" ] || [ "$(id -u)" -eq 0 ] || die 7 "run this as root, or give --root DIR"
}

# --- uninstall ------------------------------------------------------------------------------------------------------

# The processes that run this very file, also after it was replaced.
running() {
  for exe in /proc/[0-9]*/exe; do
    case $(readlink "$exe" 2>/dev/null || true) in
    "$bin" | "$bin (deleted)")
      pid=${exe#/proc/}
      say "${pid%/exe}"
      ;;
    esac
  done
}

stop_running() {
  pids=$(running)
  [ -n "$pids" ] || return 0
  # It ends its collectors first, which may take until their queues are empty.
  for pid in $pids; do kill -TERM "$pid" 2>/dev/null || true; done
  tries=0
  while [ -n "$(running)" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
      for pid in $(running); do kill -KILL "$pid" 2>/dev/null || true; done
    fi
    sleep 1
  done
}

uninstall() {
  need_root
  if has_systemd && [ -e "$unit" ]; then systemctl disable --now --quiet "$name" || true; fi
  stop_running
  rm -f "$unit" "$bin"
  if has_systemd; then systemctl daemon-reload; fi
  if [ "$purge" = yes ]; then
    rm -rf "$state" "$env_dir"
    say "$name is removed, with its state and credential. Revoke the host too: it is known to Phoenix still."
  else
    say "$name is removed; $state and $env_dir are kept (--purge removes them)"
  fi
}

# --- install --------------------------------------------------------------------------------------------------------

new_bin='' new_sums='' made_state=no
cleanup() {
  status=$?
  trap - EXIT
  rm -f ${new_bin:+"$new_bin"} ${new_sums:+"$new_sums"} "$env_file.new" "$unit.new"
  # A state folder that this run made and did not come to use.
  if [ "$status" -ne 0 ] && [ "$made_state" = yes ]; then rm -rf "$state"; fi
  exit "$status"
}

read_token() {
  [ -z "$token_file" ] || token=$(cat "$token_file" 2>/dev/null) || die 2 "cannot read the token from $token_file"
  [ -n "$token" ] ||
    die 2 "no token: give --token-file, --token or PHOENIX_TOKEN; make one with POST /api/v1/fleet/enrolment-tokens"
}

platform() {
  [ "$(uname -s)" = Linux ] || die 3 "unsupported platform $(uname -s): the agent runs on Linux"
  case $(uname -m) in
  x86_64 | amd64) say linux-amd64 ;;
  aarch64 | arm64) say linux-arm64 ;;
  *) die 3 "unsupported platform $(uname -m): there are agents for amd64 and arm64" ;;
  esac
}

fetch() {
  case $from in
  http://* | https://*)
    if has curl; then
      curl -fsSL --connect-timeout 15 --retry 2 -o "$2" "$from/$1" 2>/dev/null || die 4 "cannot fetch $from/$1"
    elif has wget; then
      wget -q -T 15 -O "$2" "$from/$1" || die 4 "cannot fetch $from/$1"
    else
      die 4 "neither curl nor wget is here: install one, or give --from DIR"
    fi
    ;;
  *) cp "$from/$1" "$2" 2>/dev/null || die 4 "cannot read $from/$1" ;;
  esac
}

# Leaves the agent, checked and able to run, under its other name.
fetch_agent() {
  file=$name-$1
  has sha256sum || die 3 "sha256sum is missing"
  mkdir -p "$bin_dir" 2>/dev/null || die 7 "cannot make $bin_dir"
  [ -w "$bin_dir" ] || die 7 "cannot write to $bin_dir"
  new_bin=$bin_dir/.$name.new.$$
  if [ -z "$sum" ]; then
    new_sums=$bin_dir/.$name.sums.$$
    fetch SHA256SUMS "$new_sums"
    sum=$(awk -v file="$file" '$2 == file { print $1 }' "$new_sums")
    [ -n "$sum" ] || die 3 "there is no agent for this platform ($1) at $from"
  fi
  fetch "$file" "$new_bin"
  found=$(sha256sum "$new_bin")
  found=${found%% *}
  [ "$found" = "$sum" ] || die 5 "bad checksum of $file: it is $found and must be $sum"
  chmod 755 "$new_bin"
  version=$("$new_bin" --version 2>/dev/null) || die 3 "the agent does not run here: it needs glibc and libstdc++"
}

enrol() {
  if [ -e "$state/identity.json" ]; then
    say "this host is enrolled already"
    return 0
  fi
  if [ ! -d "$state" ]; then
    mkdir -p "${state%/*}"
    mkdir -m 700 "$state" || die 7 "cannot make $state"
    made_state=yes
  fi
  chmod 700 "$state"
  # By the environment of this one process: neither its arguments nor a file ever hold it.
  answer=$(PHOENIX_TOKEN=$token PHOENIX_AGENT_DIR=$state PHOENIX_OTELCOL=$otelcol "$new_bin" enrol --url "$url" 2>&1) || {
    case $answer in
    *'the gateway refused'*) die 6 "$answer" ;;
    *) die 4 "cannot enrol at $url: $answer" ;;
    esac
  }
  token=''
  say "$answer"
}

# Keeps what is there, also what somebody wrote by hand, and replaces what was given.
write_env() {
  mkdir -p "$env_dir"
  (umask 077 && : >"$env_file.new")
  [ ! -e "$env_file" ] || cat "$env_file" >>"$env_file.new"
  set_variable PHOENIX_AGENT_DIR "$state"
  set_variable PHOENIX_AGENT_NATS_URL "$nats"
  set_variable PHOENIX_OTELCOL "$otelcol"
  set_variable PHOENIX_BACKEND_OTLP "$backend"
  mv "$env_file.new" "$env_file"
}

set_variable() {
  [ -n "$2" ] || return 0
  kept=$(grep -v "^$1=" "$env_file.new" || true)
  { [ -z "$kept" ] || printf '%s\n' "$kept"; printf '%s=%s\n' "$1" "$2"; } >"$env_file.new"
}

# The agent is root to start its collectors as nobody with two capabilities (setpriv), and to end them again. Of
# root's rights it keeps those. Writable memory that can be executed is what a JavaScript engine works with, and all
# processes and their files stay in sight, because that is what is measured.
write_unit() {
  mkdir -p "$unit_dir"
  cat >"$unit.new" <<TEXT
[Unit]
Description=Phoenix agent: runs and meters collectors
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=$bin run
EnvironmentFile=$env_file
Environment=NODE_OPTIONS=--max-semi-space-size=1
Restart=always
RestartSec=2
# SIGTERM goes to the agent, which drains its collectors; whoever is left after that is killed.
KillMode=mixed
TimeoutStopSec=60
UMask=0077
LimitCORE=0
OOMPolicy=continue

CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_KILL CAP_CHOWN
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=$state
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
TEXT
  chmod 644 "$unit.new"
  mv "$unit.new" "$unit"
}

start() {
  by_hand="set -a && . $env_file && $bin run"
  if ! has_systemd; then
    [ -n "$root" ] || say "there is no systemd here"
    say "start it with: $by_hand"
    return 0
  fi
  systemctl daemon-reload
  systemctl enable --quiet "$name" || die 8 "installed, but systemd does not enable $name"
  if [ "$start" = no ]; then
    say "start it with: systemctl start $name"
    return 0
  fi
  systemctl restart "$name" || die 8 "installed, but $name does not start: see journalctl -u $name"
  say "$name runs; look at it with: set -a && . $env_file && $bin doctor"
}

install() {
  kind=$(platform)
  need_root
  [ -n "$url" ] || die 2 "no gateway: give --url"
  from=${from:-$url/install}
  [ -e "$state/identity.json" ] || read_token
  trap cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  fetch_agent "$kind"
  enrol
  write_env
  write_unit
  # Last, and at once: an agent that runs keeps its old file until it is started again.
  mv "$new_bin" "$bin"
  made_state=no
  say "$name $version is installed as $bin"
  start
}

"$task"
