#!/usr/bin/env bash
# Machines on this machine: each with its own root, processes, packages and sshd, and a loopback address. See README.md.
set -euo pipefail
umask 022 # a node's / and /home are not for root alone

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here
# Which 127.0.N.0/24 belongs to which lab. It goes with a reboot, as the labs do.
readonly claims=/run/stepper-node-lab
readonly user=wizard
# What tells a lab's directory from one that must not be deleted.
readonly mark=.stepper-node-lab
# What tells a lab's processes: all that `up` starts have it in their environment, with the lab's directory.
readonly variable=STEPPER_NODE_LAB

fail() { echo "lab.sh: $*" >&2; exit 1; }
misused() { echo "lab.sh: $*" >&2; exit 2; }

# shellcheck source=tests/node-lab/faults.sh
. "$here/faults.sh"

usage() {
  cat <<'HELP'
Machines on this machine, with real sshd, sudo and apt, and stand-ins of kubeadm, kubelet and kubectl.

  tests/node-lab/lab.sh build [--cache DIR]
  tests/node-lab/lab.sh up --dir DIR --nodes NAME:ROLE[:VERSION],... --version X.Y.Z [options]
  tests/node-lab/lab.sh exec --dir DIR --node NAME -- COMMAND...
  tests/node-lab/lab.sh reboot --dir DIR --node NAME
  tests/node-lab/lab.sh fault --dir DIR --node NAME FAULT [VALUE]
  tests/node-lab/lab.sh mend --dir DIR --node NAME [FAULT]
  tests/node-lab/lab.sh down --dir DIR | --abandoned

Each has its own --help. An example:

  tests/node-lab/lab.sh up --dir /tmp/lab --nodes k8s-master:master,k8s-node1:worker --version 1.34.2 | tee lab.json
  ssh -i /tmp/lab/id_ed25519 -o UserKnownHostsFile=/tmp/lab/known_hosts wizard@127.0.1.11 sudo kubeadm version -o short
  tests/node-lab/lab.sh down --dir /tmp/lab
HELP
}

usage_of() {
  case $1 in
    build) cat <<'HELP' ;;
lab.sh build [--cache DIR]

Builds the root and the repository that labs share, about a minute; at once when they are there. `up` does it too.
HELP
    up) cat <<'HELP' ;;
lab.sh up --dir DIR --nodes NAME:ROLE[:VERSION],... --version X.Y.Z [--owner PID] [--port P] [--repo-port P] [--cache DIR]

Starts a lab in DIR, which must not exist or be empty, and prints it as one JSON document (kept as DIR/lab.json).
ROLE is master or worker; the nodes are installed at VERSION, or else at --version, with their packages held.
It is up when sshd answers on each of its nodes, 1 to 200 of them; labs that were abandoned are taken down before.

  --owner PID      the lab is abandoned once this process is gone (never; one that is not up yet belongs to its `up`)
  --port P         sshd's port (22)
  --repo-port P    the repository's port (a free one)
  --cache DIR      what is built once (${XDG_CACHE_HOME:-$HOME/.cache}/stepper-node-lab)
HELP
    exec) cat <<'HELP' ;;
lab.sh exec --dir DIR --node NAME -- COMMAND...

Runs a command on a node as root, without ssh. Its exit code is the command's.
HELP
    reboot) cat <<'HELP' ;;
lab.sh reboot --dir DIR --node NAME

Cuts a node's power and starts it again: all its processes are gone, /run is empty, the boot id is another one.
HELP
    fault)
      cat <<'HELP'
lab.sh fault --dir DIR --node NAME FAULT [VALUE]

Lets something go wrong on a node; once it has begun, this ends. `lab.sh mend` ends it. TIMES: without a value each
time, else how many times still. The faults:

HELP
      list_faults
      ;;
    mend) cat <<'HELP' ;;
lab.sh mend --dir DIR --node NAME [FAULT]

Ends a fault of a node, or all of them; one that is not there is no error. See: lab.sh fault --help
HELP
    down) cat <<'HELP' ;;
lab.sh down --dir DIR
lab.sh down --abandoned

Ends a lab and leaves no trace of it: processes, mounts, addresses, files. Fine too when it is gone, or came up half.
With --abandoned: all labs of this machine whose owner, or whose `up`, is gone.
HELP
  esac
}

# --- processes --------------------------------------------------------------------------------------------------------

# Nothing for a process that is dead and only waits to be reaped, which may take its new parent a while.
start_time() { sed -n 's/^.*) \([^Z]\)/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20 || true; }

# A pid alone may be another process's by now; with its start time it is this one.
remember() { # pid, file
  echo "$1 $(start_time "$1")" >"$2.new"
  mv -- "$2.new" "$2"
}

living() { # file -> the pid, if that process still is there
  local pid started
  [[ -f $1 ]] || return 1
  read -r pid started <"$1" || return 1
  [[ -n $started && $(start_time "$pid") == "$started" ]] && echo "$pid"
}

# All that a lab started, noted or not: its `up` may have been killed before it could note anything.
processes_of_lab() { # its directory
  grep -lzsxF -- "$variable=$1" /proc/[0-9]*/environ | cut -d/ -f3 || true
}

kill_lab() { # its directory
  local pids try
  for ((try = 0; try < 200; try++)); do
    pids=$(processes_of_lab "$1")
    [[ -n $pids ]] || return 0
    # shellcheck disable=SC2086 # a word each
    kill -KILL $pids 2>/dev/null || true # some have ended by themselves meanwhile
    sleep 0.05
  done
  fail "processes that do not end: ${pids//$'\n'/ }"
}

# --- nodes ------------------------------------------------------------------------------------------------------------

node_dir() { echo "$dir/nodes/$1"; }

overlay() { # lower directories, upper, mount point
  mkdir -p -- "$2" "$2.work" "$3"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$2.work" "$3" ||
    fail "overlayfs does not work in $dir (is it itself on an overlay?). Give a --dir on another file system."
}

start_node() { # name
  local node
  node=$(node_dir "$1")
  # With its first process gone the kernel ends every process of the node. It is that process's parent that is started
  # here, and takes it along when it dies. No mount of this machine stays in the node's sight: it would outlive its umount.
  # shellcheck disable=SC2016 # $1 is for the shell that is started
  setsid unshare --mount --uts --ipc --pid --fork --kill-child -- \
    bash -ec 'cd -- "$1"; pivot_root . lab/machine; exec /lab/init' enter "$node/root" </dev/null >>"$node/console.log" 2>&1 &
  remember $! "$node/pid"
  disown
}

stop_node() { # name
  local parent init
  parent=$(living "$(node_dir "$1")/pid") || return 0
  init=$(init_of "$1") || init=$parent
  kill -KILL "$parent"
  while [[ -n $(start_time "$parent")$(start_time "$init") ]]; do sleep 0.02; done
}

init_of() { # name -> the pid, seen from here, of the node's first process
  local parent
  parent=$(living "$(node_dir "$1")/pid") || return 1
  cut -d' ' -f1 "/proc/$parent/task/$parent/children"
}

await_ssh() { # name
  local node address try
  node=$(node_dir "$1")
  address=$(cat "$node/root/lab/address")
  for ((try = 0; try < 200; try++)); do
    if (: <"/dev/tcp/$address/$port") 2>/dev/null; then
      return 0
    fi
    living "$node/pid" >/dev/null || break
    sleep 0.05
  done
  fail "node $1 does not answer on $address:$port. Its console: $(tail -n 5 "$node/console.log")"
}

# --- up ---------------------------------------------------------------------------------------------------------------

claim_network() {
  local third
  for ((third = 1; third < 255; third++)); do
    # Whoever listens there has claimed nothing, but would answer in a node's place.
    if [[ -n $(awk -v net="$(printf '%02X007F' "$third")" 'substr($2, 3, 6) == net && $4 == "0A"' /proc/net/tcp) ]]; then
      continue
    fi
    mkdir -p -- "$claims" # it goes with the last lab
    if ln -s -T -- "$dir" "$claims/$third" 2>/dev/null; then
      network=127.0.$third
      return
    fi
  done
  fail "all of 127.0.1.0 to 127.0.254.0 belong to labs (see $claims)."
}

start_repository() {
  local try
  # A copy, so that a test may take a file away.
  cp -a -- "$built_repository" "$dir/repository"
  setsid python3 "$here/repository.py" --address "$network.1" --port "$repo_port" --files "$dir/repository" \
    --port-file "$dir/repository.port" </dev/null >>"$dir/repository.log" 2>&1 &
  remember $! "$dir/repository.pid"
  disown
  for ((try = 0; try < 200; try++)); do
    if [[ -f $dir/repository.port ]]; then
      site=http://$network.1:$(cat "$dir/repository.port")
      return
    fi
    living "$dir/repository.pid" >/dev/null || break
    sleep 0.05
  done
  fail "the repository did not start: $(tail -n 3 "$dir/repository.log")"
}

# What all nodes of one version have in common is installed once, and is the layer under each of them.
install_layer() { # X.Y.Z
  local root=$dir/layers/$1.root layer=$dir/layers/$1 minor=${1%.*}
  local keyring=/etc/apt/keyrings/kubernetes-apt-keyring.gpg base=$site/core:/stable:
  [[ -d $dir/repository/repositories/isv:/kubernetes:/core:/stable:/v$minor ]] ||
    fail "--version is \"$1\"; the lab's repository has no v$minor."
  mkdir -p -- "$dir/layers"
  overlay "$built_root" "$layer" "$root"
  mkdir -p -- "$root"/lab/{cluster,machine} "$root"/var/lib/kubelet "$root"/etc/kubernetes/{manifests,tmp} "$root/etc/apt/keyrings"
  # Two files, as on a real node, where another vendor signs each of them.
  gpg --batch --quiet --dearmor <"$dir/repository/containerd/Release.key" | tee -- "$root$keyring" >"$root/etc/apt/keyrings/docker.gpg"
  echo "deb [signed-by=$keyring] $base/v$minor/deb/ /" >"$root/etc/apt/sources.list.d/kubernetes.list"
  echo "deb [signed-by=/etc/apt/keyrings/docker.gpg] $site/containerd/ /" >"$root/etc/apt/sources.list.d/docker.list"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
  echo 'kind: KubeletConfiguration' >"$root/var/lib/kubelet/config.yaml"
  install -m 0755 -- "$here/node/init" "$root/lab/init"
  install -m 0755 -- "$here/node/systemctl" "$root/usr/bin/systemctl"
  install -m 0755 -- "$here/node/curl" "$root/usr/local/bin/curl"
  chroot "$root" useradd --create-home --shell /bin/bash --password '*' "$user"
  install -d -m 0700 -- "$root/home/$user/.ssh"
  install -m 0600 -- "$dir/id_ed25519.pub" "$root/home/$user/.ssh/authorized_keys"
  chroot "$root" chown -R "$user:" "/home/$user/.ssh"
  install -m 0440 -- /dev/stdin "$root/etc/sudoers.d/$user" <<<"$user ALL=(ALL) NOPASSWD:ALL"
  # shellcheck disable=SC2016 # $1 is for the shell on the node
  chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C bash -ec '
    apt-get -q update
    apt-get -q -y install "kubeadm=$1-*" "kubelet=$1-*" "kubectl=$1-*" containerd.io=1.7.29-1
    apt-mark hold kubeadm kubelet kubectl containerd.io
    apt-get clean' install "$1" </dev/null >"$dir/layers/$1.log" 2>&1 ||
    fail "$1 could not be installed: $(tail -n 3 "$dir/layers/$1.log")"
  umount -- "$root"
}

make_node() { # name, role, X.Y.Z, address
  local node root
  node=$(node_dir "$1")
  root=$node/root
  overlay "$dir/layers/$3:$built_root" "$node/upper" "$root"
  echo "$1" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "$4" "$1" >"$root/etc/hosts"
  echo "$4" >"$root/lab/address"
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$root/etc/ssh/ssh_host_ed25519_key"
  cat >"$root/etc/ssh/sshd_config" <<CONFIG
ListenAddress $4
Port $port
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
# The stages of a preflight connect to all nodes at once.
MaxStartups 100
UseDNS no
UsePAM no
Subsystem sftp internal-sftp
CONFIG
  # What the nodes share stands for the cluster's own configuration.
  mount --bind -- "$dir/cluster" "$root/lab/cluster"
  if [[ $2 == master ]]; then
    chroot "$root" kubeadm init phase control-plane
    # The oldest control-plane node says what the cluster is at: an upgrade that stopped half-way has not written it.
    printf '%s\n' "$3" "$(cat "$dir/cluster/kubernetes-version" 2>/dev/null || echo "$3")" | sort -V | head -n 1 >"$dir/cluster/version.new"
    mv -- "$dir/cluster/version.new" "$dir/cluster/kubernetes-version"
  fi
  start_node "$1"
}

known_host() { # address, node's root
  local host=$1
  ((port == 22)) || host="[$1]:$port"
  echo "$host $(cut -d' ' -f1,2 "$2/etc/ssh/ssh_host_ed25519_key.pub")"
}

describe() {
  local spec name role separator='' address
  printf '{\n  "dir": "%s",\n  "user": "%s",\n  "privateKeyFile": "%s",\n' "$dir" "$user" "$dir/id_ed25519"
  printf '  "knownHosts": "%s",\n' "$(sed 's/$/\\n/' "$dir/known_hosts" | tr -d '\n')"
  printf '  "repository": "%s",\n  "nodes": [' "$site/core:/stable:"
  for spec in "${specs[@]}"; do
    IFS=: read -r name role _ <<<"$spec"
    address=$(cat "$(node_dir "$name")/root/lab/address")
    printf '%s\n    { "name": "%s", "role": "%s", "address": "%s", "port": %d, "root": "%s" }' \
      "$separator" "$name" "$role" "$address" "$port" "$(node_dir "$name")/root"
    separator=,
  done
  printf '\n  ]\n}\n'
}

check_specs() {
  local spec name seen=','
  ((${#specs[@]} > 0 && ${#specs[@]} <= 200)) || misused '--nodes needs 1 to 200 nodes such as k8s-master:master,k8s-node1:worker.'
  for spec in "${specs[@]}"; do
    [[ $spec =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?:(master|worker)(:[0-9]+\.[0-9]+\.[0-9]+)?$ ]] ||
      misused "--nodes has \"$spec\"; NAME:ROLE or NAME:ROLE:VERSION is needed, such as k8s-node1:worker:1.34.7."
    name=${spec%%:*}
    [[ $seen != *,$name,* ]] || misused "--nodes has \"$name\" twice."
    seen+=$name,
  done
}

leave_nothing_half() {
  local code=$?
  trap - EXIT
  export -n "${variable?}" # what takes it down is not to be ended with it
  [[ -f $dir/lab.json ]] || down
  exit "$code"
}

up() {
  local spec name role own number=10 versions=''
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || misused "--version is \"$version\"; a release such as 1.34.2 is needed."
  check_specs
  for number in "$port" "$repo_port"; do
    [[ $number =~ ^[0-9]{1,5}$ ]] || misused "a port is \"$number\"; a number is needed."
  done
  [[ -z $owner || -n $(start_time "$owner") ]] || misused "--owner is \"$owner\", which is no process."
  take_down_abandoned
  # Nor is one in the way that nobody claims any more: this machine was started again.
  if [[ -e $dir/$mark ]] && is_abandoned "$dir"; then
    down
  fi
  [[ ! -e $dir || -z $(ls -A -- "$dir") ]] || misused "--dir is \"$dir\", which is not empty; is a lab there? See: lab.sh down --help"
  built=$("$here/build.sh" "${build_options[@]}")
  { read -r built_root; read -r built_repository; } <<<"$built"

  mkdir -p -- "$dir"
  : >"$dir/$mark"
  remember $$ "$dir/up.pid"
  mkdir -- "$dir/nodes" "$dir/cluster"
  chmod 0755 -- "$dir"
  export "$variable=$dir"
  trap leave_nothing_half EXIT
  trap 'exit 143' TERM
  claim_network
  ssh-keygen -q -t ed25519 -N '' -C "$user" -f "$dir/id_ed25519"
  start_repository

  number=10
  for spec in "${specs[@]}"; do
    IFS=: read -r name role own <<<"$spec"
    own=${own:-$version}
    [[ $versions == *" $own "* ]] || { install_layer "$own"; versions+=" $own "; }
    make_node "$name" "$role" "$own" "$network.$((++number))"
  done
  [[ -f $dir/cluster/kubernetes-version ]] || echo "$version" >"$dir/cluster/kubernetes-version"
  for spec in "${specs[@]}"; do
    name=${spec%%:*}
    await_ssh "$name"
    known_host "$(cat "$(node_dir "$name")/root/lab/address")" "$(node_dir "$name")/root" >>"$dir/known_hosts"
  done
  [[ -z $owner ]] || remember "$owner" "$dir/owner"
  describe >"$dir/lab.json.new"
  mv -- "$dir/lab.json.new" "$dir/lab.json"
  cat -- "$dir/lab.json"
}

# --- the other commands -----------------------------------------------------------------------------------------------

need_node() {
  [[ -n $node_name && -d $(node_dir "$node_name") ]] ||
    misused "--node is \"$node_name\"; the lab in $dir has: $(cd -- "$dir/nodes" 2>/dev/null && echo *)"
}

on_node() { # command... on the node that was asked for, as root
  local init
  init=$(init_of "$node_name") || fail "$node_name does not run."
  nsenter --target "$init" --mount --uts --ipc --pid --root -- env -i -C / \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" "$@"
}

power_on() { # name
  local root
  root=$(node_dir "$1")/root
  rm -rf -- "$root"/run/*
  port=$(sed -n 's/^Port //p' "$root/etc/ssh/sshd_config")
  export "$variable=$dir"
  start_node "$1"
  await_ssh "$1"
}

# --- down -------------------------------------------------------------------------------------------------------------

# Mounts are found by what the kernel says and not by what was noted: a lab that came up half goes as well.
mounts_below() { awk -v below="$dir/" 'index($2, below) == 1 { print $2 }' /proc/mounts | tac; }

down() {
  local pid mounts claim try
  [[ ! -e $dir || -e $dir/$mark ]] || misused "--dir is \"$dir\", which is no lab; it was left alone."
  # Its own `up`, when that still works on it.
  if pid=$(living "$dir/up.pid") && ((pid != $$)); then
    kill -KILL "$pid"
  fi
  kill_lab "$dir"
  for ((try = 0; try < 100; try++)); do
    mapfile -t mounts < <(mounts_below)
    ((${#mounts[@]} > 0)) || break
    umount -- "${mounts[@]}" 2>/dev/null || sleep 0.05 # still busy: the next round says so
  done
  [[ -z $(mounts_below) ]] || fail "still in use: $(mounts_below | tr '\n' ' ')"
  if [[ -e $dir ]]; then
    # The mark last: what is ended here in the middle is a lab still.
    find "$dir" -mindepth 1 -maxdepth 1 ! -name "$mark" -exec rm -rf --one-file-system -- {} +
    rm -rf --one-file-system -- "$dir"
  fi
  for claim in "$claims"/*; do
    if [[ $(readlink -- "$claim") == "$dir" ]]; then
      rm -f -- "$claim"
    fi
  done
  rmdir -- "$claims" 2>/dev/null || true # other labs are there
}

# A lab that is not up is its `up`'s, and then its owner's. One without an owner is a person's.
is_abandoned() { # its directory
  if [[ -f $1/lab.json ]]; then
    [[ -f $1/owner && -z $(living "$1/owner") ]]
  else
    [[ -f $1/up.pid && -z $(living "$1/up.pid") ]]
  fi
}

take_down_abandoned() {
  local claim abandoned
  # One at a time on this machine; nothing is left of a lock that a directory bears.
  (
    flock 8
    for claim in "$claims"/*; do
      abandoned=$(readlink -- "$claim") || continue
      is_abandoned "$abandoned" || continue
      (dir=$abandoned; down) 8<&- || exit 1
    done
  ) 8</run
}

# --- command line -----------------------------------------------------------------------------------------------------

dir='' node_name='' version='' owner='' abandoned=no words=() port=22 repo_port=0 specs=() command=() build_options=()
verb=${1:-}
case $verb in
  --help) usage; exit 0 ;;
  build | up | exec | reboot | fault | mend | down) shift ;;
  *) misused "\"$verb\" is no command; see --help." ;;
esac
while (($# > 0)); do
  case $1 in
    --help) usage_of "$verb"; exit 0 ;;
    --) shift; command=("$@"); break ;;
    --abandoned) abandoned=yes; shift; continue ;;
    --dir | --nodes | --node | --version | --owner | --port | --repo-port | --cache) ;;
    *)
      [[ $verb =~ ^(fault|mend)$ && $1 != -* ]] || misused "\"$1\" is no option; see --help."
      words+=("$1")
      shift
      continue
      ;;
  esac
  (($# > 1)) || misused "$1 needs a value; see --help."
  case $1 in
    --dir) dir=$2 ;;
    --nodes) IFS=, read -ra specs <<<"$2" ;;
    --node) node_name=$2 ;;
    --version) version=$2 ;;
    --owner) owner=$2 ;;
    --port) port=$2 ;;
    --repo-port) repo_port=$2 ;;
    --cache) build_options=(--cache "$2") ;;
  esac
  shift 2
done
((EUID == 0)) || fail 'this must run as root; put sudo before it.'
if [[ $verb == build ]]; then
  exec "$here/build.sh" "${build_options[@]}"
fi
if [[ $verb == down && $abandoned == yes ]]; then
  take_down_abandoned
  exit
fi
# Overlay options and JSON take the path as it is, and all of it is deleted in the end.
[[ -n $dir ]] && dir=$(realpath -m -- "$dir")
[[ $dir =~ ^(/[A-Za-z0-9._-]+){2,}$ ]] || misused "--dir is \"$dir\"; a path of letters, digits, \".\", \"_\" and \"-\", two levels deep at least, is needed."
case $verb in
  up) up ;;
  exec)
    need_node
    ((${#command[@]} > 0)) || misused 'exec needs a command after --; see --help.'
    on_node "${command[@]}"
    ;;
  reboot) need_node; stop_node "$node_name"; power_on "$node_name" ;;
  fault) need_node; set_fault "${words[@]}" ;;
  mend) need_node; mend_faults "${words[@]}" ;;
  down) down ;;
esac
