# What the files of a run of the node script, and the processes of this node, say of it. "state" is the directory of all.

start_time() { # pid -> in clock ticks since boot, or nothing when there is no such process; a zombie is none
  sed -n 's/^.*) \([^ZX] .*\)$/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

# A pid alone may be another process's by now, or from before a reboot.
runner_lives() { # run
  [ -f "$state/runs/$1/process" ] || return 1
  read -r pid started boot <"$state/runs/$1/process" || return 1
  [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]
}

# The lock goes on with whatever a killed run left behind: a kubeadm that still works, perhaps.
leaves_something() { # run
  [ "$(cat "$state/last-run" 2>/dev/null)" = "$1" ] && [ -e "$state/run.lock" ] && ! flock -s -n "$state/run.lock" true
}

run_state() { # run
  if [ -f "$state/runs/$1/exit" ]; then
    echo ended
  elif runner_lives "$1" || leaves_something "$1"; then
    echo running
  elif [ -f "$state/runs/$1/exit" ]; then
    echo ended # meanwhile
  else
    echo lost
  fi
}

tell_state() { # run
  told=$(run_state "$1")
  printf 'state %s\n' "$told"
  [ "$told" != ended ] || printf 'exit %s\n' "$(cat "$state/runs/$1/exit")"
}

tell_run() { # run
  printf 'run %s\nrelease %s\n' "$1" "$(cat "$state/runs/$1/release")"
  tell_state "$1"
}
