// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/plan.h"

namespace reeve::testing {

// Files of one cgroup in kernel text: {"memory.max", "1048576"}.
using Files = std::map<std::string, std::string>;

// A desired tree from kernel text. Parents that are not named are added; every inner cgroup and the
// root hand down what the files below need, and nothing else.
Desired DesiredTree(const std::map<std::string, Files>& cgroups);

struct Seen {
  Files files = {};
  bool ours = true;      // carries our mark, as created
  bool adopted = false;  // ours, but the directory was there before
  std::vector<std::int64_t> processes = {};
  std::string type = "domain";
  std::uint64_t memory_current = 0;
  std::uint64_t pids_current = 0;
};

// An observation in which each cgroup hands down what the files below it need, with all evidence
// present.
Observed ObservedTree(const std::map<std::string, Seen>& cgroups);

// A plan as lines: "create web", "enable cpu in .", "set web cpu.max=50000 100000", "move a ->
// a/_self". Marks are left out unless asked for.
std::vector<std::string> PlanLines(const Plan& plan, bool with_marks = false);

}  // namespace reeve::testing
