#!/usr/bin/env bash
# Builds what all labs share, once: a minimal root and a signed repository of stand-in packages. Called by lab.sh.
set -euo pipefail
umask 022 # nodes run on what is built here as other users than root

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly printed=$here/../../src/Simulation/Printed/kubeadm
readonly include=openssh-server,sudo,curl,gpg,ca-certificates,procps
# The versions that the repository has, newest patches of several minors at once. 1.33.10 is newer than 1.33.9 by number
# only. The date is the day of a release, which the server answers as Last-Modified.
readonly releases='1.33.5 2025-09-10
1.33.9 2026-03-11
1.33.10 2026-04-15
1.34.1 2025-09-10
1.34.2 2025-11-12
1.34.6 2026-03-18
1.34.7 2026-04-15
1.35.0 2025-12-17
1.35.1 2026-02-11
1.36.0 2026-04-22'
readonly containerd_releases='1.7.27 1.7.29 2.1.5'

fail() { echo "build.sh: $*" >&2; exit 1; }

usage() {
  cat <<'HELP'
Builds the node lab's root and repository into a cache; what is there already is kept.

  tests/node-lab/build.sh [--cache DIR]     prints the two directories, a line each: root, repository

  --cache DIR    default ${XDG_CACHE_HOME:-$HOME/.cache}/stepper-node-lab
HELP
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/stepper-node-lab
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --cache) (($# > 1)) || fail "--cache needs a directory; see --help."; cache=$2; shift 2 ;;
    *) echo "build.sh: \"$1\" is no option; see --help." >&2; exit 2 ;;
  esac
done
((EUID == 0)) || fail 'this must run as root; put sudo before it.'
mkdir -p -- "$cache"
cache=$(realpath -- "$cache")

# --- the root ---------------------------------------------------------------------------------------------------------

# The mirror and its proxy are those that this machine's apt uses.
mirror_of_this_machine() {
  # shellcheck disable=SC2016 # the names are apt's
  apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' |
    awk -v codename="$1" '$1 == "Packages" && ($2 == "Debian" || $2 == "Ubuntu") && $3 == codename && $4 == "main" { print $5; exit }'
}

build_root() {
  local codename mirror proxy root=$1.new
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(mirror_of_this_machine "$codename")
  [[ -n $mirror ]] || fail "this machine's apt has no package list of $codename main. Run: apt-get update"
  proxy=$(apt-config shell proxy Acquire::http::Proxy)
  eval "$proxy" # apt-config's own way to hand a value to a shell, quoted by it
  [[ -z $proxy ]] || export http_proxy=$proxy
  rm -rf -- "$root"
  echo "building a $codename root from $mirror, about a minute" >&2
  debootstrap --variant=minbase --include="$include" "$codename" "$root" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
    fail "debootstrap failed; its last words: $(tail -n 3 "$cache/debootstrap.log"). All of them: $cache/debootstrap.log"
  # A node must not reach for anything but the lab's repository.
  rm -rf -- "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/* \
    "$root"/var/cache/apt/* "$root"/etc/ssh/ssh_host_* "$root"/var/log/*.log
  mv -- "$root" "$1"
}

# --- the repository ---------------------------------------------------------------------------------------------------

package() { # directory, name, version, dependencies, program, its version, day
  local tree=$scratch/tree file=$1/$arch/$2_$3_$arch.deb
  rm -rf -- "$tree"
  mkdir -p -- "$tree/DEBIAN" "$1/$arch"
  cat >"$tree/DEBIAN/control" <<CONTROL
Package: $2
Version: $3
Architecture: $arch
Maintainer: stepper's node lab <nobody@localhost>
Section: admin
Priority: optional
${4:+Depends: $4
}Description: stand-in for $2
CONTROL
  sed "s/@PACKAGE@/$2/g" "$here/packages/preinst" >"$tree/DEBIAN/preinst"
  chmod 0755 "$tree/DEBIAN/preinst"
  if [[ -n $5 ]]; then
    mkdir -p -- "$tree/usr/bin"
    sed "s/@VERSION@/$6/g" "$here/packages/$5" >"$tree/usr/bin/$5"
    chmod 0755 "$tree/usr/bin/$5"
  fi
  if [[ $5 == kubeadm ]]; then
    # What a minor has no recording of its own for is printed as by 1.34 or 1.35.
    mkdir -p -- "$tree/usr/share/kubeadm"
    for recorded in v1.35 v1.34 "v${6%.*}"; do
      cp -- "$printed/$recorded"/*.txt "$tree/usr/share/kubeadm/"
    done
  fi
  dpkg-deb --root-owner-group -Znone -b "$tree" "$file" >/dev/null
  touch -d "$7" -- "$file"
}

index() { # directory, origin
  (
    cd -- "$1"
    apt-ftparchive packages "$arch" >Packages
    gzip -9 -k -n Packages
    apt-ftparchive -o APT::FTPArchive::Release::Origin="$2" -o APT::FTPArchive::Release::Label="$2" \
      -o APT::FTPArchive::Release::Architectures="$arch" release . >"$scratch/Release"
    mv -- "$scratch/Release" Release
    gpg --batch --quiet --armor --detach-sign --output Release.gpg Release
    gpg --batch --quiet --clearsign --output InRelease Release
    gpg --batch --quiet --armor --export >Release.key
  )
}

build_repository() {
  local files=$1.new release day minor version
  echo 'building the repository' >&2
  rm -rf -- "$files"
  scratch=$(mktemp -d)
  export GNUPGHOME=$scratch/gnupg
  mkdir -m 0700 -- "$GNUPGHOME"
  gpg --batch --quiet --passphrase '' --quick-gen-key 'isv:kubernetes OBS Project <isv:kubernetes@localhost>' rsa2048 sign never
  arch=$(dpkg --print-architecture)
  local store=$files/repositories/isv:/kubernetes:/core:/stable:
  while read -r release day; do
    minor=${release%.*}
    version=$release-1.1
    package "$store/v$minor/deb" kubeadm "$version" 'cri-tools (>= 1.30.0)' kubeadm "$release" "$day"
    package "$store/v$minor/deb" kubelet "$version" 'kubernetes-cni (>= 1.2.0)' kubelet "$release" "$day"
    package "$store/v$minor/deb" kubectl "$version" '' kubectl "$release" "$day"
    # The real index has these too, under numbers of their own: a reader must ask for kubeadm's.
    package "$store/v$minor/deb" cri-tools "$minor.0-1.1" '' crictl "$minor.0" "$day"
    package "$store/v$minor/deb" kubernetes-cni 1.7.1-1.1 '' '' '' "$day"
  done <<<"$releases"
  for minor in "$store"/*; do
    index "$minor/deb" "obs://build.opensuse.org/isv:kubernetes:core:stable:${minor##*/}/deb"
  done
  for release in $containerd_releases; do
    package "$files/containerd" containerd.io "$release-1" '' containerd "$release" 2025-11-12
  done
  index "$files/containerd" Docker
  gpgconf --kill all
  rm -rf -- "$scratch"
  mv -- "$files" "$1"
}

# Two labs that start at once must not build the same thing.
exec 9>"$cache/lock"
flock 9
root=$cache/root-$(. /etc/os-release && echo "$VERSION_CODENAME")-$(echo "$include" | sha256sum | cut -c1-8)
repository=$cache/repository-$(cat -- "$here/build.sh" "$here"/packages/* "$printed"/*/*.txt | sha256sum | cut -c1-8)
[[ -d $root ]] || build_root "$root"
[[ -d $repository ]] || build_repository "$repository"
printf '%s\n' "$root" "$repository"
