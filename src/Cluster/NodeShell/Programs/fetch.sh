state=$1 release=$2
exec 2>&1
export DEBIAN_FRONTEND=noninteractive
needs_apt
list=$(kubernetes_list)
[ -n "$list" ] || fail "this node has no package source kubernetes.list"
refresh "$list" || fail "the package list $list could not be refreshed"
version=$(apt-cache madison kubeadm | awk -F ' *[|] *' -v release="$release-" 'index($2, release) == 1 { print $2; exit }')
[ -n "$version" ] || fail "the package source has no kubeadm $release"

# Held packages are refused without that option, and their hold stays when nothing is installed.
apt-get -q -y install --download-only --allow-change-held-packages --no-install-recommends -o DPkg::Lock::Timeout=300 \
  "kubeadm=$version" "kubelet=$version" "kubectl=$version" </dev/null || fail "the packages of $release could not be fetched"

# The installed kubeadm lists other images than the target's: its own constants name etcd, CoreDNS and pause.
# Not under /tmp, from where programs may not be run on a node that was hardened.
own_state
scratch=$(mktemp -d "$state/fetch.XXXXXXXX")
trap 'rm -rf -- "$scratch"' EXIT
cd "$scratch"
cp -- "/var/cache/apt/archives/kubeadm_${version}_"*.deb . 2>/dev/null || apt-get -q download "kubeadm=$version" ||
  fail "kubeadm $version could not be unpacked to list its images"
dpkg-deb -x ./kubeadm_*.deb unpacked
kubeadm=$scratch/unpacked/usr/bin/kubeadm

# A control plane names its registry in its manifests, a worker in the images that it has.
wanted=.
registry=$(sed -n 's/^ *image: *"\{0,1\}\([^" ]*\)\/kube-apiserver:.*$/\1/p' /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null | head -n 1)
if [ -z "$registry" ]; then
  wanted='/\(kube-proxy\|pause\):'
  registry=$(crictl images 2>/dev/null | awk 'sub("/kube-proxy$", "", $1) { print $1; exit }')
fi
if [ -z "$registry" ] || [ "$registry" = registry.k8s.io ]; then
  images=$("$kubeadm" config images list --kubernetes-version "v$release" 2>/dev/null)
else
  images=$("$kubeadm" config images list --kubernetes-version "v$release" --image-repository "$registry" 2>/dev/null)
fi
[ -n "$images" ] || fail "kubeadm $release lists no images"

code=0
set -f # a name is a name, whatever is in it
for image in $(printf '%s\n' "$images" | grep "$wanted"); do
  if said=$(crictl pull "$image" 2>&1); then
    printf 'pulled %s\n' "$image"
  else
    printf '%s could not be pulled: %s\n' "$image" "$(printf '%s\n' "$said" | tail -n 1)"
    code=1
  fi
done
exit "$code"
