state=$1
needs_apt
# It ends with 1 when one of them is unknown, and lists the others.
dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Version}\n' kubeadm kubelet kubectl containerd.io containerd 2>/dev/null |
  sed -n 's/^.[iFUHWt].|\(.*\)|\(.*\)$/package \1 \2/p'
held=$(apt-mark showhold)
for package in $held; do
  printf 'held %s\n' "$package"
done
printf 'clock %s\n' "$(date +%s)"
df -Pk / /usr /var /var/lib | awk 'NR > 1 && (least == "" || $4 + 0 < least) { least = $4 + 0 } END { print "free " least }'
if [ -f "$state/last-run" ]; then
  tell_run "$(cat "$state/last-run")"
fi
