// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/plan.h"
#include "core/model/report.h"

namespace reeve::show {

// A failed action in words: what it was, what the kernel said and what somebody can do now.
struct FailureWords {
  std::string what;      // "builds: enable memory"
  std::string kernel;    // "writing \"+memory\": processes live in this cgroup itself (EBUSY)"
  std::string what_now;  // "..., then `reevectl apply` again"
};

// `outcome` must not be done, already so or skipped.
FailureWords ExplainFailure(const Action& action, const Outcome& outcome);

// "set memory.max", "enable memory", "move its processes to builds/_self".
std::string VerbOf(const Action& action);

// The file that an action is about: the key, or cgroup.subtree_control, cgroup.procs; "" for the
// directory.
std::string FileOf(const Action& action);

}  // namespace reeve::show
