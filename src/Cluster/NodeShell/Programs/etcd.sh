manifests=$1
if [ ! -f "$manifests/etcd.yaml" ]; then
  servers=$(flag_of kube-apiserver etcd-servers)
  [ -n "$servers" ] || fail "this node has no static pod of etcd, and no API server that says where another etcd is"
  printf 'external %s\n' "$servers"
  exit
fi
find_etcd
if [ -z "$container" ]; then
  echo stopped
  exit
fi

figures() { # when -> what etcd measures of itself, a line each
  curl -fgsS --noproxy '*' --max-time 10 --cacert "$ca" --cert "$cert" --key "$key" "$endpoint/metrics" 2>"$errors" >"$figures" </dev/null ||
    fail "etcd's own figures ($endpoint/metrics) could not be read: $(words_in "$errors")"
  grep -E '^(process_start_time_seconds|etcd_(server_(has_leader|leader_changes_seen_total|quota_backend_bytes)|mvcc_db_total_size_in_bytes)) |^etcd_disk_(wal_fsync|backend_commit)_duration_seconds_(count |bucket[{]le="0.512"[}])|^etcd_server_apply_duration_seconds_(count[ {]|bucket[{].*le="0.8192"[}])' "$figures" |
    sed "s/^/$1 /"
}
synced() { awk '$1 == "etcd_disk_wal_fsync_duration_seconds_count" { printf "%d\n", $2 }' "$figures"; }

figures=$scratch/figures
began=$(date +%s)
figures before
first=$(synced)
# A member that does not answer is waited for, 5 s; the exit code is then not 0, and the answer is there all the same.
if members=$(etcdctl 30 member list --write-out=json 2>"$errors") && [ -n "$members" ]; then
  printf 'members %s\n' "$members"
  health=$(etcdctl 60 endpoint health --cluster --write-out=json 2>"$errors") || :
  if [ -n "$health" ]; then
    printf 'health %s\n' "$health"
  else
    printf 'silent %s\n' "$(words_in "$errors")"
  fi
else
  printf 'silent %s\n' "$(words_in "$errors")"
fi
# What it measures tells of the disk only while it writes: the API server has it write a few times each second.
tries=10
while figures after >"$scratch/after" && tries=$((tries - 1)) && [ "$tries" -gt 0 ] && [ "$(synced)" -lt "$((${first:-0} + 10))" ]; do
  sleep 0.5
done
cat "$scratch/after"
printf 'seconds %s\n' "$(($(date +%s) - began))"
