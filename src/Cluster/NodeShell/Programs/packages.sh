# A line for each of the packages that dpkg knows: state|package|version. It ends with 1 when one of them is unknown to it, and
# lists the others; with anything else it has read nothing, which is not that nothing is installed.
tell_packages() {
  code=0
  listed=$(dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Version}\n' "$@" 2>/dev/null) || code=$?
  [ "$code" -le 1 ] || fail "which packages are installed on this node can not be read: dpkg-query ended with $code"
  printf '%s\n' "$listed"
}
