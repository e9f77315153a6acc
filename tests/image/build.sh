#!/usr/bin/env bash
# Builds the image by `make image`, as anybody would, but from bases that are made here under the Dockerfile's own names, since no registry is asked.
set -euo pipefail
umask 022

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here repository=$here/../..
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() { echo "build.sh: $*" >&2; exit 1; }

usage() {
  cat <<'HELP'
Builds the image with buildah and lays it out below DIR: root/ is its root, config.json its configuration, environment what that sets. As root.
Quick where all that it is made of is older than what is in DIR.

  tests/image/build.sh --out DIR [--cache DIR]

  --cache DIR    the bases (default ${XDG_CACHE_HOME:-$HOME/.cache}/stepper-image)
HELP
}

out='' cache=${XDG_CACHE_HOME:-$HOME/.cache}/stepper-image
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --out | --cache) (($# > 1)) || fail "$1 needs a directory; see --help."; declare "${1#--}=$2"; shift 2 ;;
    *) echo "build.sh: \"$1\" is no option; see --help." >&2; exit 2 ;;
  esac
done
[[ -n $out ]] || { echo 'build.sh: --out is missing; see --help.' >&2; exit 2; }
((EUID == 0)) || fail 'this must run as root; put sudo before it.'
mkdir -p -- "$cache" "$out"
exec 9>"$cache/lock"
flock 9

inputs=("$repository"/{Dockerfile,.dockerignore,Makefile,Directory.Build.props,Directory.Packages.props,global.json,image,src,compat,deploy,monitoring,templates,scripts,tests/image})
if [[ -e $out/environment && -z $(find "${inputs[@]}" \( -name bin -o -name obj \) -prune -o -newer "$out/environment" -print -quit) ]]; then
  exit 0
fi
rm -f -- "$out/environment"

# --- a store of images of its own -------------------------------------------------------------------------------------

dotnet=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
mkdir -p -- "$packages"
cat >"$cache/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$cache/store"
runroot = "$cache/run"
CONF
# This machine's SDK, authorities and packages stand for those that the SDK's image has, or would fetch.
cat >"$cache/containers.conf" <<CONF
[containers]
volumes = ["$dotnet:/usr/share/dotnet:ro", "/etc/ssl/certs:/etc/sdk-authorities:ro", "$packages:/root/.nuget/packages"]
CONF
export CONTAINERS_STORAGE_CONF=$cache/storage.conf CONTAINERS_CONF=$cache/containers.conf
# Each layer that is kept is a whole copy with vfs; a build from the beginning is quicker.
export BUILDAH_ISOLATION=chroot BUILDAH_LAYERS=false

# What this script made when it was another one is of no use.
made_by=$(sha256sum "${BASH_SOURCE[0]}" | cut -d' ' -f1)
if [[ $(cat -- "$cache/made-by" 2>/dev/null || true) != "$made_by" ]]; then
  buildah rmi --all --force >/dev/null
  echo "$made_by" >"$cache/made-by"
fi

# --- the bases --------------------------------------------------------------------------------------------------------

is_there() { buildah images --quiet "$1" >/dev/null 2>&1; }

# Nothing of the time of day is in an image that is made here, so that what is built from it is found again.
commit() { # working container, name
  buildah commit --quiet --timestamp 0 "$1" "$2" >/dev/null
  buildah rm "$1" >/dev/null
}

make_debian() { # codename, name
  local root container mirror
  # shellcheck disable=SC2016 # the names are apt's
  mirror=$(apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(COMPONENT) $(REPO_URI)' | awk '$1 == "Packages" && $2 == "Debian" && $3 == "main" { print $4; exit }')
  root=$(mktemp -d)
  echo "making $2, about a minute" >&2
  debootstrap --variant=minbase --keyring="$keyring" "$1" "$root" "${mirror:-http://deb.debian.org/debian}" >"$cache/debootstrap.log" 2>&1 ||
    fail "debootstrap failed; its last words: $(tail -n 3 "$cache/debootstrap.log"). All of them: $cache/debootstrap.log"
  # As the slim image is.
  rm -rf -- "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{locale,man}
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$root" / >/dev/null
  rm -rf --one-file-system -- "$root"
  commit "$container" "$2"
}

make_sdk() { # Debian's name, name
  local container
  container=$(buildah from --pull-never "$1")
  buildah run "$container" ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet
  # Compilers that wait for more work would outlive the build.
  buildah config --env SSL_CERT_DIR=/etc/sdk-authorities --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 --env DOTNET_CLI_TELEMETRY_OPTOUT=1 --env DOTNET_NOLOGO=1 \
    --env MSBUILDDISABLENODEREUSE=1 --env UseSharedCompilation=false "$container"
  commit "$container" "$2"
}

mapfile -t bases < <(awk '$1 == "FROM" && $2 != "scratch" { print $2 }' "$repository/Dockerfile" | sort)
for base in "${bases[@]}"; do
  case $base in
    debian:*-slim)
      debian=docker.io/library/$base codename=${base#debian:}
      is_there "$debian" || make_debian "${codename%-slim}" "$debian"
      ;;
    */dotnet/sdk:*) is_there "$base" || make_sdk "$debian" "$base" ;;
    *) fail "the Dockerfile begins a stage from $base, which nobody knows how to make here." ;;
  esac
done

# --- the image --------------------------------------------------------------------------------------------------------

make --no-print-directory -C "$repository" image BUILDER=buildah >"$out/log" 2>&1 9>&- || { cat -- "$out/log" >&2; fail 'the image could not be built.'; }
image=localhost/$(make --no-print-directory -C "$repository" image-name)
container=$(buildah from --pull-never "$image")
rm -rf --one-file-system -- "$out/root"
cp -a -- "$(buildah mount "$container")" "$out/root"
buildah rm "$container" >/dev/null
buildah inspect --type image --format '{{.Config}}' "$image" >"$out/config.json"
buildah inspect --type image --format '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' "$image" | sed '/^$/d' >"$out/environment"
buildah rmi --prune >/dev/null
