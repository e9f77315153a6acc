# etcd as kubeadm makes it: a static pod, whose manifest says how it is reached. Its image has etcdctl, and no shell.

flag_of() { # component, flag -> what its manifest gives it; nothing where it does not
  sed -n "s/^ *- \"\{0,1\}--$2=\([^\" ]*\)\"\{0,1\} *\$/\1/p" "$manifests/$1.yaml" 2>/dev/null | head -n 1
}

path_of() { # flag -> the path that etcd's manifest gives it
  path=$(flag_of etcd "$1")
  case $path in
    '' | [!/]* | *[!A-Za-z0-9._/-]*) fail "the manifest of etcd on this node has no path as --$1 that can be used: \"$path\"" ;;
  esac
  printf '%s\n' "$path"
}

# What a program said last in words: etcdctl logs before it, crictl after it.
words_in() { # file
  said=$(sed -n 's/^Error: //p' "$1" | tail -n 1)
  [ -n "$said" ] || said=$(grep -v -e '^{' -e level=fatal -e '^FATA' "$1" | tail -n 1) || :
  printf '%s\n' "${said:-nothing}" | tr -d '\r' | cut -c 1-300
}

# Sets what the functions below need. Where etcd's container does not run, "container" is empty.
find_etcd() {
  urls=$(flag_of etcd listen-client-urls)
  endpoint=${urls%%,*}
  case $endpoint in
    https://?*) ;;
    *) fail "the manifest of etcd on this node has no https address as --listen-client-urls: \"$urls\"" ;;
  esac
  case ${endpoint#https://} in
    *[!][A-Za-z0-9.:-]*) fail "the manifest of etcd on this node has no address as --listen-client-urls: \"$urls\"" ;;
  esac
  ca=$(path_of trusted-ca-file)
  cert=$(path_of cert-file)
  key=$(path_of key-file)
  scratch=$(mktemp -d)
  trap 'rm -rf -- "$scratch"' EXIT
  errors=$scratch/errors
  container=$(crictl ps -q --label io.kubernetes.container.name=etcd --label io.kubernetes.pod.namespace=kube-system 2>"$errors" </dev/null) ||
    fail "crictl could not list the containers of this node: $(words_in "$errors")"
  container=$(printf '%s\n' "$container" | head -n 1)
}

in_etcd() { # seconds, program...
  within=$1
  shift
  timeout -k 5 "$within" crictl exec "$container" "$@" </dev/null
}

etcdctl() { # seconds, words...
  within=$1
  shift
  in_etcd "$within" etcdctl "--endpoints=$endpoint" "--cacert=$ca" "--cert=$cert" "--key=$key" "$@"
}
