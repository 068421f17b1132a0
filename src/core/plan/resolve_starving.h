// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"

namespace reeve::plan {

// Warns of limits under which nothing is left for what is beside the tree: a memory.max that lets one
// cgroup have the host's memory (R0411), partitions that take every CPU (R0412). Many limits that add
// up to more than the host are no reason to warn: not everybody needs his limit at the same time.
//   facts   a host whose memory or CPUs are not known gets no warning about them
void WarnOfStarving(const Desired& desired, const HostFacts& facts, policy::Findings& findings);

}  // namespace reeve::plan
