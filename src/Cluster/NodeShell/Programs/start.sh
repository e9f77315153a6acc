state=$1 release=$2 sum=$3 runner=$4
shift 4
receive "$sum"
mkdir -p -- "$state/runs"
exec 8>"$state/start.lock"
flock -w 60 8 || fail "another start of the node script holds $state/start.lock; look at what it does on this node"
if [ -f "$state/last-run" ]; then
  last=$(cat "$state/last-run")
  if [ "$(run_state "$last")" = running ]; then
    tell_run "$last"
    exit 0
  fi
fi

id=$(date -u +%Y%m%dT%H%M%SZ)-$$
run=$state/runs/$id
mkdir -- "$run"
printf '%s\n' "$release" >"$run/release"
for word in "$@"; do printf '%s\n' "$word"; done >"$run/arguments"
printf '%s' "$runner" >"$run/runner"
boot_id >"$run/boot"
: >"$run/log"
: >"$run/pending"
printf '%s\n' "$id" >"$state/last-run.new"
mv -f -- "$state/last-run.new" "$state/last-run"

# A unit of its own: what a session started may be ended with it (KillUserProcesses). A stop of the unit, as at a reboot, lets the
# script hold the packages again before anything is killed.
if [ ! -d /run/systemd/system ] || ! systemd-run --quiet --collect --unit="stepper-$id" --description="Kubernetes $release on this node" \
  --property=KillMode=mixed --property=TimeoutStopSec=600 /bin/sh "$run/runner" "$run" "$script" </dev/null >&2 8>&-; then
  setsid /bin/sh "$run/runner" "$run" "$script" </dev/null >/dev/null 2>&1 8>&- &
fi
tries=300
until [ -f "$run/process" ]; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail "the node script was started, but does not run; look at $run on this node"
  sleep 0.1
done
tell_run "$id"

# The last twenty runs are kept.
cd "$state/runs"
for old in $(printf '%s\n' * | sort | head -n -20); do
  rm -rf -- "$old"
done
