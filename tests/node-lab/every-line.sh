#!/usr/bin/env bash
# Ends scripts/update_k8s.sh at each of its lines, by every signal and by a failure there, and looks at what is left. The
# script has no hook for it: bash itself sends the signal, before a line (BASH_ENV, DEBUG trap). The node's programs are
# stand-ins of a few lines, in a mount namespace of their own, so that a run takes a tenth of a second.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
script=$(cd -- "$here/../.." && pwd)/scripts/update_k8s.sh
readonly here script

usage() {
  cat <<'HELP'
Ends scripts/update_k8s.sh at each of its lines and looks at what is left (root; half a minute).

  tests/node-lab/every-line.sh [--line N] [--signal TERM|INT|HUP|KILL|exit]

  --line N      only that line;  --signal S   only that way; both: show what the runs say

Prints "N passed, N failed"; exits 1 when one failed.
HELP
}

only_line='' only_signal=''
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --line) only_line=$2; shift 2 ;;
    --signal) only_signal=$2; shift 2 ;;
    *) echo "every-line.sh: \"$1\" is no option; see --help." >&2; exit 2 ;;
  esac
done
((EUID == 0)) || { echo 'every-line.sh: this must run as root; put sudo before it.' >&2; exit 2; }

# --- a node of stand-ins ----------------------------------------------------------------------------------------------

# Everything is a file: /run/node/installed/PACKAGE holds a version, /run/node/held/PACKAGE is there while it is held,
# /run/node/fault/WHAT makes the next WHAT go wrong once; "database" stays.
write_stand_ins() {
  mkdir -p /run/bin
  cat >/run/bin/stand-in <<'SH'
#!/bin/sh
cd /run/node || exit 9
fault() { [ -e "fault/$1" ] && rm "fault/$1"; }
name=${0##*/}
case "$name $*" in
  'dpkg-query '*Status-Status*) [ ! -e "installed/$4" ] || printf installed ;;
  'dpkg-query '*Package*)
    [ ! -e fault/database ] || { echo 'dpkg-query: error: parsing file /var/lib/dpkg/status' >&2; exit 2; }
    shift 3; for package; do echo "ii  $package"; done ;;
  'dpkg-query '*) [ ! -e "installed/$4" ] || printf 'ii %s' "$(cat "installed/$4")" ;;
  'apt-mark hold '*)
    ! fault locked-hold || { echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)'; exit 100; }
    shift; for package; do : >"held/$package"; done ;;
  'apt-mark unhold '*) shift; for package; do rm -f "held/$package"; done ;;
  'apt-get '*update*) ! fault locked-update || { echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)'; exit 100; } ;;
  'apt-get '*install*)
    for word; do
      case $word in
        kube*=*)
          [ ! -e "held/${word%%=*}" ] || { echo 'E: Held packages were changed and -y was used without --allow-change-held-packages.'; exit 100; }
          # As a machine without memory does it, in the middle of the work.
          ! fault killed || kill -KILL $$
          echo "${word#*=}" >"installed/${word%%=*}"
          ;;
      esac
    done ;;
  'apt-cache madison '*) echo " $2 | 1.34.7-1.1 | https://localhost Packages" ;;
  'dpkg --audit') ;;
  dpkg*configure*) rm -f /var/lib/dpkg/updates/0001 ;;
  curl*) while [ "$1" != -o ]; do shift; done; echo key >"$2" ;;
  gpg*) while [ "$1" != --output ]; do shift; done; echo keyring >"$2" ;;
  'kubeadm upgrade apply --help') printf '```\npreflight  Run preflight checks\n```\n' ;;
  'kubeadm upgrade plan '*) ! fault plan || { printf '\t[ERROR CreateJob]: Job "upgrade-health-check-1" did not complete in 15s\n'; exit 1; } ;;
  'kubeadm config images list '*) echo registry.k8s.io/etcd:3.6.5-0 ;;
  'kubeadm upgrade apply '*)
    ! fault checks || { printf '\t[ERROR CreateJob]: Job "upgrade-health-check-2" did not complete in 15s\n'; exit 1; }
    ! fault hash || { echo 'static Pod hash for component etcd on Node k8s-master did not change after 5m0s'; exit 1; }
    for component in kube-apiserver kube-controller-manager kube-scheduler; do
      echo "    image: registry.k8s.io/$component:v1.34.7" >"/etc/kubernetes/manifests/$component.yaml"
    done ;;
esac
SH
  chmod 0755 /run/bin/stand-in
  local name
  for name in dpkg-query apt-mark apt-get apt-cache dpkg curl gpg kubeadm systemctl; do
    ln -s stand-in "/run/bin/$name"
  done
}

new_node() {
  rm -rf /run/node /var/lib/stepper /etc/kubernetes /etc/apt
  cp -r /run/new/. /
  local fault
  for fault; do
    : >"/run/node/fault/$fault"
    [[ $fault != journal ]] || : >/var/lib/dpkg/updates/0001
  done
}

write_new_node() {
  local node=/run/new/run/node name
  mkdir -p "$node/installed" "$node/held" "$node/fault" /run/new/var/lib/dpkg/updates /run/new/etc/kubernetes/manifests /run/new/etc/kubernetes/tmp
  for name in kubeadm kubelet kubectl; do
    echo 1.34.2-1.1 >"$node/installed/$name"
    : >"$node/held/$name"
  done
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    echo "    image: registry.k8s.io/$name:v1.34.2" >"/run/new/etc/kubernetes/manifests/$name.yaml"
  done
  echo '    image: registry.k8s.io/etcd:3.6.5-0' >/run/new/etc/kubernetes/manifests/etcd.yaml
}

# What makes a run wait, or try again, by the way.
readonly troubles='journal plan checks hash locked-update locked-hold'

is_held() { [[ -e /run/node/held/kubeadm && -e /run/node/held/kubelet && -e /run/node/held/kubectl ]]; }
is_upgraded() { [[ $(cat /run/node/installed/*) == $'1.34.7-1.1\n1.34.7-1.1\n1.34.7-1.1' ]]; }

# INT is not ignored, as a shell does it for what it starts in the background.
run() { # release, BASH_ENV's variables...
  env --default-signal=INT PATH="/run/bin:$PATH" STEPPER_RETRY_SECONDS=0 "${@:2}" bash "$script" --role master --first --release "$1" >/run/said 2>&1
}

# What a killed run left at work, a package that is being installed, keeps the next one away until it has ended.
run_next() {
  local try code
  for ((try = 0; try < 50; try++)); do
    code=0
    run "$1" || code=$?
    grep -q 'another run works on this node' /run/said || return "$code"
    sleep 0.1
  done
  return "$code"
}

write_bash_env() {
  cat >/run/every-line <<'SH'
set -T
trap 'echo $LINENO >>/run/lines' DEBUG
SH
  # Once, and the rest of the run is as it is. What a handler of the script does when it is on its way out can't be ended.
  cat >/run/at-line <<'SH'
set -T
end_here() {
  [[ ! -e /run/ended ]] || return 0
  : >/run/ended
  if [[ $END_BY == exit ]]; then
    return 1
  fi
  kill -s "$END_BY" $$
}
trap '[[ $LINENO != "$END_AT" || " ${FUNCNAME[*]-} " == *" leave "* && $END_BY == exit ]] || end_here || exit 1' DEBUG
SH
}

# --- the cases --------------------------------------------------------------------------------------------------------

passed=0 failed=0
check() { # what must be true, command...
  if "${@:2}"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s; the last run said:\n%s\n' "$1" "$(sed 's/^/        | /' /run/said)"
  fi
}

one_case() { # line, by what, troubles by the way...
  local code=0 where
  where="ended by $2 before line $1 ($(sed -n "$1{s/^ *//;p}" "$script"))"
  new_node "${@:3}"
  rm -f /run/ended
  run 1.34.7 BASH_ENV=/run/at-line END_AT="$1" END_BY="$2" || code=$?
  [[ -z $only_line || -z $only_signal ]] || cat /run/said
  case $2:$code in
    TERM:143 | INT:130 | HUP:129 | KILL:137 | exit:[12] | *:0) ;;
    *) check "$where: it ended with $code" false ;;
  esac
  if [[ $2 == KILL ]]; then
    # Nobody can catch that. The next run holds them before it looks at anything, even at a release that it refuses.
    code=0
    run_next 1.33.1 || code=$?
    check "$where: the next run refuses a downgrade" test "$code" = 2
    check "$where: and has held the packages" is_held
  else
    check "$where: the packages are held" is_held
  fi
  if [[ $2 == TERM || $2 == KILL ]] && (($1 % 12 == 0)); then
    code=0
    run_next 1.34.7 || code=$?
    check "$where: the next run finishes" test "$code" = 0
    check "$where: with all packages at the release" is_upgraded
    check "$where: and held" is_held
  fi
}

killed_apt() {
  local code=0
  new_node killed
  run 1.34.7 || code=$?
  check 'apt killed: the run fails' test "$code" = 1
  check 'apt killed: the packages are held' is_held
}

unreadable_database() {
  local code=0
  new_node database
  rm -f /run/node/held/*
  run 1.34.7 || code=$?
  check 'a package database that can not be read: the packages are held all the same' is_held
}

lines() { # troubles by the way...
  new_node "$@"
  rm -f /run/lines
  run 1.34.7 BASH_ENV=/run/every-line || { cat /run/said >&2; exit 1; }
  sort -u /run/lines
}

worker() { # which of them, of how many
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /var/lib
  mkdir -p /run/etc /run/etc.work
  mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc.work /etc
  write_stand_ins
  write_new_node
  write_bash_env
  local straight crooked line signal turn number=0 by_the_way=()
  straight=$(lines)
  # shellcheck disable=SC2086 # words
  crooked=$(lines $troubles)
  # INT and HUP are the same handler's as TERM: each line has one of them, or KILL.
  for line in $(printf '%s\n' "$straight" "$crooked" | sort -un); do
    [[ -z $only_line || $only_line == "$line" ]] || continue
    by_the_way=()
    grep -qx "$line" <<<"$straight" || read -ra by_the_way <<<"$troubles"
    turn=(INT HUP KILL)
    for signal in ${only_signal:-TERM exit "${turn[line % 3]}"}; do
      if ((number++ % $2 == $1)); then
        one_case "$line" "$signal" "${by_the_way[@]}"
      fi
    done
  done
  (($1 > 0)) || { killed_apt; unreadable_database; }
  echo "$passed $failed"
}

if [[ -n ${WORKER:-} ]]; then
  worker "${WORKER%/*}" "${WORKER#*/}"
  exit 0
fi
results=$(mktemp -d)
trap 'rm -rf -- "$results"' EXIT
options=(${only_line:+--line "$only_line"} ${only_signal:+--signal "$only_signal"})
for number in 0 1; do
  WORKER=$number/2 unshare --mount bash "$here/every-line.sh" "${options[@]}" >"$results/$number" 2>&1 &
done
wait
grep -h '^FAILED\|^ *|' "$results"/* || true
awk '/^[0-9]+ [0-9]+$/ { workers++; passed += $1; failed += $2 }
  END { printf "%d passed, %d failed\n", passed, failed + 2 - workers; exit failed > 0 || workers != 2 || passed == 0 }' "$results"/*
