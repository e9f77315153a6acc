minor=$1 repository=$2
needs_apt
list=/etc/apt/sources.list.d/kubernetes.list
keyring=/etc/apt/keyrings/kubernetes-apt-keyring.gpg
address=$repository/v$minor/deb
umask 022
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mkdir -p -- /etc/apt/keyrings
curl -fsSL --proto '=http,https' --retry 3 --max-time 60 -o "$scratch/key" -- "$address/Release.key" >&2 ||
  fail "the key $address/Release.key could not be fetched"
GNUPGHOME=$scratch gpg --batch --yes --quiet --dearmor --output "$scratch/keyring" "$scratch/key" </dev/null >&2 ||
  fail "what $address/Release.key answered is no key"
printf 'deb [signed-by=%s] %s/ /\n' "$keyring" "$address" >"$scratch/list"
# Each appears whole or not at all.
install -m 0644 -- "$scratch/keyring" "$keyring.new"
mv -f -- "$keyring.new" "$keyring"
install -m 0644 -- "$scratch/list" "$list.new"
mv -f -- "$list.new" "$list"
refresh "$list" >&2 || fail "the package list of $address could not be refreshed"
