# shellcheck shell=bash disable=SC2034,SC2154  # the parts read each other's variables
# SPDX-License-Identifier: Apache-2.0
# The tier without a guest: a scratch cgroup on this machine's own cgroup2 mount. Nothing is mounted.

native_cgroup=''

# Where cgroup2 is on this machine, also beside v1 hierarchies.
native_mount() {
  awk '$3 == "cgroup2" {print $2; exit}' /proc/self/mounts
}

# The command's cgroup lies in our own one: that is what we have been given.
run_native() {
  local mount own
  mount=$(native_mount)
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  native_cgroup=$(mktemp -d "$mount${own%/}/reeve-rig.XXXXXX" 2>/dev/null)
  [[ $native_cgroup ]] || say "native: no cgroup of our own to be had, the command runs without"
  say "native, kernel $(uname -r)"
  start_guest env RIG_TIER=native RIG_DIR="$box" RIG_CGROUP="$native_cgroup" RIG_DISK='' \
    bash "$box/.rig/native-start" </dev/null >"$scratch/out" 2>&1
  await_guest
}

# Ends what is still in the scratch cgroup and removes it, children first.
native_clean_up() {
  [[ -d $native_cgroup ]] || return 0
  local file
  find "$native_cgroup" -name cgroup.procs | while read -r file; do
    xargs -r kill -KILL <"$file" 2>/dev/null
  done
  for _ in {1..50}; do
    find "$native_cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
    [[ -d $native_cgroup ]] || return 0
    sleep 0.1
  done
  say "native: could not remove $native_cgroup"
}
