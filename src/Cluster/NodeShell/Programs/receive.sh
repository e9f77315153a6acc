# A script comes by stdin and is run only when it is whole: a connection that is cut looks like its end.
receive() { # its sha256; sets "script"
  own_state
  umask 077
  mkdir -p -- "$state/scripts"
  arriving=$(mktemp "$state/scripts/.XXXXXXXX")
  trap 'rm -f -- "$arriving"' EXIT
  cat >"$arriving"
  [ "$(sha256sum <"$arriving")" = "$1  -" ] || fail 'the script did not arrive whole; it was not run'
  chmod 0700 "$arriving"
  script=$state/scripts/$1
  mv -f -- "$arriving" "$script"
}
