// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/kernel/mounts.h"

namespace reeve::kernel {

// A cgroup v1 hierarchy: what it holds, cgroup v2 can not have.
struct V1Hierarchy {
  std::string mount_point;
  std::vector<std::string> controllers;  // "cpu", "memory"; "name=systemd" for one without any

  bool operator==(const V1Hierarchy&) const = default;
};

// Which cgroup file systems a host shows us.
struct CgroupMounts {
  std::vector<format::Mount> v2;  // those that their mount point still leads to
  std::vector<V1Hierarchy> v1;

  // Controllers that v1 keeps from v2, in the order found, each once.
  std::vector<std::string> HeldByV1() const;
};

CgroupMounts FindCgroupMounts(const MountTable& mounts);

// Why a directory that is not on cgroup2 can not be a managed root, and where this host has one:
//   "is a cgroup v1 hierarchy (memory), not cgroup2; this host is hybrid: its cgroup2 tree is at
//    /sys/fs/cgroup/unified, and cgroup v1 holds cpu memory"
// One sentence, no full stop.
//   path   absolute, without symlinks
std::string WhyNotCgroup2(const std::string& path, const MountTable& mounts);

// The second half: where this host has a cgroup2 tree, or what keeps it from having one.
std::string DescribeCgroupMounts(const CgroupMounts& mounts);

}  // namespace reeve::kernel
