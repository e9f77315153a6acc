# Reads only: no list is refreshed, and apt keeps no cache of what it is asked here.
state=$1 release=$2 address=$3/v${2%.*}/deb

name=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | head -n 1 | tr -d '"')
printf 'os %s\n' "${name:-unknown}"

# As update_k8s.sh and stepper's other programs need them.
missing=no
for tool in apt-get apt-cache apt-mark dpkg-query curl gpg systemctl flock perl; do
  command -v "$tool" >/dev/null || { printf 'missing %s\n' "$tool"; missing=yes; }
done
if [ "$missing" = yes ]; then
  printf 'clock %s\n' "$(date +%s)"
  exit 0
fi

# By dpkg alone: apt-mark would have apt build its cache.
packages=$(tell_packages kubeadm kubelet kubectl)
printf '%s\n' "$packages" |
  sed -n 's/^h[iFUHWt].|\(.*\)|\(.*\)$/package \1 \2 held/p; s/^[^h][iFUHWt].|\(.*\)|\(.*\)$/package \1 \2 free/p'

of_release='index(version, release) == 1 && package ~ /^(kubeadm|kubelet|kubectl)$/ && !seen[package]++ { print "offered " package }'
offered=''
list=$(kubernetes_list)
if [ -n "$list" ]; then
  offered=$(apt-cache madison -o Dir::Etc::sourcelist="$list" -o Dir::Etc::sourceparts=- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    kubeadm kubelet kubectl | awk -F ' *[|] *' -v release="$release-" '{ package = $1; sub(/^ */, "", package); version = $2 } '"$of_release")
fi
# A list that is old, or of the minor before, does not show the target: the repository itself is asked, by what update_k8s.sh asks it with.
if [ "$(printf '%s\n' "$offered" | grep -c .)" -lt 3 ]; then
  if index=$(curl -fsSL --proto '=http,https' --retry 1 --max-time 15 -- "$address/Packages" 2>&1) ||
    { packed=$(curl -fsSL --proto '=http,https' --max-time 15 -- "$address/Packages.gz" 2>/dev/null | gzip -dc 2>/dev/null) && index=$packed; }; then
    offered=$(printf '%s\n' "$index" | awk -v release="$release-" '/^Package: / { package = $2; version = "" } /^Version: / { version = $2 } '"$of_release")
  else
    offered="unasked $(printf '%s\n' "$index" | tail -n 1)"
  fi
fi
[ -z "$offered" ] || printf '%s\n' "$offered"

# By the question that a lock is refused with, which takes none.
locks=$(perl -MFcntl -e '
  for my $file (@ARGV) {
    open(my $handle, "<", $file) or ($!{ENOENT} ? next : die "$file: $!\n");
    my $lock = pack("s! s! x![q] q q i x![q]", F_WRLCK, 0, 0, 0, 0);
    fcntl($handle, F_GETLK, $lock) or die "$file: $!\n";
    my ($type, undef, undef, undef, $pid) = unpack("s! s! x![q] q q i", $lock);
    print "$file $pid\n" if $type != F_UNLCK;
  }' /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock) ||
  fail 'whether apt or dpkg is at work on this node can not be read'
booted=$(sed -n 's/^btime //p' /proc/stat)
printf '%s\n' "$locks" | while read -r file pid; do
  [ -n "$file" ] || continue
  ticks=$(start_time "$pid")
  if [ -n "$ticks" ]; then
    unit=$(sed -n 's/^\(0:\|[0-9]*:name=systemd\):.*\/\([^/]*\)$/\2/p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
    printf 'lock %s %s %s %s %s\n' "$file" "$pid" "$((booted + ticks / $(getconf CLK_TCK)))" "${unit:--}" "$(cat "/proc/$pid/comm" 2>/dev/null)"
  else
    printf 'lock %s\n' "$file"
  fi
done

tell_size() { # what, directory; in bytes
  kib=0
  # What etcd takes away meanwhile is an error to du, which goes on; with nothing counted the answer has no number, and is refused.
  [ ! -d "$2/" ] || kib=$(du -skD -- "$2" 2>/dev/null | tail -n 1 | cut -f 1)
  printf '%s %s\n' "$1" "${kib:+$((kib * 1024))}"
}

tell_place() { # what is written there, path
  place=$2
  while [ ! -e "$place" ]; do
    place=${place%/*}
    place=${place:-/}
  done
  may='ro'
  [ ! -w "$place" ] || may='rw'
  # shellcheck disable=SC2046 # four numbers: free blocks, bytes of one, inodes, free inodes
  set -- "$1" "$2" $(stat -L -f -c '%a %S %c %d' -- "$place")
  on=$(stat -L -c '%d %m' -- "$place")
  printf 'place %s %s %s %s %s %s %s %s\n' "$1" "${on%% *}" "$may" "$(($3 * $4))" "$5" "$6" "$2" "${on#* }"
}

images=$(sed -n "s/^root *= *[\"']\(\/.*\)[\"'].*$/\1/p" /etc/containerd/config.toml 2>/dev/null | head -n 1)
for directory in /var/lib/containerd /var/lib/containers/storage /var/lib/docker; do
  [ -n "$images" ] || [ ! -d "$directory" ] || images=$directory
done
tell_place archives /var/cache/apt/archives
tell_place programs /usr
tell_place plugins /opt/cni/bin
tell_place images "${images:-/var/lib}"
tell_place state "$state"
tell_place kubernetes /etc/kubernetes
tell_place temporary /tmp
manifest=/etc/kubernetes/manifests/etcd.yaml
if [ -f "$manifest" ]; then
  etcd=$(sed -n 's/^ *- --data-dir=//p' "$manifest" | head -n 1 | tr -d '"')
  etcd=${etcd:-/var/lib/etcd}
  tell_place etcd "$etcd"
  tell_size etcd-data "$etcd"
  tell_size scratch /etc/kubernetes/tmp
fi

# Last, so that it is as old as the way back is long.
printf 'clock %s\n' "$(date +%s)"
