// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/usage_snapshot.h"

namespace reeve {

// One cgroup on the way from a cgroup to the root of the hierarchy: what limits it limits all below.
struct Step {
  std::string name;         // "web/api"; above the managed root, and for it, the absolute directory
  bool above_root = false;  // outside of what reeve was given: others' limits
  CgroupPath path;          // below the managed root, "" for it and above
  CgroupUsage usage;        // now; `names` may be null here

  // An earlier look at the same life of the cgroup, and how long ago it was.
  std::optional<CgroupUsage> before;
  double seconds = 0;

  // Share of CPU time where everybody wants it: own weight of all siblings' in which somebody lives,
  // itself included. Absent at the hierarchy's root and without the cpu controller.
  std::optional<std::uint64_t> cpu_weight;
  std::uint64_t cpu_weights = 0;  // of all of them, itself included

  // Further files that somebody asked for, as the kernel prints them.
  std::map<std::string, std::string> files;
};

// Itself first, the hierarchy's root (or as far as could be seen) last.
using WayUp = std::vector<Step>;

}  // namespace reeve
