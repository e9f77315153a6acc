# What the files of a run of the node script, and the processes of this node, say of it. "state" is the directory of all.

start_time() { # pid -> in clock ticks since boot, or nothing when there is no such process; a zombie is none
  sed -n 's/^.*) \([^ZX] .*\)$/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# A pid alone may be another process's by now.
runner_lives() { # run
  [ -f "$state/runs/$1/process" ] || return 1
  read -r pid started <"$state/runs/$1/process" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]
}

# The lock goes on with whatever a killed run left behind: a kubeadm that still works, perhaps.
leaves_something() { # run
  [ "$(cat "$state/last-run" 2>/dev/null)" = "$1" ] && [ -e "$state/run.lock" ] && ! flock -s -n "$state/run.lock" true
}

# The exit code is in a file's name: to give it takes no room on a disk that is full.
exit_code() { # run
  for ended in "$state/runs/$1/exit-"*; do
    [ ! -e "$ended" ] || printf '%s\n' "${ended##*-}"
  done
}

run_state() { # run
  if [ -n "$(exit_code "$1")" ]; then
    echo ended
  elif [ "$(cat "$state/runs/$1/boot" 2>/dev/null)" != "$(boot_id)" ]; then
    echo rebooted
  elif runner_lives "$1" || leaves_something "$1"; then
    echo running
  elif [ -n "$(exit_code "$1")" ]; then
    echo ended # meanwhile
  else
    echo lost
  fi
}

tell_state() { # run
  told=$(run_state "$1")
  printf 'state %s\n' "$told"
  [ "$told" != ended ] || printf 'exit %s\n' "$(exit_code "$1")"
}

tell_run() { # run
  printf 'run %s\nrelease %s\n' "$1" "$(cat "$state/runs/$1/release")"
  tell_state "$1"
}
