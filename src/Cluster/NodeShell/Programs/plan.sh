release=$1 ignored=$2
exec 2>&1
kubeadm upgrade plan ${ignored:+"--ignore-preflight-errors=$ignored"} "v$release" </dev/null
