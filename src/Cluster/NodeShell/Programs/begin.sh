# Stands before every program. What a login shell printed before this line is none of the answer.
set -eu
export LC_ALL=C.UTF-8
printf 'stepper-begin\n'

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# 255 is how ssh says that the connection is gone.
leave_with() {
  [ "$1" -ne 255 ] || exit 254
  exit "$1"
}

needs_apt() {
  for tool in apt-get apt-cache apt-mark dpkg-query; do
    command -v "$tool" >/dev/null || fail "$tool is not on this node; only Debian and Ubuntu nodes can be upgraded"
  done
}
