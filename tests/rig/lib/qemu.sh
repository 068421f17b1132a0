# shellcheck shell=bash disable=SC2034,SC2154  # the parts read each other's variables
# SPDX-License-Identifier: Apache-2.0
# QEMU without KVM, a Debian kernel: every controller, pressure files, two CPUs; with systemd too.

initramfs=''

# Not without root: a guest that shows the machine's files through an overlay opens them with
# O_NOATIME, which virtiofsd may do for its own user's files only.
prepare_qemu() {  # qemu or systemd
  ((EUID == 0)) || {
    say "$1 needs root; uml does not"
    return 1
  }
  packages_install "$1" && kernel_find "${kernel:-$default_kernel}" && initramfs_find
}

run_qemu() {
  local disk_arguments=() n=0 size init=/rig/.rig/start
  say "$tier, kernel $kernel_version (${kernel:-$default_kernel}), $cpus CPUs, $memory"
  for size in "${disks[@]}"; do
    truncate -s "${size}M" "$scratch/disk$n"
    disk_arguments+=(-drive "file=$scratch/disk$n,if=virtio,format=raw,cache=unsafe")
    n=$((n + 1))
  done
  printf 'RIG_TIER=%q RIG_DISK=%q\n' "$tier" "$( ((n)) && echo /dev/vda)" >"$box/.rig/environment"
  [[ $tier == systemd ]] && init=/rig/.rig/systemd-init
  serve_files || return
  start_guest qemu-system-x86_64 -accel tcg,thread=multi -cpu "$(cpu_model)" -smp "$cpus" \
    -m "$memory" -M q35 -nodefaults -no-user-config -display none -no-reboot \
    -object "memory-backend-memfd,id=memory,size=$memory,share=on" -numa node,memdev=memory \
    -chardev "socket,id=c0,path=$scratch/files.sock" \
    -device vhost-user-fs-pci,queue-size=1024,chardev=c0,tag=files \
    -chardev "socket,id=c1,path=$scratch/box.sock" \
    -device vhost-user-fs-pci,queue-size=1024,chardev=c1,tag=box \
    -serial "file:$scratch/console" "${disk_arguments[@]}" \
    -kernel "$kernel_dir/boot/vmlinuz-$kernel_version" -initrd "$initramfs" \
    -append "console=ttyS0 quiet loglevel=5 panic=-1 psi=1 mitigations=off tsc=reliable \
rig.init=$init $append" </dev/null >"$scratch/qemu.log" 2>&1
  # The guest writes there through the box; a link keeps the reader's side the same for all tiers.
  ln -sf "$box/.rig/out" "$scratch/out"
  await_guest
  cat "$scratch/qemu.log" >>"$scratch/console"
}

# Without cmpxchg16b: seen to corrupt the kernel's slab lists under emulation with several threads
# (panic in kmem_cache_alloc during boot, 1 boot in 2 of 6.12). Kernels from 7 on want still less.
cpu_model() {
  if ((${kernel_version%%.*} >= 7)); then echo qemu64,-cx16; else echo max,-cx16; fi
}

# Two servers: the machine's files, read-only, and the box. virtiofsd holds a descriptor for every
# file looked at and may have 20000, so nothing in a guest should walk all of /.
serve_files() {
  local virtiofsd=/usr/lib/qemu/virtiofsd
  : >"$box/.rig/out"
  mkdir -p "$scratch/export/root" "$scratch/export/modules"
  start_helper unshare --mount --propagation private bash "$rig_dir/lib/export-files" \
    "$scratch/export" "$kernel_dir/lib/modules" \
    "$virtiofsd" --socket-path="$scratch/files.sock" -o "source=$scratch/export" \
    -o sandbox=chroot -o cache=always -o no_readdirplus -o xattr >"$scratch/files.log" 2>&1
  start_helper "$virtiofsd" --socket-path="$scratch/box.sock" -o "source=$box" \
    -o sandbox=chroot -o cache=none >"$scratch/box.log" 2>&1
  for _ in {1..250}; do
    [[ -S $scratch/files.sock && -S $scratch/box.sock ]] && return 0
    sleep 0.02
  done
  say "virtiofsd did not start"
  cat "$scratch/files.log" "$scratch/box.log" >&2
  return 1
}
