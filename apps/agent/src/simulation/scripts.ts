/** The descriptor that ends when the agent does; nothing is ever written to it. */
export const LIFELINE_FD = 3;

/**
 * What a simulated process does: twice a second it turns a loop for its share of the time, and rests. It ends when its
 * lifeline does. `$1` permille of a core, `$2` the same from second `$3` to `$4`, `$5` bytes that it keeps.
 */
export const WORK = `
(( $5 > 0 )) && printf -v memory '%*s' "$5" x
while :; do
  read -r -t 0.5 -u ${LIFELINE_FD}; (( $? > 128 )) || exit 0
  share=$1; (( SECONDS >= $3 && SECONDS < $4 )) && share=$2
  until=$(( \${EPOCHREALTIME/./} + share * 500 ))
  while (( \${EPOCHREALTIME/./} < until )); do :; done
done
`;

/**
 * The leader of the group: starts and ends processes on command, each under limits of its own. When its input ends, so
 * does the whole group. The shell itself would make the path absolute, and lead through folders that are closed to whom
 * it runs as; `env` does not. Only its own jobs are ended: a number may be another's by now. `$1` is the script of a
 * process, `$2` marks all of them for who clears up.
 */
export const LEAD = `
while read -r verb number executable cpu data shares; do
  case $verb in
    start)
      ( ulimit -c 0 -f 0 -n 16 -t "$cpu" -d "$data" && exec env "./$executable" --norc --noprofile -c "$1" "$2" $shares ) </dev/null >/dev/null &
      echo "started $number $!" ;;
    stop) own=$(jobs -p); [[ " \${own//$'\\n'/ } " == *" $number "* ]] && kill -KILL "$number"; wait "$number" 2>/dev/null ;;
  esac
done
kill -KILL 0
`;

/** The word by which processes of a simulation are known on their command line. */
export function markOf(folder: string): string {
  return `phoenix-simulation=${folder}`;
}
