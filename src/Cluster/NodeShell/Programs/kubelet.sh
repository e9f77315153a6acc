# How this node's kubelet was started, a line for each word, and which of them kubeadm keeps. Reads only.
kept=$1
pid=$(systemctl show --property=MainPID --value kubelet) || fail 'systemd does not say whether kubelet runs'
case "$pid" in
  '' | 0) fail 'kubelet does not run on this node' ;;
esac
words=$(tr '\0' '\n' <"/proc/$pid/cmdline") || fail "the command line of kubelet, pid $pid, can not be read"
printf '%s\n' "$words" | sed -n '2,$s/./word &/p'
if [ -f "$kept" ]; then
  kept=$(sed -n 's/^ *KUBELET_KUBEADM_ARGS=//p' "$kept")
  printf '%s\n' "$kept" | tr -d "\"'" | tr -s ' ' '\n' | sed -n 's/./kubeadm &/p'
fi
