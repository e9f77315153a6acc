# What is kept on the node is root's alone: nobody else may have made the directory, nor put something there in its place.
own_state() {
  (umask 077 && mkdir -p -- "$state")
  if [ -L "$state" ] || [ "$(stat -c %u -- "$state")" -ne "$(id -u)" ]; then
    fail "$state on this node is not a directory of root's own; nothing was put there. Look at who made it, then move it away"
  fi
  chmod -- 0700 "$state"
}
