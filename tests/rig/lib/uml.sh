# shellcheck shell=bash disable=SC2034,SC2154  # the parts read each other's variables
# SPDX-License-Identifier: Apache-2.0
# User-Mode Linux: a kernel that is an ordinary program. One CPU; no pressure files, no cpuset.

prepare_uml() { packages_install uml; }

run_uml() {
  local binary=${kernel:-linux.uml} arguments as_nobody=() n=0 size
  say "uml, kernel $("$binary" --version) ($binary), 1 CPU, $memory"
  arguments=(
    "mem=$memory" rootfstype=hostfs rootflags=/ ro "init=$box/.rig/uml-init" "rig.box=$box"
    con=null "con0=null,fd:1" "con1=null,fd:3" panic=-1 quiet loglevel=5
  )
  for size in "${disks[@]}"; do
    truncate -s "${size}M" "$scratch/disk$n"
    arguments+=("ubd$n=$scratch/disk$n")
    n=$((n + 1))
  done
  printf 'RIG_TIER=uml RIG_DISK=%q\n' "$( ((n)) && echo /dev/ubda)" >"$box/.rig/environment"
  # As root, code in the guest could mount hostfs again and write to this machine; as nobody it can
  # not write anywhere but in the box.
  if ((EUID == 0)); then
    chown -R nobody "$scratch"
    as_nobody=(--reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all --no-new-privs)
  fi
  # shellcheck disable=SC2086  # kernel arguments are words
  start_guest "${as_nobody[@]}" env HOME="$scratch" TMPDIR="$(memory_dir)" "$binary" \
    "${arguments[@]}" $append </dev/null >"$scratch/console" 2>&1 3>"$scratch/out"
  await_guest
}

# The guest's memory is a file: in memory where that has room to spare (containers often have 64 MiB
# there, and a guest that fills it dies of SIGBUS), else beside the rest of the scratch files.
memory_dir() {
  local free
  free=$(df --output=avail -B 1M /dev/shm 2>/dev/null | tail -n 1)
  if ((${free:-0} > 4096)) && ! findmnt -no OPTIONS /dev/shm | grep -qw noexec; then
    echo /dev/shm
  else
    echo "$scratch"
  fi
}
