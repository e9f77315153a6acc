release=$1
exec 2>&1
kubeadm upgrade plan "v$release" </dev/null
