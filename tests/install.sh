#!/usr/bin/env bash
# What the tests need of the machine that they run on, from that machine's own Debian or Ubuntu packages.
set -euo pipefail

if [[ ${1:-} == --help ]]; then
  cat <<'HELP'
Installs what the tests need on this machine (Debian or Ubuntu, as root). Quick when all is there. No service is started.

  tests/install.sh
HELP
  exit 0
fi
(($# == 0)) || { echo "install.sh: \"$1\" is no option; see --help." >&2; exit 2; }

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
"$here/node-lab/install.sh"

declare -A package_of=(
  [buildah]=buildah [etcd]=etcd-server [etcdctl]=etcd-client [make]=make [prometheus]=prometheus [prometheus-pushgateway]=prometheus-pushgateway [prometheus-alertmanager]=prometheus-alertmanager [ssh]=openssh-client [sshd]=openssh-server
  [setpriv]=util-linux [unshare]=util-linux [tcsh]=tcsh [fish]=fish [kill]=procps
)
missing=()
for tool in "${!package_of[@]}"; do
  type -P "$tool" >/dev/null || missing+=("${package_of[$tool]}") # no builtin will do
done
# Debian 12 has a kubectl that is too old to ask an API server of today. (The lists of packages are there by now.)
readonly oldest_kubectl=1.27
if ! command -v kubectl >/dev/null; then
  kubectl=$(apt-cache policy kubernetes-client | awk '$1 == "Candidate:" { print $2 }')
  if [[ -n $kubectl ]] && dpkg --compare-versions "$kubectl" ge "$oldest_kubectl"; then
    missing+=(kubernetes-client)
  else
    echo "kubectl is not here, and the packages of this system have none of $oldest_kubectl or newer: the tests that need it are skipped." \
      'To have them, install it by hand: https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/' >&2
  fi
fi
((${#missing[@]} > 0)) || exit 0
((EUID == 0)) || { echo "install.sh: ${missing[*]} are missing and only root can install them; put sudo before it." >&2; exit 2; }

# Debian starts a service as soon as it is installed, unless this file says no. One that is there belongs to somebody else.
readonly policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f -- "$policy"' EXIT
  install -m 0755 -- /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"
# None of them shall start with the machine.
declare -A service_of=(
  [etcd-server]=etcd [openssh-server]=ssh [prometheus]=prometheus [prometheus-alertmanager]=prometheus-alertmanager
  [prometheus-pushgateway]=prometheus-pushgateway
)
for package in "${missing[@]}"; do
  [[ -z ${service_of[$package]:-} ]] || systemctl disable --quiet "${service_of[$package]}" 2>/dev/null || true
done
