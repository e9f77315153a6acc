minutes=$1
[ -d /etc/kubernetes/tmp ] || exit 0
find /etc/kubernetes/tmp -mindepth 1 -maxdepth 1 -mmin "+$minutes" -exec rm -rf -- {} +
