// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/model/host_facts.h"
#include "edge/kernel/mounts.h"

namespace reeve::kernel {

// The block devices of this host, each with the whole disk that the kernel limits in its place: a
// partition's disk; everything else, device mapper, md and loop devices included, is its own.
class Disks {
 public:
  // Reads SYS/class/block, and names below DEV and in udev's database (RUN/udev/data).
  static Disks Read(const std::string& sys, const std::string& dev, const std::string& run);

  // "/dev/sda1", "/dev/disk/by-id/...", "/dev/vg/lv", "8:1" -> whole disk.
  const std::map<std::string, BlockDevice>& by_name() const { return by_name_; }

  // The whole disk that the file system at this mount sits on; nullopt when there is none (tmpfs,
  // network) or none that can be known. btrfs with several disks: the one it was mounted by.
  std::optional<BlockDevice> Below(const format::Mount& mount, const MountTable& mounts) const;

 private:
  void AddLinks(const std::string& dev, const std::string& below);
  void AddUdevLinks(const std::string& database, const std::string& dev);
  std::optional<BlockDevice> Find(const std::string& name) const;

  std::map<std::string, BlockDevice> by_name_;
};

}  // namespace reeve::kernel
