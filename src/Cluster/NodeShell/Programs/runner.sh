# Runs the node script apart from any connection, and leaves its exit code. $1 is the run's directory, $2 the script.
run=$1 script=$2
umask 022
cd /
export HOME=/root PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Once for each run, however often it was started.
mkdir -- "$run/taken" || exit 1
exec </dev/null >>"$run/log" 2>&1

leave() {
  mv -f -- "$run/pending" "$run/exit-$1"
  sync -- "$run"
  exit 0
}

printf '%s %s\n' "$$" "$(sed 's/^.*) //' /proc/$$/stat | cut -d' ' -f20)" >"$run/process.new"
mv -f -- "$run/process.new" "$run/process"

# Children have it too: what outlives a killed run keeps the next one away.
exec 9>"$run/../../run.lock"
if ! flock -w 10 9; then
  echo 'a process that an earlier run left behind still works on this node; find it with: fuser /var/lib/stepper/run.lock'
  leave 75
fi
if [ "$(cat "$run/../../last-run")" != "${run##*/}" ]; then
  echo 'another run was started meanwhile; this one did nothing'
  leave 75
fi

set --
while IFS= read -r word; do
  set -- "$@" "$word"
done <"$run/arguments"

# A signal is for the script, which knows how to end well; it is waited for.
child='' interrupted=no
trap 'interrupted=yes; [ -z "$child" ] || kill -TERM "$child"' TERM INT HUP
"$script" "$@" &
child=$!
[ "$interrupted" = no ] || kill -TERM "$child"
while :; do
  interrupted=no code=0
  wait "$child" || code=$?
  [ "$interrupted" = yes ] || break
done
leave "$code"
