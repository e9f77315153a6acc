minutes=$1
# With its last slash: it may be a link to a larger disk.
[ -d /etc/kubernetes/tmp/ ] || exit 0
find /etc/kubernetes/tmp/ -mindepth 1 -maxdepth 1 -mmin "+$minutes" -exec rm -rf -- {} +
