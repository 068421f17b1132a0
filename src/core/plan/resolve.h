// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"

namespace reeve::plan {

// Turns a merged policy into kernel numbers for this host.
//   - percentages and expressions are worked out: `of parent` is the nearest ancestor with a finite
//   value,
//     limits_above included, at last the host; `of KEY` the same for KEY
//   - devices and mounts become numbers; what is not there is a Gap (Pending)
//   - controllers and files this host lacks become Gaps (Unsupported), knob by knob
//   - inner cgroups get their _self leaf where it has knobs, and every cgroup its subtree_control:
//   what the
//     children need, and cpu memory io pids for the accounts unless `account: none`
// Findings: numbers below zero, over 64 bits or out of the kernel's range on this host (R03xx), and
// values of one cgroup that contradict each other (R01xx: memory.high above memory.max, ...).
Desired Resolve(const policy::MergedTree& tree, const HostFacts& facts, policy::Findings& findings);

}  // namespace reeve::plan
