# The Kubernetes package source of this node, as update_k8s.sh writes it or as its administrator did.
kubernetes_list() {
  for file in /etc/apt/sources.list.d/kubernetes.list /etc/apt/sources.list.d/kubernetes.sources; do
    if [ -f "$file" ]; then
      printf '%s\n' "$file"
      return
    fi
  done
}

# Only that list: a broken third-party source is no reason to stop. Another apt may be at work, so it is tried again.
refresh() { # list
  tries=3
  until apt-get -q update -o Dir::Etc::sourcelist="$1" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 \
    -o APT::Update::Error-Mode=any; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 5
  done
}
