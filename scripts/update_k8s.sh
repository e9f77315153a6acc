#!/usr/bin/env bash
# What an upgrade does on one node: the package source of the target's minor, kubeadm, the static pods or the node's
# configuration, kubelet and kubectl. A rerun does only what is left. `stepper` starts it over SSH; it runs by hand too.
set -euo pipefail
export LC_ALL=C # answers of dpkg, apt and kubeadm are read
umask 022       # apt reads the key and the list as a user of its own
# What sudo or cron leave of it may lack the tools of an administrator; dpkg refuses to work without.
export PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none

readonly packages=(kubeadm kubelet kubectl)
readonly source_list=/etc/apt/sources.list.d/kubernetes.list
readonly keyring=/etc/apt/keyrings/kubernetes-apt-keyring.gpg
readonly manifests=/etc/kubernetes/manifests
readonly state=/var/lib/stepper
readonly versions_before=$state/versions-before.json
readonly dpkg_journal=/var/lib/dpkg/updates
readonly lock_file=/run/stepper-update_k8s.lock
readonly tries=3
readonly tries_while_locked=11 # unattended upgrades take minutes
readonly pause=${STEPPER_RETRY_SECONDS:-30}

role='' release='' first=no only='' repository=https://pkgs.k8s.io/core:/stable:
ignored_errors='' skipped_phases='' patches=''

usage() {
  cat <<'HELP'
Upgrades Kubernetes on this node. Needs root, and a node made by kubeadm on Debian or Ubuntu.

  update_k8s.sh --role master --first --release 1.34.7    the first control-plane node: kubeadm upgrade plan, apply
  update_k8s.sh --role master --release 1.34.7            each other control-plane node: kubeadm upgrade node
  update_k8s.sh --role worker --release 1.34.7            each worker: kubeadm upgrade node

Options:
  --role master|worker             what the node is
  --release X.Y.Z                  the version to reach: the same minor or the next one, never a lower version
  --first                          with --role master: the node that upgrades the cluster's configuration
  --only source|control-plane      stop early: after the package source is set, or before kubelet and kubectl
  --repository BASE                packages come from BASE/vX.Y/deb (https://pkgs.k8s.io/core:/stable:)
  --ignore-preflight-errors A,B    for kubeadm; "all" is refused
  --skip-phases A,B                for kubeadm; a phase that its command does not know is left out, and said
  --patches DIR                    for kubeadm; a directory on this node
  --help                           this text

Environment:
  STEPPER_RETRY_SECONDS            pause between two tries of kubeadm, or of the hold (30)

Progress is a line "stage: NAME" each: source, kubeadm, plan, apply or node, kubelet, hold, restart, done.
The versions before are kept in /var/lib/stepper/versions-before.json. kubeadm, kubelet and kubectl are held
again on every way out. Drain the node before, uncordon it after.

A run that was killed leaves its packages released perhaps: the next run holds them before all else.

Exit codes: 0 done, 1 failed (run it again once the cause is gone), 2 refused (a rerun changes nothing).
HELP
}

say() { printf '%s\n' "$*"; }
stage() { say "stage: $1"; }
fail() { printf 'update_k8s.sh: %s\n' "$*" >&2; exit 1; }
refuse() { printf 'update_k8s.sh: %s\n' "$*" >&2; exit 2; }

# --- what was asked for -----------------------------------------------------------------------------------------------

read_options() {
  while (($# > 0)); do
    case $1 in
      --help) usage; exit 0 ;;
      --first) first=yes; shift; continue ;;
      --role | --release | --only | --repository | --ignore-preflight-errors | --skip-phases | --patches) ;;
      *) refuse "\"$1\" is no option; see --help." ;;
    esac
    (($# > 1)) || refuse "$1 needs a value; see --help."
    case $1 in
      --role) role=$2 ;;
      --release) release=$2 ;;
      --only) only=$2 ;;
      --repository) repository=$2 ;;
      --ignore-preflight-errors) ignored_errors=$2 ;;
      --skip-phases) skipped_phases=$2 ;;
      --patches) patches=$2 ;;
    esac
    shift 2
  done
}

must_match() { # option, value, pattern, what is right
  [[ $2 =~ $3 ]] || refuse "$1 is \"$2\"; $4 is needed."
}

check_options() {
  local number='(0|[1-9][0-9]{0,3})' word='[A-Za-z0-9][A-Za-z0-9_./-]*'
  must_match --role "$role" '^(master|worker)$' 'master or worker'
  must_match --release "$release" "^$number\.$number\.$number$" 'a release such as 1.34.7'
  must_match --only "$only" '^(|source|control-plane)$' 'source or control-plane'
  must_match --repository "$repository" '^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~:+-]+)*$' \
    'an http or https address without a slash at its end, such as https://pkgs.k8s.io/core:/stable:,'
  must_match --ignore-preflight-errors "$ignored_errors" "^($word(,$word)*)?$" 'a list such as CoreDNSUnsupportedPlugins,Swap'
  must_match --skip-phases "$skipped_phases" "^($word(,$word)*)?$" 'a list such as addon/coredns,addon/kube-proxy'
  must_match --patches "$patches" '^(/[A-Za-z0-9._-]+)*$' 'an absolute path of letters, digits, ".", "_" and "-"'
  must_match STEPPER_RETRY_SECONDS "$pause" '^[0-9]{1,4}$' 'a number of seconds'
  if [[ ,${ignored_errors,,}, == *,all,* ]]; then
    refuse "--ignore-preflight-errors is \"$ignored_errors\"; name the errors, \"all\" would hide those that matter."
  fi
  if [[ $first == yes && $role != master ]]; then
    refuse "--first is for a control-plane node; --role is \"$role\"."
  fi
  if [[ $only == control-plane && $role != master ]]; then
    refuse "--only control-plane is for a control-plane node; --role is \"$role\"."
  fi
}

check_node() {
  ((EUID == 0)) || refuse 'this must run as root; put sudo before it.'
  local tool
  for tool in apt-get dpkg-query apt-mark curl gpg systemctl flock; do
    command -v "$tool" >/dev/null || refuse "$tool is not on this node; a Debian or Ubuntu node with curl and gpg is needed."
  done
}

check_role() {
  [[ -z $patches || -d $patches ]] || refuse "--patches is \"$patches\"; there is no such directory on this node."
  [[ $role == worker || -f $manifests/kube-apiserver.yaml ]] ||
    refuse "--role is master, but $manifests/kube-apiserver.yaml is not there; is this a worker?"
}

# --- running things so that a signal finds the node in a known state --------------------------------------------------

child='' child_may_be_stopped=no scratch='' output='' must_hold=no

# bash runs a trap only when the foreground command is over. So what takes long runs in the background and is waited
# for. kubeadm is passed the signal; apt and dpkg are let finish, since a half-unpacked package helps nobody.
# What it says is shown as it comes, and kept in $output to be looked at.
supervise() { # may it be stopped: yes|no, command...
  child_may_be_stopped=$1
  shift
  local pipe=$scratch/pipe reader code=0
  # Both ends are open before either is used: whoever opens one alone waits for the other, for ever if this run is killed just then.
  exec 7<>"$pipe"
  exec 6<"$pipe"
  # setsid: a terminal that hangs up, or Ctrl-C, would otherwise reach dpkg behind our back. tee -p, and what reads on after
  # it: nor must the end of whoever reads our output, or of the room on the disk, be the end of dpkg.
  # shellcheck disable=SC2016 # $1 is for the shell that reads
  setsid sh -c 'tee -p -- "$1"; exec cat >/dev/null' reader "$output" <&6 6<&- 7>&- 8>&- &
  reader=$!
  setsid "$@" </dev/null >&7 2>&1 6<&- 7>&- &
  child=$!
  exec 6<&- 7>&-
  wait "$child" || code=$?
  child=''
  wait "$reader" || true # it only shows
  return "$code"
}

# A pause that a signal ends.
let_pass() { # seconds
  child_may_be_stopped=yes
  setsid sleep "$1" &
  child=$!
  wait "$child" || true
  child=''
}

stopped_by() { # signal, its number
  trap '' TERM INT HUP PIPE
  printf 'update_k8s.sh: stopped by SIG%s; holding the packages again.\n' "$1" >&2 || true # nobody may be there to read it
  if [[ -n $child ]]; then
    [[ $child_may_be_stopped == no ]] || kill -TERM -- "-$child" 2>/dev/null || true # it may have ended by itself
    wait "$child" || true # how it ended no longer matters
  fi
  exit $((128 + $2))
}

leave() {
  local code=$?
  trap '' TERM INT HUP PIPE
  trap - EXIT
  if [[ $must_hold == yes ]]; then
    hold_packages || code=1
  fi
  [[ -z $scratch ]] || rm -rf -- "$scratch"
  exit "$code"
}

start_supervision() {
  mkdir -p -- "$state"
  # The lock goes on with what this script starts: a kubeadm that outlived a killed run keeps the next one away. So does what
  # was open here before: 9 is where stepper's own lock is.
  exec 8>"$lock_file"
  flock -n 8 || fail "another run works on this node ($lock_file is locked). Wait until it is over, then run this again."
  # Where nobody else can put anything, and found again when a run was killed.
  rm -rf -- "$state/scratch"
  mkdir -m 0700 -- "$state/scratch"
  scratch=$state/scratch
  output=$scratch/output
  mkfifo -- "$scratch/pipe"
  must_hold=yes
  trap leave EXIT
  trap 'stopped_by TERM 15' TERM
  trap 'stopped_by INT 2' INT
  trap 'stopped_by HUP 1' HUP
  trap 'stopped_by PIPE 13' PIPE
  exec </dev/null # nothing here may wait for an answer
}

is_locked() { # what apt or dpkg said
  grep -Eq 'Could not get lock|Unable to (lock|acquire)|was locked by another process' <<<"$1"
}

say_locked() { say "another apt or dpkg is at work on this node (its words are above); try $(($1 + 1)) of $tries_while_locked in ${pause}s"; }

# Not by apt's own DPkg::Lock::Timeout: it is silent, and update and apt-mark do not know it.
when_unlocked() { # command...
  local try
  for ((try = 1; ; try++)); do
    if supervise no "$@"; then
      return 0
    fi
    if ((try == tries_while_locked)) || ! is_locked "$(cat -- "$output")"; then
      return 1
    fi
    say_locked "$try"
    let_pass "$pause"
  done
}

apt_get() {
  when_unlocked apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# --- versions ---------------------------------------------------------------------------------------------------------

installed() { # package -> its version, or nothing
  local said
  # The state is asked for too: a removed package with leftover configuration still has a version.
  said=$(dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$1" 2>/dev/null) || true
  if [[ $said =~ ^.[iFUHWt].(.+)$ ]]; then
    printf '%s\n' "${BASH_REMATCH[1]}"
  fi
}

image_tag() { # component -> the tag of its static pod's image, or nothing
  sed -n "/^ *image: .*\/$1:/{s/^ *image: *\"\{0,1\}[^\" ]*\/$1:\([^\" ]*\)\"\{0,1\} *$/\1/p;q}" "$manifests/$1.yaml" 2>/dev/null || true
}

manifest_version() { # component -> X.Y.Z of its static pod's image, or nothing
  local tag
  tag=$(image_tag "$1")
  if [[ $tag =~ ^v([0-9.]+) ]]; then
    printf '%s\n' "${BASH_REMATCH[1]}"
  fi
}

at_release() { [[ $(installed "$1") == "$release"-* && $(dpkg-query -W -f '${db:Status-Status}' "$1") == installed ]]; }

static_pods_at_release() {
  local component
  for component in kube-apiserver kube-controller-manager kube-scheduler; do
    [[ $(manifest_version "$component") == "$release" ]] || return 1
  done
}

# Sets "number": a release as one number, so that 1.34.10 is newer than 1.34.9.
number=0
as_number() {
  local major minor patch
  IFS=. read -r major minor patch <<<"${1%%-*}"
  number=$((major * 100000000 + minor * 10000 + patch))
}

refuse_a_jump() { # what it is, its version
  local is
  as_number "$2"
  is=$number
  as_number "$release"
  if ((is > number)); then
    refuse "$1 is at $2, which is newer than $release; a downgrade is not supported. Ask for that or a newer one."
  fi
  if ((number / 10000 > is / 10000 + 1)); then
    refuse "$1 is at $2; $release would jump over a minor. Go to the newest release of the minor between them first."
  fi
}

check_versions() {
  local package version
  for package in kubeadm kubelet; do
    version=$(installed "$package")
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+- ]] ||
      refuse "$package is not installed from a Kubernetes package here (its version is \"$version\"); this node is not one that apt upgrades."
    refuse_a_jump "$package" "$version"
  done
  if [[ $role == master ]]; then
    version=$(manifest_version kube-apiserver)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
      refuse "the image in $manifests/kube-apiserver.yaml names no version such as v$release; look at it, then run this again."
    refuse_a_jump "the API server" "$version"
  fi
}

record_versions() {
  local older='' package line
  if [[ -f $versions_before ]]; then
    if grep -q "^\"$release\":" "$versions_before"; then
      return
    fi
    older=$(grep '^"' "$versions_before" || true)
  fi
  line="\"$release\": {\"time\": \"$(date -u +%Y-%m-%dT%H:%M:%SZ)\""
  for package in "${packages[@]}" containerd.io containerd; do
    line+=", \"$package\": \"$(installed "$package")\""
  done
  # One line per release: this script reads it back without a JSON parser.
  {
    echo '{'
    [[ -z $older ]] || printf '%s,\n' "${older%,}"
    printf '%s}\n}\n' "$line"
  } >"$versions_before.new"
  mv -- "$versions_before.new" "$versions_before"
}

# --- stages -----------------------------------------------------------------------------------------------------------

replace_if_different() { # new file, file
  if cmp -s -- "$1" "$2"; then
    return
  fi
  mkdir -p -- "$(dirname -- "$2")"
  install -m 0644 -- "$1" "$2.new"
  mv -- "$2.new" "$2"
  say "$2 written"
}

set_source() {
  stage source
  local minor=${release%.*} address
  address=$repository/v$minor/deb
  supervise yes curl -fsSL --proto '=http,https' --retry 3 --max-time 60 -o "$scratch/Release.key" -- "$address/Release.key" ||
    fail "the key $address/Release.key could not be fetched (curl's words are above). Check that this node reaches the repository and that it has v$minor."
  GNUPGHOME=$scratch gpg --batch --yes --quiet --dearmor --output "$scratch/keyring.gpg" "$scratch/Release.key" ||
    fail "what $address/Release.key answered is no key. Check --repository."
  echo "deb [signed-by=$keyring] $address/ /" >"$scratch/kubernetes.list"
  replace_if_different "$scratch/keyring.gpg" "$keyring"
  replace_if_different "$scratch/kubernetes.list" "$source_list"
  # Only this list: a broken third-party source of the node must not stop the upgrade. By itself apt-get update takes
  # a list that can't be fetched for a warning.
  apt_get update -o Dir::Etc::sourcelist="$source_list" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 \
    -o APT::Update::Error-Mode=any ||
    fail "the package list of $address could not be refreshed (apt's words are above). Check that this node reaches it."
}

candidate() { # package -> the exact version to install
  apt-cache madison "$1" | awk -F ' *\\| *' -v release="$release-" 'index($2, release) == 1 { print $2; exit }'
}

install_packages() {
  local package version wanted=()
  for package in "$@"; do
    if at_release "$package"; then
      say "$package is at $(installed "$package") already"
      continue
    fi
    version=$(candidate "$package")
    [[ -n $version ]] || fail "$repository has no $package $release. Nothing was installed. Look at: apt-cache madison $package"
    wanted+=("$package=$version")
  done
  ((${#wanted[@]} > 0)) || return 0
  # Also where all packages are well: apt refuses to work while dpkg's journal is there.
  if [[ -n $(dpkg --audit) || -n $(ls -A "$dpkg_journal" 2>/dev/null) ]]; then
    say 'dpkg was interrupted before; finishing that first'
    when_unlocked dpkg --force-confdef --force-confold --configure -a ||
      fail 'dpkg --configure -a failed (its words are above). Mend that by hand, then run this again.'
  fi
  must_hold=yes
  when_unlocked apt-mark unhold "${wanted[@]%%=*}" || fail "${wanted[*]%%=*} could not be released from hold (apt's words are above). Run this again."
  # The hold comes back at once and not at the end: kubeadm's part takes minutes, in which nothing else may touch them.
  # (apt-get --allow-change-held-packages drops the hold just the same.)
  if apt_get install --no-install-recommends --no-remove "${wanted[@]}"; then
    hold_packages || exit 1
    return
  fi
  fail "${wanted[*]} could not be installed (apt's words are above). The packages are held again; mend the cause, then run this again."
}

hold_packages() {
  local try said listed status package present=() code=0
  listed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2>/dev/null) || code=$?
  # kubectl need not have been on the node: dpkg-query says 1 when one of them is unknown to it. Anything else says nothing
  # about what is installed, and then all of them are held.
  if ((code > 1)); then
    present=("${packages[@]}")
  else
    while read -r status package; do
      [[ $status != ?[iFUHWt]* ]] || present+=("$package")
    done <<<"$listed"
  fi
  if ((${#present[@]} == 0)); then
    must_hold=no
    return 0
  fi
  for ((try = 1; ; try++)); do
    # Not by a file: this must work on a disk that is full.
    if said=$(apt-mark hold "${present[@]}" 2>&1); then
      must_hold=no
      return 0
    fi
    printf '%s\n' "$said"
    if is_locked "$said"; then
      ((try < tries_while_locked)) || break
      say_locked "$try"
    else
      ((try < tries)) || break
      say "the packages could not be held; another try in ${pause}s"
    fi
    sleep "$pause"
  done
  printf 'update_k8s.sh: %s are NOT held. Run: apt-mark hold %s\n' "${present[*]}" "${present[*]}" >&2
  return 1
}

kubeadm_options=()

# $1 is kubeadm's command. A phase that it does not know would end it, and the commands do not know the same ones.
gather_kubeadm_options() {
  kubeadm_options=()
  if [[ -n $ignored_errors ]]; then
    kubeadm_options+=("--ignore-preflight-errors=$ignored_errors")
  fi
  if [[ $1 == plan ]]; then
    return
  fi
  if [[ -n $patches ]]; then
    kubeadm_options+=("--patches=$patches")
  fi
  local help phase known='' asked=()
  help=$(kubeadm upgrade "$1" --help)
  IFS=, read -ra asked <<<"$skipped_phases"
  for phase in "${asked[@]}"; do
    if phases_in "$help" | grep -qxF -- "$phase"; then
      known+=${known:+,}$phase
    else
      say "kubeadm upgrade $1 knows no phase \"$phase\"; left out"
    fi
  done
  if [[ -n $known ]]; then
    kubeadm_options+=("--skip-phases=$known")
  fi
}

phases_in() { # the help text of a kubeadm command -> its phases, a line each
  # Sub-phases stand under their phase, indented, as /name.
  awk '/^```/ { inside = !inside; next }
    inside && /^[a-z]/ { phase = $1; print phase }
    inside && /^ +\// { print phase $1 }' <<<"$1"
}

# Of a plan, or of the checks before the work: what failed is nothing but what is known to pass by itself, the Job by which
# kubeadm sees whether the cluster takes work, or an API server or an etcd that did not answer in time. All that is named must
# be of that.
may_pass() {
  local failed
  local no_answer='connection refused|connection reset by peer|i/o timeout|TLS handshake timeout|context deadline exceeded'
  no_answer+='|Client\.Timeout exceeded|client connection lost|unexpected EOF|: EOF$|timed out|currently unable to handle the request'
  no_answer+='|apiserver not ready|etcdserver: |object is being deleted'
  # The checks that failed, else the error: 1.31 does not begin it with a word of its own.
  failed=$(grep $'^\t\\[ERROR ' "$output") || failed=$(grep -E '^error: |FATAL: ' "$output" | tail -n 1 | grep .) ||
    failed=$(grep -B 1 '^To see the stack trace of this error' "$output" | head -n 1)
  [[ -n $failed ]] && ! grep -Eqv $'^\t\\[ERROR CreateJob\\]|'"$no_answer" <<<"$failed"
}

plan() {
  stage plan
  gather_kubeadm_options plan
  local try
  for ((try = 1; ; try++)); do
    if supervise yes kubeadm upgrade plan "${kubeadm_options[@]}" "v$release"; then
      break
    fi
    may_pass || fail "kubeadm upgrade plan v$release failed (its words are above). The cluster is as it was; mend the cause, then run this again."
    ((try < tries)) || fail "kubeadm upgrade plan v$release failed $tries times (its words are above). The cluster is as it was; mend the cause, then run this again."
    say "kubeadm upgrade plan failed; another try in ${pause}s"
    let_pass "$pause"
  done
  if grep -Eq '^[a-z.]+\.k8s\.io +.* yes *$' "$output"; then
    fail "kubeadm upgrade plan lists a component configuration that must be upgraded by hand (the table above). Do that, then run this again."
  fi
}

hash_timed_out() { grep -Eiq 'static pod hash for component .* did not change|errors faced: timed out waiting for the condition' "$output"; }

etcd_is_at_its_image() {
  local wanted running
  running=$(image_tag etcd)
  wanted=$(kubeadm config images list --kubernetes-version "v$release" 2>/dev/null | sed -n 's/^.*\/etcd://p') || true
  [[ -n $running && $running == "$wanted" ]]
}

# Static pods at the release do not prove that kubeadm came to its end: configuration and add-ons come after them.
readonly unfinished=$state/kubeadm-unfinished

kubeadm_is_done() {
  [[ $(cat "$unfinished" 2>/dev/null) != "$release" ]] || return 1
  if [[ $role == master ]]; then
    static_pods_at_release
  else
    at_release kubelet # it is installed after kubeadm's part
  fi
}

upgrade() { # kubeadm's command with what only it takes
  stage "$1"
  gather_kubeadm_options "$1"
  echo "$release" >"$unfinished"
  local try etcd=()
  for ((try = 1; ; try++)); do
    if supervise yes kubeadm upgrade "$@" "${kubeadm_options[@]}" "${etcd[@]}"; then
      break
    fi
    # Its checks come before it changes anything.
    if grep -q $'^\t\\[ERROR ' "$output" && may_pass; then
      ((try < tries)) ||
        fail "kubeadm upgrade $* failed $tries times before it changed anything (its words are above). kubelet is still at $(installed kubelet); mend the cause, then run this again."
      say "kubeadm upgrade $1 failed before it changed anything; try $((try + 1)) of $tries in ${pause}s"
      let_pass "$pause"
      continue
    fi
    hash_timed_out ||
      fail "kubeadm upgrade $* failed (its words are above). kubelet is still at $(installed kubelet), and kubeadm puts former static pods back; mend the cause, then run this again."
    ((try < tries)) ||
      fail "kubeadm upgrade $* timed out on a static pod $tries times. kubeadm puts the former static pods back. Look at kubelet, the container runtime and the disk, then run this again."
    # kubeadm waits for the hash of etcd's pod to change, which it never does where the image stays the same.
    if etcd_is_at_its_image; then
      etcd=(--etcd-upgrade=false)
    fi
    say "kubeadm upgrade $1 timed out on a static pod; try $((try + 1)) of $tries in ${pause}s ${etcd[*]}"
    let_pass "$pause"
  done
  if [[ $role == master ]] && ! static_pods_at_release; then
    fail "kubeadm upgrade $* ended well, but the static pods are not at $release. The first control-plane node is upgraded before the others; was it?"
  fi
  rm -f -- "$unfinished"
}

# Each upgrade leaves a copy of etcd's database there.
prune_scratch() {
  if [[ -d /etc/kubernetes/tmp/ ]]; then
    find /etc/kubernetes/tmp/ -mindepth 1 -maxdepth 1 -mmin +4320 -exec rm -rf -- {} + || true # what is left takes room, and no more
  fi
}

upgrade_configuration() {
  local command=node
  [[ $first == no ]] || command=apply
  if kubeadm_is_done; then
    stage "$command"
    say "kubeadm's part is done at $release already"
    return
  fi
  prune_scratch
  if [[ $first == yes ]]; then
    plan
    upgrade apply "v$release" -y
  else
    upgrade node
  fi
}

restart_kubelet() {
  stage restart
  systemctl daemon-reload || fail 'systemctl daemon-reload failed (its words are above). kubelet is upgraded but not restarted; run this again.'
  supervise yes systemctl restart kubelet ||
    fail "kubelet $release is installed but did not restart. Look at: journalctl -u kubelet; then run this again."
  local try
  for ((try = 1; try <= 10; try++)); do
    if systemctl is-active --quiet kubelet; then
      return 0
    fi
    let_pass 1
  done
  fail "kubelet $release was restarted but is not active. Look at: journalctl -u kubelet; then run this again."
}

main() {
  read_options "$@"
  check_options
  check_node
  start_supervision
  hold_packages || exit 1
  check_role
  check_versions
  set_source
  [[ $only != source ]] || { stage 'done'; return; }
  record_versions
  stage kubeadm
  install_packages kubeadm
  upgrade_configuration
  if [[ $only != control-plane ]]; then
    stage kubelet
    install_packages kubelet kubectl
  fi
  stage hold
  hold_packages || exit 1
  [[ $only == control-plane ]] || restart_kubelet
  stage 'done'
}

main "$@"
