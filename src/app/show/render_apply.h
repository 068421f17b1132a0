// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/show/exit_code.h"
#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/model/host_facts.h"
#include "core/model/plan.h"
#include "core/model/report.h"

namespace reeve::show {

// One pass of an apply. There is a second one when a cgroup changed its identity during the first.
struct AppliedRound {
  Plan plan;
  ApplyReport report;  // one outcome for each action
};

// What an apply did and what is true after it.
struct ApplyPaper {
  std::string host;
  std::string root;
  std::string policy_hash;
  std::vector<AppliedRound>
      rounds;  // at least one; with an empty plan when there was nothing to do
  Plan left;   // planned again afterwards: what is still not as described
  double seconds = 0;
  const HostFacts* facts = nullptr;  // to say what a refusal means on this host; nullptr: not known
};

enum class ApplyResult { kSame, kDone, kHeld, kDiffers };

ApplyResult ResultOf(const ApplyPaper& paper);

// 0 done or same, 4 held, 1 differs.
int ExitCodeOf(ApplyResult result);

std::string RenderApply(const ApplyPaper& paper, const Paint& paint);

// {host, result, changed, repaired, generation, previous, policy_hash, actions, failures,
// unsupported, care, held, confirm_before}. Offline there are no generations: those keys are null.
Json ApplyJson(const ApplyPaper& paper);

// The same object for an apply that did not begin. `result` is "refused" or "load-failed".
Json NotAppliedJson(const std::string& host, std::string_view result, const std::string& reason);

}  // namespace reeve::show
