release=$1
exec 2>&1
code=0
kubeadm upgrade plan "v$release" </dev/null || code=$?
leave_with "$code"
