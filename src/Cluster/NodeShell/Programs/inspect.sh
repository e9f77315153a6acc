state=$1
needs_apt
packages=$(tell_packages kubeadm kubelet kubectl containerd.io containerd)
printf '%s\n' "$packages" | sed -n 's/^.[iFUHWt].|\(.*\)|\(.*\)$/package \1 \2/p'
printf '%s\n' "$packages" | sed -n 's/^h[iFUHWt].|\(.*\)|.*$/held \1/p'
last=$(cat "$state/last-run" 2>/dev/null) || last=''
if [ -n "$last" ] && [ -f "$state/runs/$last/release" ]; then
  tell_run "$last"
fi
