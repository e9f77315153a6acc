needs_apt
list=$(kubernetes_list)
if [ -z "$list" ]; then
  exit 0
fi
refresh "$list" >&2 || fail "the package list $list could not be refreshed"
apt-cache madison kubeadm
