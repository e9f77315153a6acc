state=$1
exec 2>&1
receive "$2"
# By a file: a process that the script leaves behind must not keep the connection open.
output=$(mktemp "$state/scripts/.XXXXXXXX")
trap 'rm -f -- "$output"' EXIT
umask 022
code=0
"$script" </dev/null >"$output" 2>&1 || code=$?
tail -c 262144 "$output"
exit "$code"
