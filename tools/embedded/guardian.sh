#!/bin/sh
# Stops what a Phoenix process has started when that process is gone, however it went.
# The parent holds the other end of stdin and writes one line per change:
#   + <signal> <pid>    this process group runs; stop it with this signal
#   - <signal> <pid>    it has ended
# What already runs comes as arguments, <signal>:<pid>, when this guardian replaces a killed one.
# End of input means that the parent is dead: nothing else closes the pipe.
trap '' INT TERM HUP

running="$*"
while read -r change signal pid; do
  entry="$signal:$pid"
  case $change in
    +) running="$running $entry" ;;
    -)
      rest=''
      for each in $running; do [ "$each" = "$entry" ] || rest="$rest $each"; done
      running=$rest
      ;;
  esac
done

for each in $running; do kill -s "${each%%:*}" -- "-${each#*:}" 2>/dev/null; done

# Five seconds for a clean stop, then the hard way.
left=50
while [ "$left" -gt 0 ]; do
  alive=''
  for each in $running; do kill -s 0 -- "-${each#*:}" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  left=$((left - 1))
done
for each in $running; do kill -s KILL -- "-${each#*:}" 2>/dev/null; done
