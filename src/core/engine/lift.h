// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// What lifting every limit came to.
struct LiftReport {
  std::size_t governed = 0;        // cgroups with our mark
  std::size_t cgroups = 0;         // of them, in which a limit was lifted
  std::size_t values = 0;          // interface files that were lifted
  std::size_t loose_already = 0;   // that had nothing to lift
  std::vector<CgroupPath> frozen;  // cgroups with our mark whose processes stand still; left so
  std::vector<std::string> kept;   // "web cpuset.cpus: why" for limits that were not lifted
  std::vector<Error> failures;
};

// Sets every limit that our marks name to its loosest, from the outermost cgroup inwards. Needs
// nothing but the tree: no policy, no state, no daemon. Processes, cgroups, marks, weights,
// protections and files that reeve never set stay as they are. What fails does not stop the rest.
LiftReport LiftEverything(port::CgroupFs& fs);

}  // namespace reeve::engine
