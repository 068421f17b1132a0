// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/host_facts.h"
#include "edge/kernel/host_facts.h"

namespace reeve::kernel {

// What this machine has, whoever may use it: the CPUs that are online and the nodes with memory.
// Fills cpu_ids and memory_nodes; they stay as they are where the kernel does not say.
void ReadMachineIds(const FactsOptions& options, HostFacts* facts);

// What the managed root may use of that: fills cpu_ids, memory_nodes and cpus.
//   upwards   the managed root, then each directory above it up to the hierarchy's root. The first
//             one with cpuset's files decides; without any the facts stay as they are
void ReadCpusetFacts(const std::vector<std::string>& upwards, HostFacts* facts);

}  // namespace reeve::kernel
