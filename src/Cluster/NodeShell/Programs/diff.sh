release=$1
exec 2>&1
kubeadm upgrade diff "v$release" </dev/null
