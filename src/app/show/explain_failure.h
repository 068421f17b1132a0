// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/host_facts.h"
#include "core/model/plan.h"
#include "core/model/report.h"

namespace reeve::show {

// A failed action in words: what it was, what the kernel said, what that means on this host, and what
// somebody can do now.
struct FailureWords {
  std::string what;         // "builds: enable memory"
  std::string kernel;       // "writing \"+memory\": processes live in this cgroup itself (EBUSY)"
  std::string which_means;  // "reeve may use the CPUs 0-3"; "" where the kernel's words say it all
  std::string what_now;     // "..., then `reevectl apply` again"
};

// `outcome` must not be done, already so or skipped.
//   facts   of the host it happened on; nullptr when not known
FailureWords ExplainFailure(const Action& action,
                            const Outcome& outcome,
                            const HostFacts* facts = nullptr);

// "set memory.max", "enable memory", "move its processes to builds/_self".
std::string VerbOf(const Action& action);

// The file that an action is about: the key, or cgroup.subtree_control, cgroup.procs; "" for the
// directory.
std::string FileOf(const Action& action);

}  // namespace reeve::show
