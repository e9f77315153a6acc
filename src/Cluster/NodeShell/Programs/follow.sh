state=$1 id=$2 from=$3 most=$4 halves=$5
log=$state/runs/$id/log
if [ ! -f "$log" ]; then
  printf 'state lost\nsize 0\nlog\n'
  exit 0
fi
more() { tail -c "+$((from + 1))" "$log" | head -c "$most"; }
while :; do
  # The state first: what is written before an end was seen is in the log that is read after.
  told=$(tell_state "$id")
  case $told in
    'state running') ;;
    *) break ;;
  esac
  if [ "$halves" -eq 0 ] || [ "$(more | wc -l)" -gt 0 ]; then
    break
  fi
  halves=$((halves - 1))
  sleep 0.5
done
printf '%s\nsize %s\nlog\n' "$told" "$(wc -c <"$log")"
more
