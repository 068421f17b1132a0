// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/desired.h"
#include "core/model/plan.h"

namespace reeve::engine {

// How much a new generation may do before a person has to say yes. Shares are percent of what was in force; a
// share is only looked at once more than `at_least` things are concerned, so that a policy of three cgroups can be
// edited at all.
struct GuardLimits {
  unsigned max_remove = 5;   // of the cgroups
  unsigned max_change = 25;  // of the cgroups
  unsigned max_move = 25;    // of the processes
  std::size_t at_least = 5;

  bool operator==(const GuardLimits&) const = default;
};

// A guard that holds a generation back.
struct GuardHit {
  std::string name;     // what `apply --accept` takes
  std::string message;  // "33 % of all cgroups change, allowed 25 %"

  bool operator==(const GuardHit&) const = default;
};

// max_remove, max_change, max_move, empty_set, self_lockout.
const std::vector<std::string_view>& GuardNames();

// What the guards are asked about.
struct GuardQuestion {
  const Desired* before =
      nullptr;  // in force; nullptr: this is the first generation, which is exempt from shares
  const Desired* after = nullptr;
  const Desired* units_before = nullptr;  // of systemd, which count like cgroups; nullptr: none
  const Desired* units_after = nullptr;
  const Plan* plan = nullptr;  // from what is to `after`
  // Cgroups with somebody in them who must be able to go on: reeved itself, the person who asks.
  std::set<CgroupPath> selves;
  std::set<CgroupPath>
      unit_selves;  // units of systemd that these are in, and the slices around them
  // All processes below the managed root; called only when processes move.
  std::function<std::size_t()> count_processes;
};

// The guards that are not in `accepted`, in the order of GuardNames. empty_set is the taker's (there is no plan for
// a directory that is empty).
std::vector<GuardHit> AskGuards(const GuardQuestion& question,
                                const GuardLimits& limits,
                                const std::set<std::string>& accepted);

}  // namespace reeve::engine
