#!/usr/bin/env bash
# What the node lab needs of the machine that it runs on, from that machine's own Debian or Ubuntu packages. The nodes'
# sshd is part of their own root, so none is installed here and none can be left running.
set -euo pipefail

if [[ ${1:-} == --help ]]; then
  cat <<'HELP'
Installs what tests/node-lab needs on this machine (Debian or Ubuntu, as root). Quick when all is there.

  tests/node-lab/install.sh
HELP
  exit 0
fi
(($# == 0)) || { echo "install.sh: \"$1\" is no option; see --help." >&2; exit 2; }

declare -A package_of=(
  [debootstrap]=debootstrap [ssh]=openssh-client [ssh-keygen]=openssh-client [shellcheck]=shellcheck [curl]=curl
  [gpg]=gpg [gpg-agent]=gpg-agent [gpgv]=gpgv [apt-ftparchive]=apt-utils [dpkg-deb]=dpkg [python3]=python3
  [unshare]=util-linux [nsenter]=util-linux [flock]=util-linux [pivot_root]=util-linux [mount]=mount
)
missing=()
for tool in "${!package_of[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
((${#missing[@]} > 0)) || { echo 'all is there'; exit 0; }
((EUID == 0)) || { echo "install.sh: ${missing[*]} are missing and only root can install them; put sudo before it." >&2; exit 2; }

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"
