// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/plan.h"

namespace reeve::plan {

// Something the verdict on a difference depends on and that was not read yet (memory.current, the processes
// of a cgroup that is to be removed or becomes inner). Read it, then make the plan again.
struct Evidence {
  CgroupPath path;
  enum class Kind { kMemoryCurrent, kPidsCurrent, kProcesses } kind = Kind::kMemoryCurrent;

  auto operator<=>(const Evidence&) const = default;
};

struct PlanOptions {
  std::uint64_t page_size = 4096;
};

// What must be known before MakePlan can judge; empty on a converged host, so a pass there reads nothing more.
std::vector<Evidence> WantedEvidence(const Desired& desired,
                                     const Observed& observed,
                                     const PlanOptions& options);

// Compares in canonical form and orders the actions. Pure: the same input gives the same plan.
// Removes only cgroups that carry our mark as created, and none at all when the observation is not complete.
Plan MakePlan(const Desired& desired, const Observed& observed, const PlanOptions& options);

}  // namespace reeve::plan
