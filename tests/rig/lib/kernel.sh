# shellcheck shell=bash disable=SC2034,SC2154  # the parts read each other's variables
# SPDX-License-Identifier: Apache-2.0
# Kernels for QEMU: fetched as Debian packages into the cache, or taken from a directory.
#
#   $cache/kernels/NAME/   a package unpacked: boot/vmlinuz-VERSION, lib/modules/VERSION
#   $cache/apt/            apt's own files, apart from the machine's, so that no root is needed

readonly default_kernel=linux-image-cloud-amd64
# What the guest's first program loads to reach its file system and disks; the rest loads on demand.
boot_modules=(virtio_pci virtio_mmio virtiofs overlay virtio_blk)

# kernel_dir and kernel_version of the kernel asked for; kernel_find says which it is.
kernel_dir='' kernel_version=''

kernel_find() {  # PACKAGE[/SUITE] or DIRECTORY
  if [[ -d $1 ]]; then
    kernel_dir=$1
  else
    kernel_dir=$cache/kernels/${1//\//@}
    [[ -d $kernel_dir ]] || with_cache_lock kernel_fetch "$1" "$kernel_dir" || return 1
  fi
  kernel_version=$(find "$kernel_dir/boot/" -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null |
    sed 's/^vmlinuz-//' | sort -V | tail -n 1)
  [[ $kernel_version && -d $kernel_dir/lib/modules/$kernel_version ]] && return 0
  say "no boot/vmlinuz-* with lib/modules in $kernel_dir"
  return 1
}

kernel_fetch() {  # PACKAGE[/SUITE] DIRECTORY
  [[ -d $2 ]] && return 0  # another run was faster
  local part=$2.part
  rm -rf "$part"
  mkdir -p "$part"
  say "fetching kernel $1"
  if ! { private_apt_update && kernel_download "$1" "$part"; }; then
    rm -rf "$part"
    return 1
  fi
  dpkg -x "$part"/linux-image-*.deb "$part" || return 1
  rm "$part"/*.deb
  # Packages for systems with a merged /usr hold the modules below usr/lib.
  [[ -d $part/lib/modules ]] || ln -sfn usr/lib "$part/lib"
  depmod -b "$part" "$(basename "$part"/lib/modules/*)" || return 1
  mv -T "$part" "$2"
}

# Follows a meta package (linux-image-cloud-amd64) to the package that holds the kernel.
kernel_download() {  # PACKAGE[/SUITE] DIRECTORY
  local package=${1%%/*} suite=() next
  [[ $1 == */* ]] && suite=(-t "${1#*/}")
  while next=$(private_apt apt-cache "${suite[@]}" show --no-all-versions "$package" 2>/dev/null |
    sed -n 's/^Depends:.*\(linux-image-[0-9][^ ,]*\).*/\1/p' | head -n 1) && [[ $next ]]; do
    package=$next
  done
  (cd "$2" && private_apt apt-get -qq "${suite[@]}" download "$package") || {
    say "no kernel package $package on this machine's mirror"
    return 1
  }
}

private_apt() {  # APT-PROGRAM ARGUMENT...
  local apt=$cache/apt program=$1
  shift
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  "$program" -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" \
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o APT::Sandbox::User=root "$@"
}

private_apt_update() {
  mkdir -p "$cache/apt"
  private_sources >"$cache/apt/sources.list"
  private_apt apt-get -qq update
}

# The machine's own Debian mirror with its suites and backports; other origins are left out.
private_sources() {
  local release keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=''
  release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  [[ -e $keyring ]] && options="[signed-by=$keyring] "
  # shellcheck disable=SC2016  # apt's fields
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | sort -u |
    awk -v release="$release" -v options="$options" '
      $2 ~ "^" release "(-updates|-security)?$" { print "deb " options $1 " " $2 " main" }
      $2 == release { print "deb " options $1 " " release "-backports main" }'
}

# The first file system of the guest: busybox, the modules it needs to reach the real one, its init.
# One per kernel and text of that init, so that a change of it is never hidden by the cache.
initramfs_find() {
  local key
  key=$(cat "$rig_dir/guest/qemu-init" "$rig_dir/lib/kernel.sh" | sha256sum | cut -c1-12)
  if [[ $kernel_dir == "$cache"/* ]]; then
    initramfs=$kernel_dir/initramfs-$key
    [[ -e $initramfs ]] || initramfs_build "$initramfs"
  else
    initramfs=$scratch/initramfs
    initramfs_build "$initramfs"
  fi
}

initramfs_build() {  # FILE
  local tree name=$1
  tree=$(mktemp -d) || return 1
  mkdir -p "$tree"/{bin,proc,sys,dev,modules,lower,upper,root}
  cp /bin/busybox "$tree/bin/busybox" &&
    ln -s busybox "$tree/bin/sh" &&
    initramfs_modules "$tree/modules" &&
    install -m 755 "$rig_dir/guest/qemu-init" "$tree/init" &&
    (cd "$tree" && find . | cpio -o -H newc --quiet) | gzip -1 >"$name.$$" &&
    mv "$name.$$" "$name"
  local status=$?
  rm -rf "$tree"
  return $status
}

# Copies the boot modules with what they depend on, uncompressed, and notes the order to load them in.
initramfs_modules() {  # DIRECTORY
  local module kind path rest name
  : >"$1/order"
  for module in "${boot_modules[@]}"; do
    while read -r kind path rest; do
      [[ $kind == insmod ]] || continue
      name=$(basename "${path%.xz}")
      grep -qx "$name" "$1/order" && continue
      if [[ $path == *.xz ]]; then xz -dc "$path" >"$1/$name"; else cp "$path" "$1/$name"; fi || return
      echo "$name" >>"$1/order"
    done < <(modprobe -d "$kernel_dir" -S "$kernel_version" --show-depends "$module" 2>/dev/null)
  done
}
