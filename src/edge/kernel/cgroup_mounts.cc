// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cgroup_mounts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::kernel {
namespace {

// What a v1 mount's options say beside its controllers (cgroup1_show_options).
bool IsPlainOption(std::string_view option) {
  static constexpr std::array<std::string_view, 8> kPlain = {
      "rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods", "none"};
  return option.starts_with("release_agent=") ||
         std::find(kPlain.begin(), kPlain.end(), option) != kPlain.end();
}

V1Hierarchy HierarchyOf(const format::Mount& mount) {
  V1Hierarchy hierarchy{mount.mount_point, {}};
  for (const std::string& option : mount.super_options) {
    if (!IsPlainOption(option)) hierarchy.controllers.push_back(option);
  }
  return hierarchy;
}

std::string Places(const std::vector<format::Mount>& mounts) {
  std::vector<std::string> places;
  places.reserve(mounts.size());
  for (const format::Mount& mount : mounts) places.push_back(EscapeForTerminal(mount.mount_point));
  return Join(places, " and ");
}

}  // namespace

std::vector<std::string> CgroupMounts::HeldByV1() const {
  std::vector<std::string> held;
  for (const V1Hierarchy& hierarchy : v1) {
    for (const std::string& name : hierarchy.controllers) {
      if (name.starts_with("name=")) continue;
      if (std::find(held.begin(), held.end(), name) == held.end()) held.push_back(name);
    }
  }
  return held;
}

CgroupMounts FindCgroupMounts(const MountTable& mounts) {
  CgroupMounts found;
  for (const format::Mount& mount : mounts.all()) {
    if (mount.type == "cgroup2" && mounts.IsVisible(mount)) found.v2.push_back(mount);
    // A hierarchy that is mounted over holds its controllers all the same.
    if (mount.type == "cgroup") found.v1.push_back(HierarchyOf(mount));
  }
  return found;
}

std::string DescribeCgroupMounts(const CgroupMounts& mounts) {
  const std::string held = Join(mounts.HeldByV1(), " ");
  if (mounts.v2.empty()) {
    return held.empty() ? "no cgroup2 file system is mounted on this host (mount -t cgroup2 none "
                          "/sys/fs/cgroup)"
                        : fmt::format(
                              "this host has cgroup v1 only, which holds {}: boot with "
                              "systemd.unified_cgroup_hierarchy=1, or without systemd with "
                              "cgroup_no_v1=all",
                              held);
  }
  if (held.empty()) return fmt::format("this host's cgroup2 tree is at {}", Places(mounts.v2));
  return fmt::format("this host is hybrid: its cgroup2 tree is at {}, and cgroup v1 holds {}",
                     Places(mounts.v2),
                     held);
}

std::string WhyNotCgroup2(const std::string& path, const MountTable& mounts) {
  const std::string elsewhere = DescribeCgroupMounts(FindCgroupMounts(mounts));
  const format::Mount* mount = mounts.Of(path);
  if (mount == nullptr) return fmt::format("is not cgroup2; {}", elsewhere);
  if (mount->type != "cgroup") {
    return fmt::format("is on {}, not cgroup2; {}", EscapeForTerminal(mount->type), elsewhere);
  }
  return fmt::format("is a cgroup v1 hierarchy ({}), not cgroup2; {}",
                     Join(HierarchyOf(*mount).controllers, " "),
                     elsewhere);
}

}  // namespace reeve::kernel
