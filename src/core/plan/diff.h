// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/plan.h"

namespace reeve::plan {

// Something the verdict on a difference depends on and that was not read yet (memory.current, the
// processes of a cgroup that is to be removed or becomes inner). Read it, then make the plan again.
struct Evidence {
  enum class Kind { kMemoryCurrent, kPidsCurrent, kProcesses, kPopulated };

  CgroupPath path;
  Kind kind = Kind::kMemoryCurrent;

  auto operator<=>(const Evidence&) const = default;
};

// An interface file of a cgroup; "" for the cgroup itself.
using Key = std::pair<CgroupPath, std::string>;

// What the cgroups of a plan are.
//   kTree   reeve's own: it makes and removes them, and says what they hand down
//   kUnits  units of systemd, which come and go with it. Only the files that are named are set, and one
//           that is not named any more gets back what was found in it. What differs is drift only
//           where our mark says that the value is ours.
enum class Ground { kTree, kUnits };

struct PlanOptions {
  Ground ground = Ground::kTree;
  std::uint64_t page_size = 4096;
  // The desired tree that was in force before; tells drift (the world moved) from change (the
  // policy moved). nullptr when not known: then nothing is called drift.
  const Desired* previous = nullptr;
  // Keys of `previous` that never came into force (refused, held back): what differs there is no
  // drift. nullptr: none.
  const std::set<Key>* not_yet = nullptr;
  // Not nullptr: nothing but the values of these cgroups can differ, because the plan before had
  // nothing to do and nothing else was touched since. The cost of a lone drift is then that of its
  // cgroup, however large the tree is. Counts, gaps and what is only observed are left out.
  const std::set<CgroupPath>* only_values_of = nullptr;
};

struct PlanDraft {
  Plan plan;
  // What must be read before the plan's verdicts can be trusted; empty on a converged host, so that
  // a pass there reads nothing more. A verdict that lacks its evidence holds back.
  std::vector<Evidence> missing;
};

// Compares in canonical form and orders the actions. Pure: the same input gives the same plan.
// Removes only cgroups that carry our mark as created, and none at all when the observation is not
// complete.
PlanDraft MakePlan(const Desired& desired, const Observed& observed, const PlanOptions& options);

}  // namespace reeve::plan
