#!/usr/bin/env bash
# Runs a container of the image as a kubelet would: its root, in which nothing can be written but /tmp, first process of its own, a user without privileges.
# Its network is this machine's. DIR/files is laid over the root; a program that ends takes all that it started with it.
#
#   pod.sh DIR IMAGE/usr/bin/stepper NAME=VALUE... -- ARGUMENT...
set -euo pipefail
readonly user=10001

if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --pid --fork --kill-child -- "$0" --inside "$@"
fi
shift
dir=$1 program=/usr/bin/stepper image=${2%/usr/bin/stepper}
shift 2
# What the image itself sets comes first.
mapfile -t environment <"${image%/*}/environment"
environment+=(HOME=/tmp)
while [[ $1 != -- ]]; do
  environment+=("$1")
  shift
done
shift

umask 022
root=$dir/root
mkdir -p -- "$root" "$dir"/files/{dev,etc,proc,tmp}
# As a kubelet hands out what is mounted: the pod's group may read it, nobody may write it.
chown -R "root:$user" -- "$dir/files"
find "$dir/files" -type f -exec chmod 0440 -- {} +
printf '127.0.0.1 localhost kubernetes.default.svc\n' >"$dir/files/etc/hosts"
chmod 0444 -- "$dir/files/etc/hosts"
# Two layers and none above them: nobody can write there.
mount -t overlay overlay -o "lowerdir=$dir/files:$image" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o "mode=1777,nosuid,nodev" tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,ro "$root/dev"

exec env -i "${environment[@]}" "$(command -v setpriv)" --no-new-privs -- "$(command -v chroot)" --userspec="$user:$user" --groups="$user" -- "$root" "$program" "$@"
