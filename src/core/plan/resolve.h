// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"
#include "core/policy/expand.h"

namespace reeve::plan {

// Turns a merged policy into kernel numbers for this host.
//   amounts      percentages and expressions are worked out exactly and rounded down: `of parent` is
//                the nearest ancestor with a finite value, limits_above included, at last the host;
//                `of KEY` the same for KEY, beginning with the cgroup itself
//   devices      devices and mounts become numbers of whole disks; what is not there is a Gap
//                (Pending) for its row, the other rows are in force
//   numbers      CPUs and memory nodes that are not there are a Gap, the others are in force
//   gaps         controllers and files this host lacks (Unsupported), knob by knob. Facts without any
//                controller and file know nothing of cgroups: then everything is taken to exist
//   controllers  every cgroup hands down what its children need, and cpu, io, memory and pids for
//                the accounts unless `account: none`, which holds for everything below it as well
//   _self        the leaf of an inner cgroup is there where it has knobs
// Findings: numbers below zero, over 64 bits, out of the kernel's range or not known on this host,
// rows that are the same disk and disagree (R03xx), values of one cgroup that contradict each other
// (R01xx errors, R04xx warnings), promises of memory beyond what there is (R04xx).
Desired Resolve(const policy::MergedTree& tree, const HostFacts& facts, policy::Findings& findings);

}  // namespace reeve::plan
