# shellcheck shell=bash
# Everything that can go wrong on a node of the lab on purpose. Sourced by lab.sh, whose `fault --help` prints the list.

# Each fault, its value, and what happens. PACKAGE is one of the packages of the lab's repository.
readonly faults='fail-plan [TIMES]|kubeadm upgrade plan fails of its health-check Job, which did not run in time
refuse-plan [TIMES]|kubeadm upgrade plan finds a plug-in of CoreDNS that it does not know
job-stuck [TIMES]|kubeadm upgrade apply fails of its health-check Job
fail-apply [TIMES]|kubeadm upgrade apply fails
fail-node [TIMES]|kubeadm upgrade node fails
manual-upgrade [TIMES]|the table of kubeadm upgrade plan asks for an upgrade by hand
hash-timeout [TIMES]|apply or node times out on the API server'\''s static pod, and puts the manifests back
etcd-hash-timeout [TIMES]|the same on etcd'\''s, unless --etcd-upgrade=false
etcd-away|etcd'\''s only member does not answer
slow-plan SECONDS|kubeadm upgrade plan takes that long, or until it is mended
slow-apply SECONDS|the same of apply, before it changes anything
slow-node SECONDS|the same of node
slow-addons SECONDS|the same of apply, between the static pods and the rest
fail-PACKAGE-install|dpkg fails to install it
slow-PACKAGE-install SECONDS|dpkg takes that long to install it
dpkg-locked|a dpkg of somebody else is at work, and holds the locks
fail-kubelet-restart|systemctl restart kubelet fails
fail-kubelet-start|kubelet does not stay up after its restart
ssh-cut|all ssh connections are cut, once; new ones are taken
ssh-down|sshd is gone, and all connections with it
host-key|sshd shows another host key than lab.json has; all connections are cut
power-off|the machine is off; mended, it boots'

list_faults() { awk -F '|' '{ printf "  %-29s %s\n", $1, $2 }' <<<"$faults"; }

value_of_fault() { # name -> what the list says of its value: nothing, [TIMES] or SECONDS
  local name=$1 line
  if [[ $name =~ ^(fail|slow)-(kubeadm|kubelet|kubectl|cri-tools|kubernetes-cni|containerd\.io)-install$ ]]; then
    name=${BASH_REMATCH[1]}-PACKAGE-install
  fi
  while IFS= read -r line; do
    line=${line%%|*}
    if [[ ${line%% *} == "$name" ]]; then
      echo "${line#"$name"}"
      return
    fi
  done <<<"$faults"
  return 1
}

must_be_a_fault() { value_of_fault "$1" || misused "\"$1\" is no fault; see: lab.sh fault --help"; }

set_fault() { # name, value
  local name=${1:-} value=${2:-} takes
  takes=$(must_be_a_fault "$name")
  case $takes in
    '') [[ -z $value ]] || misused "fault $name takes no value." ;;
    ' SECONDS') [[ $value =~ ^[0-9]{1,4}$ ]] || misused "fault $name needs a number of seconds." ;;
    *) [[ $value =~ ^([1-9][0-9]{0,3})?$ ]] || misused "fault $name takes a number of times, or nothing for each time." ;;
  esac
  (($# <= 2)) || misused "\"$3\" is one word too many; see --help."
  case $name in
    ssh-cut) cut_connections ;;
    ssh-down) mark_fault "$name"; end_sshd ;;
    host-key) mark_fault "$name"; swap_host_keys ;;
    dpkg-locked) mark_fault "$name"; lock_dpkg ;;
    power-off) mark_fault "$name"; stop_node "${node_name:?}" ;;
    *) mark_fault "$name" "$value" ;;
  esac
}

# Nothing is asked of a node that is off. The power comes first: the others are mended on a node that runs.
mend_faults() { # name, or nothing for all
  local name directory
  directory=$(node_dir "$node_name")/root/lab
  [[ -z ${1:-} ]] || must_be_a_fault "$1" >/dev/null
  for name in power-off "$directory"/*; do
    name=${name##*/}
    if [[ ! -f $directory/$name || ${1:-$name} != "$name" ]] || ! value_of_fault "$name" >/dev/null; then
      continue
    fi
    rm -- "$directory/$name"
    case $name in
      power-off) power_on "$node_name" ;;
      ssh-down) await_ssh "$node_name" ;;
      host-key) swap_host_keys ;;
      dpkg-locked) wait_until "dpkg of $node_name is free" dpkg_is_free ;;
    esac
  done
}

# The node's own programs look for these files.
mark_fault() { printf '%s' "${2:-}" >"$(node_dir "$node_name")/root/lab/$1"; }

wait_until() { # what, command...
  local what=$1 try
  shift
  for ((try = 0; try < 500; try++)); do
    "$@" && return
    sleep 0.02
  done
  fail "waited 10 s in vain until $what."
}

connections_are_gone() { ! on_node pgrep -f '^sshd: [^/]' >/dev/null; }
cut_connections() {
  on_node pkill -KILL -f '^sshd: [^/]' || true # there are none
  wait_until "the connections of $node_name are cut" connections_are_gone
}

sshd_is_gone() { ! on_node pgrep -x sshd >/dev/null; }
end_sshd() {
  on_node pkill -KILL -x sshd || true # it was gone
  wait_until "sshd of $node_name is gone" sshd_is_gone
}

swap_host_keys() {
  local key other
  key=$(node_dir "$node_name")/root/etc/ssh/ssh_host_ed25519_key
  other=$key.other
  [[ -f $other ]] || ssh-keygen -q -t ed25519 -N '' -C "$node_name" -f "$other"
  mv -- "$key" "$key.former"
  mv -- "$other" "$key"
  mv -- "$key.former" "$other"
  on_node pkill -KILL -x sshd || true # ssh-down: it comes back with the other key
  if [[ ! -f $(node_dir "$node_name")/root/lab/ssh-down ]]; then
    await_ssh "$node_name"
  fi
}

# dpkg takes its locks before it reads what to do, and keeps them as long as there is more to read.
lock_dpkg() {
  on_node bash -c 'while [[ -f /lab/dpkg-locked ]]; do sleep 0.1; done | dpkg --set-selections' </dev/null >/dev/null 2>&1 &
  disown
  wait_until "dpkg of $node_name is locked" dpkg_is_locked
}
# shellcheck disable=SC2016 # $pid is for the shell on the node
dpkg_is_locked() { on_node sh -c 'pid=$(pgrep -x dpkg) && grep -q " POSIX .* WRITE $pid " /proc/locks'; }
dpkg_is_free() { ! on_node pgrep -x dpkg >/dev/null; }
