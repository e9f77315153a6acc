state=$1 manifests=$2 name=$3 reuse=$4 keep=$5
store=$state/snapshots
# etcd writes its checksum behind a snapshot: one that was cut, or changed, has another.
is_whole() {
  [ "$(tail -c 32 -- "$1" | od -An -v -tx1 | tr -d ' \n')" = "$(head -c -32 -- "$1" | sha256sum | cut -d ' ' -f 1)" ]
}

own_state
(umask 077 && mkdir -p -- "$store")
if [ -n "$(find "$store/$name" -mmin "-$reuse" 2>/dev/null)" ] && [ -f "$store/$name.said" ] && is_whole "$store/$name"; then
  echo 'reused yes'
  cat -- "$store/$name.said"
  exit
fi

[ -f "$manifests/etcd.yaml" ] || fail 'this node has no static pod of etcd to take a snapshot of'
find_etcd
[ -n "$container" ] || fail 'etcd does not run on this node: its manifest is there, and no container of it runs'
data=$(path_of data-dir)
database=$data/member/snap/db
[ -f "$database" ] || fail "there is no $database on this node, where its manifest says that etcd keeps its data"

# For a while it lies beside etcd's own data, since nothing else of this node is in its container. A disk that it fills is etcd's.
bytes=$(stat -c %s -- "$database")
needed=$((bytes + 512 * 1024 * 1024))
for place in "$data" "$store"; do
  free=$(($(df -Pk -- "$place" | awk 'NR == 2 { print $4 }') * 1024))
  [ "$free" -ge "$needed" ] ||
    fail "$place has $((free >> 20)) MiB free, and $((needed >> 20)) MiB are needed to save a database of $((bytes >> 20)) MiB and leave room"
done

find "$data" -mindepth 1 -maxdepth 1 -name 'stepper-snapshot.*' -mmin +60 -exec rm -rf -- {} +
inside=$(mktemp -d "$data/stepper-snapshot.XXXXXXXX")
trap 'rm -rf -- "$scratch" "$inside"' EXIT
chown --reference="$data" -- "$inside" # etcd need not be root
status=$(etcdctl 30 endpoint status --write-out=json 2>"$errors") || fail "etcd could not be asked for its revision: $(words_in "$errors")"
etcdctl 600 --command-timeout=590s snapshot save "$inside/$name" >/dev/null 2>"$errors" || fail "etcdctl snapshot save failed: $(words_in "$errors")"
is_whole "$inside/$name" || fail 'the snapshot is not whole: it does not end with its own checksum'
# In the images of etcd 3.6 only etcdutl can read one, and in old ones of 3.5 only etcdctl.
proof=$(in_etcd 300 etcdutl snapshot status "$inside/$name" --write-out=json 2>"$errors") ||
  proof=$(in_etcd 300 etcdctl snapshot status "$inside/$name" --write-out=json 2>"$scratch/others") ||
  fail "the snapshot can't be read: etcdutl says $(words_in "$errors"), and etcdctl $(words_in "$scratch/others")"

mv -f -- "$inside/$name" "$store/$name.new"
chown -- "$(id -u):$(id -g)" "$store/$name.new"
chmod -- 0600 "$store/$name.new"
is_whole "$store/$name.new" || fail "the snapshot did not come whole into $store"
printf 'path %s\nbytes %s\nbefore %s\nproof %s\n' "$store/$name" "$(stat -c %s -- "$store/$name.new")" "$status" "$proof" >"$store/$name.said.new"
mv -f -- "$store/$name.said.new" "$store/$name.said"
mv -f -- "$store/$name.new" "$store/$name"
echo 'reused no'
cat -- "$store/$name.said"

find "$store" -maxdepth 1 -name 'etcd-*.db' -printf '%T@ %f\n' | sort -rn | tail -n "+$((keep + 1))" | while read -r _ old; do
  rm -f -- "$store/$old" "$store/$old.said"
done
