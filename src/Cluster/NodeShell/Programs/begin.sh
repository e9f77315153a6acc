# Stands before every program. What a login shell printed before this line is none of the answer.
set -u
unset POSIXLY_CORRECT CDPATH
export LC_ALL=C.UTF-8
# What sudo or a login shell leaves of it may lack the tools of an administrator; dpkg refuses to work without.
export PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
umask 022
mark=$1
shift
printf 'stepper-begin %s\n' "$mark"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

needs_apt() {
  for tool in apt-get apt-cache apt-mark dpkg-query; do
    command -v "$tool" >/dev/null || fail "$tool is not on this node; only Debian and Ubuntu nodes can be upgraded"
  done
}
