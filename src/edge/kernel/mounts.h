// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/format/mountinfo.h"

namespace reeve::kernel {

// The mounts of one mount namespace and what a path in it leads to.
class MountTable {
 public:
  explicit MountTable(std::vector<format::Mount> mounts) : mounts_(std::move(mounts)) {}

  //   proc   where proc is mounted: reads PROC/self/mountinfo
  static Result<MountTable> Read(const std::string& proc = "/proc");

  // In the kernel's order, hidden ones included.
  const std::vector<format::Mount>& all() const { return mounts_; }

  // The mount that an absolute path without symlinks lies on; nullptr when the table has none.
  const format::Mount* Of(std::string_view path) const;

  // Whether the mount's point still leads to it: nothing was mounted over it or above it later.
  bool IsVisible(const format::Mount& mount) const { return Of(mount.mount_point) == &mount; }

 private:
  std::vector<format::Mount> mounts_;
};

// Whether a file system of this type waits for somebody else - a program, a server - in every call,
// for ever where that does not answer. Nor does it tell inotify what others change.
bool WaitsForOthers(std::string_view type);

// "/a/b" and everything below "/a"; never "/ab".
bool IsAtOrBelow(std::string_view path, std::string_view directory);

}  // namespace reeve::kernel
