// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace reeve::format {

// One line of /proc/PID/mountinfo, with the kernel's octal escapes undone.
struct Mount {
  int id = 0;
  int parent = 0;
  // "8:1" of the file system; "0:N" for those without a block device of their own
  std::string device;
  // which part of the file system is mounted: "/", "/sub", "/../.." outside a namespace
  std::string root;
  std::string mount_point;
  std::vector<std::string> options;        // of this mount: "rw", "nosuid"
  std::vector<std::string> tags;           // "shared:1", "master:2", "unbindable"; may be empty
  std::string type;                        // "ext4", "cgroup2"
  std::string source;                      // "/dev/sda1", "tmpfs"; any text
  std::vector<std::string> super_options;  // of the file system: "rw", "nsdelegate", "memory"

  bool operator==(const Mount&) const = default;
};

// In the kernel's order: a later mount on the same point hides an earlier one.
//   errors   Invalid, with the line that is not like one, or when the text is longer than any
//   kernel's source   proc(5), /proc/PID/mountinfo
Result<std::vector<Mount>> ParseMountInfo(std::string_view text);

}  // namespace reeve::format
