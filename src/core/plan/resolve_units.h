// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"

namespace reeve::plan {

// The units of a merged policy in kernel numbers, as systemd will keep them (format/unit_text.h). Flat: paths
// are names of units, nothing is handed down.
//   loaded     a unit that is not loaded on this host is no cgroup of the result but a Gap (Pending) for each
//              of its keys, and so is what fits a template beyond its max_instances
//   gaps       files that systemd, this version of it or the kernel cannot express (Unsupported)
//   of parent  the slice above, as policies say it or as it was found, and so on up; at last the host
// Findings are those of Resolve.
Desired ResolveUnits(const policy::MergedTree& tree,
                     const HostFacts& facts,
                     policy::Findings& findings);

}  // namespace reeve::plan
