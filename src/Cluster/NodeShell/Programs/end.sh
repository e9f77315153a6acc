
# Stands after every program. ssh, sudo and a login shell have exit codes of their own: only what is said here is the program's.
program "$@"
code=$?
printf '\nstepper-end %s %s\n' "$mark" "$code"
exit "$code"
