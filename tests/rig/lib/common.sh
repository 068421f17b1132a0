# shellcheck shell=bash disable=SC2034,SC2154  # the parts read each other's variables
# SPDX-License-Identifier: Apache-2.0
# What all tiers have in common: the scratch directory, the guest's life, output and exit status.
#
#   $scratch/box/        the guest's /rig
#   $scratch/box/.rig/   ours inside it: the command, its exit status, the guest's first programs
#   $scratch/out         what the command printed
#   $scratch/console     what the guest's kernel printed

cache=${REEVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reeve}
scratch='' box='' guest_pid='' helpers=() printer=''

say() { echo "rig: $*" >&2; }

scratch_make() {
  local parent=${TMPDIR:-/tmp}
  # User-Mode Linux runs as nobody when we are root, and has to get there.
  ((EUID == 0)) && ! setpriv --reuid=nobody --clear-groups test -x "$parent" && parent=/tmp
  scratch=$(mktemp -d "$parent/reeve-rig.XXXXXX") || exit "$exit_no_guest"
  chmod 755 "$scratch"
  box=$scratch/box
  mkdir -p "$box/.rig"
  : >"$scratch/out"
  : >"$scratch/console"
  trap 'clean_up' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# Everything the guest needs of ours goes into the box: the checkout itself may be out of sight
# for the guest, on another file system or in a directory that nobody may enter.
scratch_fill() {
  local path
  for path in "${files[@]}"; do
    cp -rL "$path" "$box/" || exit "$exit_no_guest"
  done
  cp "$rig_dir"/guest/* "$box/.rig/"
  printf '%q ' "${command[@]}" >"$box/.rig/command"
}

# Guests and their helpers run in sessions of their own, so that a Ctrl-C reaches us alone and we
# end them in order; --pdeathsig ends them even when we are killed outright.
start_guest() {  # [SETPRIV-OPTION]... COMMAND...
  setsid setpriv --pdeathsig KILL "$@" &
  guest_pid=$!
}

start_helper() {  # COMMAND...
  setsid setpriv --pdeathsig TERM "$@" </dev/null &
  helpers+=($!)
}

# Waits for the guest to end by itself; one that takes longer than --timeout is ended.
await_guest() {
  local timer
  ((stream)) && start_printer
  sleep "$timeout_s" &
  timer=$!
  wait -n "$guest_pid" "$timer" 2>/dev/null
  if kill -0 "$timer" 2>/dev/null; then
    kill "$timer"
  else
    say "$tier: no end after $timeout_s s"
  fi
  end_group "$guest_pid"
  guest_pid=''
}

start_printer() {
  tail -n +1 -s 0.1 -f --pid="$guest_pid" "$scratch/out" &
  printer=$!
}

end_group() {  # PID of its leader
  kill -KILL -- "-$1" 2>/dev/null
  wait "$1" 2>/dev/null
}

clean_up() {
  trap '' INT TERM HUP
  local pid
  for pid in $guest_pid "${helpers[@]}"; do end_group "$pid"; done
  [[ $printer ]] && kill "$printer" 2>/dev/null
  native_clean_up
  [[ $scratch ]] && rm -rf "$scratch"
}

finish() {
  local status
  status=$(cat "$box/.rig/status" 2>/dev/null)
  if [[ $printer ]]; then wait "$printer"; printer=''; else cat "$scratch/out"; fi
  ((show_console)) && sed 's/^/rig: console: /' "$scratch/console" >&2
  [[ $status =~ ^[0-9]+$ ]] || finish_failed
  if [[ $out_dir ]]; then
    mkdir -p "$out_dir" && (cd "$box" && tar -cf - --exclude=./.rig .) | tar -xf - -C "$out_dir"
  fi
  exit "$status"
}

finish_failed() {
  say "$tier: the guest ended without an exit status; the last lines of its console:"
  tail -n 15 "$scratch/console" | sed 's/^/rig: console: /' >&2
  exit "$exit_no_guest"
}

# One writer at a time in the cache; readers need no lock, entries appear by rename.
with_cache_lock() {  # COMMAND...
  mkdir -p "$cache" || return 1
  (
    flock 9
    "$@" 9>&-
  ) 9>"$cache/lock"
}
