state=$1
needs_apt
# It ends with 1 when one of them is unknown, and lists the others.
dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Version}\n' kubeadm kubelet kubectl containerd.io containerd 2>/dev/null |
  sed -n 's/^.[iFUHWt].|\(.*\)|\(.*\)$/package \1 \2/p'
held=$(apt-mark showhold)
printf '%s\n' "$held" | sed -n 's/./held &/p'
last=$(cat "$state/last-run" 2>/dev/null) || last=''
if [ -n "$last" ] && [ -f "$state/runs/$last/release" ]; then
  tell_run "$last"
fi
