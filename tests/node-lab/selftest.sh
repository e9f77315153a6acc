#!/usr/bin/env bash
# The node lab, and scripts/update_k8s.sh on three machines of it, over real ssh. Each check is one fact, in the words of its line.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
repository_root=$(cd -- "$here/../.." && pwd)
readonly here repository_root

usage() {
  cat <<'HELP'
Tests the node lab and scripts/update_k8s.sh with it (root; a minute and a half, once the lab is built).

  tests/node-lab/selftest.sh [--cache DIR] [--verbose]

  --cache DIR    as lab.sh takes it
  --verbose      show what each command prints

Prints "N passed, N failed"; exits 1 when one failed.
HELP
}

build_options=() verbose=no
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --cache) (($# > 1)) || { echo 'selftest.sh: --cache needs a directory.' >&2; exit 2; }; build_options=(--cache "$2"); shift 2 ;;
    --verbose) verbose=yes; shift ;;
    *) echo "selftest.sh: \"$1\" is no option; see --help." >&2; exit 2 ;;
  esac
done

# --- words of the tests -----------------------------------------------------------------------------------------------

passed=0 failed=0 output='' code=0
scratch=$(mktemp -d -t stepper-selftest.XXXXXX)
readonly scratch lab=$scratch/lab neighbour=$scratch/neighbour crowd=$scratch/crowd
leave_nothing() {
  "$here/lab.sh" down --dir "$crowd"
  "$here/lab.sh" down --dir "$neighbour"
  "$here/lab.sh" down --dir "$lab"
  rm -f -- "$scratch/every-line"
  rmdir -- "$scratch"
}
trap leave_nothing EXIT

holds() { # what must be true, command...
  local fact=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok      $fact"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s\n        (%s; the last command ended with %s and said:)\n        | %s\n' "$fact" "$*" "$code" \
      "${output//$'\n'/$'\n        | '}"
  fi
}

# The output and exit code of a command are looked at by the checks that follow it.
try() {
  code=0
  output=$("$@" 2>&1) || code=$?
  [[ $verbose == no ]] || printf '$ %s\n%s\n-> %s\n' "$*" "$output" "$code"
}

ended_with() { [[ $code == "$1" ]]; }
said() { grep -qF -- "$1" <<<"$output"; }
did_not_say() { ! said "$1"; }
is() { [[ $1 == "$2" ]]; }
is_not() { [[ $1 != "$2" ]]; }

address_of() { "$here/lab.sh" exec --dir "$lab" --node "$1" -- cat /lab/address; }
on() { # node, command line
  ssh -i "$lab/id_ed25519" -o UserKnownHostsFile="$lab/known_hosts" -o StrictHostKeyChecking=yes -o BatchMode=yes \
    "wizard@${addresses[$1]}" "$2"
}
root_of() { echo "$lab/nodes/$1/root"; }
tried_faults=' '
fault() { # node, fault, value
  "$here/lab.sh" fault --dir "$lab" --node "$1" "${@:2}"
  tried_faults+="$2 "
}
mended() { "$here/lab.sh" mend --dir "$lab" --node "$@"; }

readonly k8s_packages='kubeadm kubelet kubectl'
update() { on "$1" "sudo -n env STEPPER_RETRY_SECONDS=0 bash /tmp/update_k8s.sh --repository $base ${*:2}"; }
version_of() { on "$1" "dpkg-query -W -f '\${Version}' $2"; }
all_are_held() { is "$(on "$1" "apt-mark showhold | grep -c '^kube'")" 3; }
all_are_installed() {
  local package
  for package in $k8s_packages; do
    is "$(on "$1" "dpkg -l $package" | awk '$2 == package { print $1, $3 }' package="$package")" "hi $2-1.1" || return 1
  done
}
runs_kubelet() { is "$(cat "$(root_of "$1")/run/kubelet-version")" "v$2"; }
static_pods_are_at() {
  is "$(grep -ho 'kube-[a-z-]*:v.*' "$(root_of "$1")"/etc/kubernetes/manifests/kube-*.yaml | sed 's/.*://' | sort -u)" "v$2"
}
stages() { grep '^stage: ' <<<"$output" | cut -d' ' -f2 | tr '\n' ' '; }
stages_were() { is "$(stages)" "$* "; }
applies() { [[ $(grep -c '^\[upgrade/preflight\] You have chosen' <<<"$output") == "$1" ]]; }
wait_for() { # seconds, command...
  local tries=$(($1 * 10))
  shift
  while ! "$@"; do
    ((tries-- > 0)) || return 1
    sleep 0.1
  done
}
is_running() { on "$1" "pgrep -f '$2'" >/dev/null; }
is_over() { ! is_running "$@"; }
# --- what a lab leaves on the machine ---------------------------------------------------------------------------------

begin_up() { exec "$here/lab.sh" up --version 1.34.2 "${build_options[@]}" "$@"; } # in the background: its pid is that of lab.sh
up() { "$here/lab.sh" up --version 1.34.2 "${build_options[@]}" "$@"; } # --dir, --nodes, more
mounts_of() { awk -v below="$1/" 'index($2, below) == 1' /proc/mounts; }
processes_of() {
  local files=(/proc/[0-9]*/{environ,cmdline})
  grep -lzsF --file=- -- "${files[@]}" <<<"$1" | cut -d/ -f3 | sort -u || true
}
claims_of() { find /run/stepper-node-lab -lname "$1" 2>/dev/null || true; }
network_of() { sed -n 's/^.*"address": "127\.0\.\([0-9]*\)\..*$/\1/p' <<<"$1" | head -n 1; } # what up said -> N of 127.0.N.0/24
listeners_in() { awk -v net="$(printf '%02X007F' "$1")" 'substr($2, 3, 6) == net && $4 == "0A"' /proc/net/tcp; }
addresses_of_machine() { awk '/32 host LOCAL/ { print last } { last = $2 }' /proc/net/fib_trie | sort -u; }
no_trace_of() { # directory
  is "$(mounts_of "$1")$(processes_of "$1")$(claims_of "$1")" '' && [[ ! -e $1 ]]
}
killed_when() { # what must be so first; the pid is $victim
  local was=yes
  wait_for 30 "$@" || was=no
  kill -KILL "$victim" 2>/dev/null || was=no
  wait "$victim" 2>/dev/null || true
  is "$was" yes
}

restore() { # node, X.Y.Z: as if it had never been upgraded
  on "$1" "sudo -n bash -c 'apt-get -qq -y --allow-downgrades --allow-change-held-packages install kubeadm=$2-* kubelet=$2-* kubectl=$2-* &&
    apt-mark -qq hold $k8s_packages; rm -rf /var/lib/stepper'" >/dev/null
  if [[ $1 == k8s-master ]]; then
    on "$1" "sudo -n kubeadm init phase control-plane; echo $2 | sudo -n tee /lab/cluster/kubernetes-version" >/dev/null
  fi
  on "$1" 'sudo -n systemctl restart kubelet'
}

# --- what every shell file owes ---------------------------------------------------------------------------------------

echo '# the files'
# Beside the lab, which waits more than it works: the holds, by killing the script at each of its lines.
"$here/every-line.sh" >"$scratch/every-line" 2>&1 &
every_line=$!
mapfile -t shell_files < <(grep -rlIE --exclude-dir={.git,bin,obj} -m 1 '^#!.*\b(ba)?sh\b' "$repository_root" | xargs awk 'FNR == 1 && /^#!.*sh( |$)/ { print FILENAME }')
holds 'all shell files are found' test "${#shell_files[@]}" -gt 10
try shellcheck -x -- "${shell_files[@]}"
holds 'shellcheck has nothing to say' ended_with 0
for file in "$repository_root/scripts/update_k8s.sh" "$here"/*.sh "$repository_root/tests/install.sh"; do
  try bash "$file" --help
  holds "${file##*/} has a help" ended_with 0
done

echo '# two labs come up at once'
before=$(addresses_of_machine)
up --dir "$neighbour" --nodes k8s-master:master,k8s-node1:worker:1.33.9 >"$scratch/neighbour.json" 2>&1 &
try up --dir "$lab" --nodes k8s-master:master,k8s-master2:master,k8s-node1:worker
holds 'three nodes come up' ended_with 0
ended_with 0 || { echo "$passed passed, $failed failed"; exit 1; }
said_up=$output
base=$(sed -n 's/^ *"repository": "\(.*\)",$/\1/p' <<<"$said_up")
declare -A addresses=([k8s-master]=$(address_of k8s-master) [k8s-master2]=$(address_of k8s-master2) [k8s-node1]=$(address_of k8s-node1))
try python3 -c 'import json, sys; print(*(n["name"] + " " + n["role"] for n in json.load(sys.stdin)["nodes"]), sep="\n")' <"$lab/lab.json"
holds 'they are described in JSON' is "$output" $'k8s-master master\nk8s-master2 master\nk8s-node1 worker'
code=0
wait $! || code=$?
output=$(cat -- "$scratch/neighbour.json")
rm -- "$scratch/neighbour.json"
holds 'and beside them the two of another lab' ended_with 0
their_network=$(network_of "$output")
their_address=127.0.$their_network.12
their_base=$(sed -n 's/^ *"repository": "\(.*\)",$/\1/p' <<<"$output")
holds 'which has its own addresses' is_not "$their_network" "$(network_of "$said_up")"
holds 'its own repository' is_not "${their_base%/*}" "${base%/*}"
holds 'and its own host keys' is "$(cat "$lab/known_hosts" "$neighbour/known_hosts" | cut -d' ' -f3 | sort -u | wc -l)" 5
try ssh -i "$neighbour/id_ed25519" -o UserKnownHostsFile="$neighbour/known_hosts" -o BatchMode=yes "wizard@$their_address" 'kubeadm version -o short; cat /etc/apt/sources.list.d/kubernetes.list'
holds 'a node may be at a version of its own' said v1.33.9
holds 'and takes its packages from its own lab' said "$their_base/"
try ssh -i "$lab/id_ed25519" -o UserKnownHostsFile="$neighbour/known_hosts" -o BatchMode=yes "wizard@$their_address" true
holds "one lab's key is not let into the other" said 'Permission denied'
rm -r -- "$neighbour/repository/repositories"
try curl -sIL -o /dev/null -w '%{http_code}' "$base/v1.34/deb/Release"
holds "what is taken from one's repository is in the other's" is "$output" 200
try "$here/lab.sh" exec --dir "$neighbour" --node k8s-node1 -- sh -c 'grep -c . /proc/mounts; cat /proc/1/cgroup'
holds "a node sees no mount of the machine, and is in no cgroup of its own" is "$(cut -d: -f2- <<<"${output#*$'\n'}")" "$(cut -d: -f2- /proc/self/cgroup)"
holds "but its own" test "$(head -n 1 <<<"$output")" -lt 10
try "$here/lab.sh" down --dir "$neighbour"
holds 'the other lab goes' ended_with 0
holds 'without a trace' no_trace_of "$neighbour"
holds 'on the network too' is "$(listeners_in "$their_network")$(addresses_of_machine)" "$before"
holds 'and without touching this one' is "$(on k8s-node1 hostname)" k8s-node1

echo '# labs that nobody took down'
begin_up --dir "$crowd" --nodes k8s-node1:worker >/dev/null 2>&1 &
victim=$!
holds 'an up that is killed while packages are installed' killed_when test -s "$crowd/layers/1.34.2.log"
holds 'leaves something' is_not "$(mounts_of "$crowd")" ''
try up --dir "$crowd" --nodes k8s-node1:worker
holds 'which is not in the way of the next one there' ended_with 0
"$here/lab.sh" down --dir "$crowd"
begin_up --dir "$crowd" --nodes k8s-node1:worker,k8s-node2:worker,k8s-node3:worker >/dev/null 2>&1 &
victim=$!
holds 'one that is killed while its nodes start' killed_when test -e "$crowd/nodes/k8s-node2/pid"
try "$here/lab.sh" down --dir "$crowd"
holds 'is ended by down' no_trace_of "$crowd"
sleep 600 &
victim=$!
try up --dir "$crowd" --nodes k8s-node1:worker --owner "$victim"
holds 'a lab may belong to a process' ended_with 0
try up --dir "$crowd" --nodes k8s-node1:worker
holds 'and is nobody else'"'"'s while that lives' ended_with 2
killed_when true
holds 'a test that was killed leaves its lab' is_not "$(mounts_of "$crowd")" ''
try up --dir "$neighbour" --nodes k8s-node1:worker
holds 'the next lab to come up, wherever, takes it down' no_trace_of "$crowd"
try "$here/lab.sh" down --abandoned
holds 'one that belongs to nobody is not abandoned' test -e "$neighbour/lab.json"
"$here/lab.sh" down --dir "$neighbour"

echo '# as many nodes as are asked for'
many=k8s-master:master
for ((number = 1; number < 200; number++)); do many+=,k8s-node$number:worker; done
SECONDS=0
try up --dir "$crowd" --nodes "$many"
holds '200 nodes come up' ended_with 0
holds 'within a minute' test "$SECONDS" -lt 60
try "$here/lab.sh" down --dir "$crowd"
holds 'and go without a trace' no_trace_of "$crowd"

echo '# its repository'
try curl -sI "$base/v1.35/deb/Release"
holds 'the repository answers with a redirect' said '302 Found'
try curl -sIL -o /dev/null -w '%{http_code}' "$base/v1.35/deb/Release"
holds 'which ends at the next minor' is "$output" 200
try curl -sIL -o /dev/null -w '%{http_code}' "$base/v1.37/deb/Release"
holds 'a minor that does not exist is refused' is "$output" 403
for node in k8s-master k8s-master2 k8s-node1; do
  on "$node" 'cat >/tmp/update_k8s.sh' <"$repository_root/scripts/update_k8s.sh"
  holds "$node is installed and held at 1.34.2" all_are_installed "$node" 1.34.2
done

# --- faults -----------------------------------------------------------------------------------------------------------

echo '# what can go wrong on purpose'
try "$here/lab.sh" fault --dir "$lab" --node k8s-node1 fail-everything
holds 'an unknown fault is no fault' ended_with 2
try "$here/lab.sh" fault --dir "$lab" --node k8s-node1 slow-node soon
holds 'nor is a value that is none' ended_with 2
on k8s-node1 'sleep 60' 2>/dev/null &
victim=$!
holds 'a connection' wait_for 20 is_running k8s-node1 '^sleep 60'
fault k8s-node1 ssh-cut
code=0
wait "$victim" || code=$?
holds 'is cut' ended_with 255
holds 'and the next one is taken' is "$(on k8s-node1 hostname)" k8s-node1
fault k8s-node1 ssh-down
try on k8s-node1 true
holds 'sshd is gone' said 'Connection refused'
mended k8s-node1 ssh-down
holds 'and back' is "$(on k8s-node1 hostname)" k8s-node1
fault k8s-node1 host-key
try on k8s-node1 true
holds 'another host key is shown' said 'HOST IDENTIFICATION HAS CHANGED'
mended k8s-node1
holds 'and the former one again' is "$(on k8s-node1 hostname)" k8s-node1
boot=$(on k8s-node1 'cat /proc/sys/kernel/random/boot_id')
fault k8s-node1 power-off
try on k8s-node1 true
holds 'a machine is off' said 'Connection refused'
holds 'with all that ran on it' is "$(listeners_in "$(network_of "$said_up")" | wc -l)" 3
mended k8s-node1
holds 'and boots again' is_not "$(on k8s-node1 'cat /proc/sys/kernel/random/boot_id')" "$boot"
fault k8s-node1 dpkg-locked
try on k8s-node1 'sudo -n apt-mark unhold kubelet'
holds 'dpkg is locked' said 'dpkg frontend lock was locked by another process'
mended k8s-node1 dpkg-locked
try on k8s-node1 'sudo -n apt-mark hold kubelet'
holds 'and free again' ended_with 0
fault k8s-node1 slow-node 1
fault k8s-node1 fail-node 1
SECONDS=0
try on k8s-node1 'sudo -n kubeadm upgrade node'
holds 'kubeadm upgrade node fails' ended_with 1
holds 'in its own time' test "$SECONDS" -ge 1
fault k8s-node1 fail-kubelet-restart
try on k8s-node1 'sudo -n systemctl restart kubelet'
holds 'kubelet does not restart' ended_with 1
try on k8s-master 'sudo -n crictl exec 0c2b7e etcdctl endpoint health --cluster'
holds 'etcd answers' ended_with 0
fault k8s-master etcd-away
try on k8s-master 'sudo -n crictl exec 0c2b7e etcdctl endpoint health --cluster'
holds 'etcd does not answer' ended_with 1
mended k8s-master etcd-away
fault k8s-master slow-plan 1
fault k8s-master manual-upgrade
SECONDS=0
try on k8s-master 'sudo -n kubeadm upgrade plan v1.34.2'
holds 'a plan asks for hands' grep -q ' yes$' <<<"$output"
holds 'slowly' test "$SECONDS" -ge 1
mended k8s-node1
mended k8s-master
try on k8s-node1 'sudo -n kubeadm upgrade node && sudo -n systemctl restart kubelet'
holds 'what is mended goes well' ended_with 0

# --- what the script refuses ------------------------------------------------------------------------------------------

echo '# refused'
try on k8s-node1 'bash /tmp/update_k8s.sh --role worker --release 1.34.7'
holds 'a user who is not root' ended_with 2
try update k8s-node1 --role worker --release '1.34.7\;reboot'
holds 'a release that is none' ended_with 2
holds 'which is named' said '--release is "1.34.7;reboot"; a release such as 1.34.7 is needed.'
try update k8s-node1 --role worker --release 1.34.7 --ignore-preflight-errors Swap,All
holds 'all preflight errors at once' ended_with 2
try update k8s-node1 --role worker --release 1.34.7 --patches '/etc/../x\ y'
holds 'a path that is none' ended_with 2
try update k8s-node1 --role master --release 1.34.7
holds 'a worker as a control-plane node' ended_with 2
try update k8s-node1 --role worker --release 1.34.1
holds 'a downgrade' ended_with 2
holds 'which is called one' said 'a downgrade is not supported'
try update k8s-master --role master --first --release 1.36.0
holds 'a jump over a minor' ended_with 2
holds 'which is called one too' said 'would jump over a minor'
try update k8s-node1 --role worker --release 1.34.9
holds 'a release that the repository does not have' ended_with 1
holds 'and all is as it was' all_are_installed k8s-node1 1.34.2

# --- an upgrade, with what can go wrong -------------------------------------------------------------------------------

echo '# an upgrade that fails and is finished by the next run'
fault k8s-master refuse-plan
try update k8s-master --role master --first --release 1.34.7
holds 'a plan that will not be better the next time is not asked for again' ended_with 1
holds 'and is told as it is' said 'kubeadm upgrade plan v1.34.7 failed (its words are above)'
mended k8s-master refuse-plan
fault k8s-master job-stuck 1
fault k8s-master fail-apply 1
try update k8s-master --role master --first --release 1.34.7
holds 'checks that fail by themselves are made again' said 'kubeadm upgrade apply failed before it changed anything; try 2 of 3 in 0s'
holds 'kubeadm fails' ended_with 1
holds 'kubeadm itself is installed by then' is "$(version_of k8s-master kubeadm)" 1.34.7-1.1
holds 'kubelet is not' is "$(version_of k8s-master kubelet)" 1.34.2-1.1
holds 'all is held' all_are_held k8s-master
fault k8s-master fail-plan 1
fault k8s-master hash-timeout 2
fault k8s-master fail-kubelet-install
try update k8s-master --role master --first --release 1.34.7 --skip-phases addon/coredns,no-such-phase
holds 'a package that cannot be installed' ended_with 1
holds 'a plan that fails once is asked for again' said 'kubeadm upgrade plan failed; another try'
holds 'a hash that times out is waited for three times' applies 3
holds 'incident 18: without etcd, which has its image already' said 'try 2 of 3 in 0s --etcd-upgrade=false'
holds 'an unknown phase is left out, and said' said 'kubeadm upgrade apply knows no phase "no-such-phase"; left out'
holds 'incident 19: a known one is passed on' did_not_say 'Applied essential addon: CoreDNS'
holds 'incident 39: all is held again' all_are_held k8s-master
mended k8s-master
try update k8s-master --role master --first --release 1.34.7
holds 'the next run finishes' ended_with 0
holds 'it does not apply again' applies 0
holds 'it tells its stages' stages_were source kubeadm apply kubelet hold restart 'done'
holds 'the packages are at the release, and held' all_are_installed k8s-master 1.34.7
holds 'the static pods are' static_pods_are_at k8s-master 1.34.7
holds 'kubelet runs it' runs_kubelet k8s-master 1.34.7
try on k8s-master 'cat /var/lib/stepper/versions-before.json'
holds 'the versions before are those before the first try' said '"kubelet": "1.34.2-1.1"'

echo '# another control-plane node'
on k8s-master2 'echo 1.34.2 | sudo -n tee /lab/cluster/kubernetes-version >/dev/null'
try update k8s-master2 --role master --release 1.34.7
holds 'before the first one is done: fails' said 'was it?'
on k8s-master2 'echo 1.34.7 | sudo -n tee /lab/cluster/kubernetes-version >/dev/null'
fault k8s-master2 etcd-hash-timeout
try update k8s-master2 --role master --release 1.34.7
holds 'after it: done, past an etcd that never changes' ended_with 0
holds 'by kubeadm upgrade node' stages_were source kubeadm node kubelet hold restart 'done'
holds 'its static pods are at the release' static_pods_are_at k8s-master2 1.34.7
holds 'its kubelet runs it' runs_kubelet k8s-master2 1.34.7

echo '# a worker'
fault k8s-node1 slow-kubelet-install 60
on k8s-node1 "sudo -n setsid bash /tmp/update_k8s.sh --repository $base --role worker --release 1.34.7 </dev/null >/tmp/log 2>&1" 2>/dev/null &
holds 'whose power is cut while dpkg works' wait_for 20 is_running k8s-node1 'kubelet.preinst|preinst upgrade'
try "$here/lab.sh" reboot --dir "$lab" --node k8s-node1
wait $! || true
mended k8s-node1
try update k8s-node1 --role worker --release 1.34.7
holds 'is upgraded by the next run' ended_with 0
holds 'in these stages' stages_were source kubeadm node kubelet hold restart 'done'
holds 'its packages are at the release, and held' all_are_installed k8s-node1 1.34.7
holds 'its kubelet runs it' runs_kubelet k8s-node1 1.34.7
holds 'it has no static pods' test ! -e "$(root_of k8s-node1)/etc/kubernetes/manifests/kube-apiserver.yaml"
on k8s-node1 'sudo -n apt-mark -qq unhold kubelet'
fault k8s-node1 dpkg-locked
on k8s-node1 "sudo -n env STEPPER_RETRY_SECONDS=1 bash /tmp/update_k8s.sh --repository $base --role worker --release 1.34.7 </dev/null >/tmp/log 2>&1; echo \$? >/tmp/code" &
holds 'a dpkg of somebody else is waited for, and said' wait_for 20 on k8s-node1 "grep -q 'another apt or dpkg is at work on this node' /tmp/log"
mended k8s-node1 dpkg-locked
wait $! || true
holds 'and the run goes on' is "$(on k8s-node1 'cat /tmp/code')" 0
holds 'what a run before left released is held' all_are_held k8s-node1
try update k8s-node1 --role worker --release 1.34.7
holds 'a second run changes nothing' ended_with 0
holds 'and says so' said "kubeadm's part is done at 1.34.7 already"

# --- stopped in the middle --------------------------------------------------------------------------------------------

echo '# stopped by a signal'
try restore k8s-master 1.34.2
holds 'back at 1.34.2' ended_with 0
fault k8s-master slow-apply 60
on k8s-master "sudo -n setsid bash /tmp/update_k8s.sh --repository $base --role master --first --release 1.34.7 </dev/null >/tmp/log 2>&1; echo \$? >/tmp/code" &
holds 'kubeadm is at work' wait_for 20 is_running k8s-master 'kubeadm upgrade apply'
holds 'while it works the packages are held' all_are_held k8s-master
try update k8s-master --role master --first --release 1.34.7
holds 'a second run beside it is turned away' said 'another run works on this node'
on k8s-master 'sudo -n pkill -TERM -f "^bash /tmp/update_k8s.sh"'
wait $! || true
holds 'the run ends as one that was stopped' is "$(on k8s-master 'cat /tmp/code')" 143
holds 'kubeadm is gone with it' is_over k8s-master 'kubeadm upgrade apply'
holds 'kubeadm, kubelet and kubectl are held' all_are_held k8s-master

fault k8s-master slow-kubeadm-install 2
try restore k8s-master 1.34.2
holds 'back at 1.34.2' ended_with 0
on k8s-master "sudo -n setsid bash /tmp/update_k8s.sh --repository $base --role master --first --release 1.34.7 </dev/null >/tmp/log 2>&1; echo \$? >/tmp/code" &
holds 'dpkg is at work' wait_for 20 is_running k8s-master 'kubeadm.preinst|preinst upgrade'
on k8s-master 'sudo -n pkill -HUP -f "^bash /tmp/update_k8s.sh"'
wait $! || true
holds 'the run ends as one that was hung up on' is "$(on k8s-master 'cat /tmp/code')" 129
holds 'dpkg came to its end' is "$(version_of k8s-master kubeadm)" 1.34.7-1.1
holds 'nothing is half-installed' is "$(on k8s-master 'dpkg --audit')" ''
holds 'all is held once more' all_are_held k8s-master

try restore k8s-master 1.34.2
holds 'back at 1.34.2' ended_with 0
mended k8s-master
fault k8s-master slow-addons 60
on k8s-master "sudo -n setsid bash /tmp/update_k8s.sh --repository $base --role master --first --release 1.34.7 </dev/null >/tmp/log 2>&1" 2>/dev/null &
holds 'the static pods are written' wait_for 20 static_pods_are_at k8s-master 1.34.7
try "$here/lab.sh" reboot --dir "$lab" --node k8s-master
wait $! || true
mended k8s-master
try update k8s-master --role master --first --release 1.34.7
holds 'a run after a power cut there' ended_with 0
holds 'applies again, since add-ons come after the static pods' applies 1

# --- a minor, and the rest --------------------------------------------------------------------------------------------

try restore k8s-master 1.34.2
holds 'back at 1.34.2 again' ended_with 0
fault k8s-master slow-apply 2
try bash -c "$(declare -f on update); $(declare -p addresses lab base); update k8s-master --role master --first --release 1.34.7 | head -n 1"
holds 'nobody reads on' said 'stage: source'
holds 'and the run is over' wait_for 20 is_over k8s-master '^bash /tmp/update_k8s.sh'
holds 'with all held' all_are_held k8s-master
mended k8s-master
try update k8s-master --role master --first --release 1.34.7
holds 'the next run finishes' ended_with 0

echo '# the next minor'
fault k8s-master hash-timeout 1
mkdir -p "$(root_of k8s-master)"/etc/kubernetes/tmp/{old,new}
touch -d '4 days ago' "$(root_of k8s-master)/etc/kubernetes/tmp/old"
try update k8s-master --role master --first --release 1.35.1 --only control-plane
holds 'the control plane alone' ended_with 0
holds 'tried again with etcd, whose image is not the one yet' said 'try 2 of 3 in 0s '
holds 'and never without it' did_not_say '--etcd-upgrade=false'
holds 'what kubeadm left days ago is gone' test ! -e "$(root_of k8s-master)/etc/kubernetes/tmp/old"
holds 'what it left since is not' test -e "$(root_of k8s-master)/etc/kubernetes/tmp/new"
holds 'its static pods are at the minor' static_pods_are_at k8s-master 1.35.1
holds 'its kubelet is not' runs_kubelet k8s-master 1.34.7
holds 'the package source is the minor'"'"'s' grep -q '/v1.35/deb/ /$' "$(root_of k8s-master)/etc/apt/sources.list.d/kubernetes.list"
try update k8s-master --role master --first --release 1.35.1
holds 'its kubelet later' runs_kubelet k8s-master 1.35.1
try on k8s-master 'cat /var/lib/stepper/versions-before.json'
holds 'the older record of versions is kept' said '"1.34.7": {'
holds 'beside the newer' said '"1.35.1": {'
try python3 -m json.tool "$(root_of k8s-master)/var/lib/stepper/versions-before.json"
holds 'and both are JSON' ended_with 0
fault k8s-node1 fail-kubelet-start
try update k8s-node1 --role worker --release 1.35.1
holds 'a kubelet that does not start is noticed' ended_with 1
mended k8s-node1
try update k8s-node1 --role worker --release 1.35.1
holds 'the next run finishes that too' runs_kubelet k8s-node1 1.35.1

while read -r name _; do
  holds "the fault $name was tried" grep -qE " ${name/PACKAGE/[a-z]+} " <<<"$tried_faults"
done < <("$here/lab.sh" fault --help | sed -n 's/^  //p')

echo '# killed at each line'
wait "$every_line" || true
try cat "$scratch/every-line"
holds 'the packages are held, and the next run goes on' grep -qE '^[0-9]{3,} passed, 0 failed$' "$scratch/every-line"

echo '# a lab goes down'
try "$here/lab.sh" down --dir "$lab"
holds 'it goes' ended_with 0
holds 'without a trace' no_trace_of "$lab"
try "$here/lab.sh" down --dir "$here"
holds 'a directory that is no lab is left alone' test -e "$here/lab.sh"

echo "$passed passed, $failed failed"
((failed == 0))
