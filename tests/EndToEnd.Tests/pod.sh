#!/usr/bin/env bash
# Runs a program as a container would: first process of its own, a root of its own in which nothing can be written but /tmp, no privileges. Its network is
# this machine's. DIR/files is laid over the root; a program that ends takes all that it started with it.
#
#   pod.sh DIR PROGRAM NAME=VALUE... -- ARGUMENT...
set -euo pipefail
readonly user=10001

if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --pid --fork --kill-child -- "$0" --inside "$@"
fi
shift
dir=$1 program=$2
shift 2
environment=(PATH=/usr/sbin:/usr/bin HOME=/tmp)
while [[ $1 != -- ]]; do
  environment+=("$1")
  shift
done
shift

root=$dir/root
mkdir -p -- "$root"
mount -t tmpfs -o mode=0755 tmpfs "$root"
mkdir -p -- "$root"/{dev,etc,proc,tmp,usr}
for link in bin lib lib64 sbin; do
  [[ ! -e /$link ]] || ln -s "usr/$link" "$root/$link"
done
cp -a -- "$dir/files/." "$root"
# As a kubelet hands out what is mounted: the pod's group may read it, nobody may write it.
chown -R "root:$user" -- "$root"
find "$root" -type f -exec chmod 0440 -- {} +
umask 022
echo "stepper:x:$user:$user::/tmp:/usr/sbin/nologin" >"$root/etc/passwd"
echo "stepper:x:$user:" >"$root/etc/group"
echo 'hosts: files' >"$root/etc/nsswitch.conf"
echo '127.0.0.1 localhost kubernetes.default.svc' >"$root/etc/hosts"
: >"$root/stepper"
mount --bind -- "$program" "$root/stepper"
mount --bind /usr "$root/usr"
mount -t proc proc "$root/proc"
mount -t tmpfs -o "mode=1777,nosuid,nodev" tmpfs "$root/tmp"
for device in null zero random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root/usr"
mount -o remount,ro "$root"

exec env -i "${environment[@]}" chroot -- "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  /stepper "$@"
