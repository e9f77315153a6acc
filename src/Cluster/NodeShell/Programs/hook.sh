state=$1
exec 2>&1
receive "$2"
umask 022
# By a file: a process that the script leaves behind must not keep the connection open.
output=$(mktemp)
trap 'rm -f -- "$output"' EXIT
code=0
"$script" </dev/null >"$output" 2>&1 || code=$?
tail -c 262144 "$output"
leave_with "$code"
