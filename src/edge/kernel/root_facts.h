// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/host_facts.h"
#include "core/port/cgroup_fs.h"
#include "edge/kernel/host_facts.h"

namespace reeve::kernel {

// The part of the facts that the managed root decides: cpus, cpu_ids, memory_nodes, memory,
// controllers, files, limits_above. See host_facts.h for what they mean. Before, the facts hold the
// whole machine's.
//   tree   where the cgroup2 file system of `root` is mounted; the walk upwards ends there
void ReadRootFacts(const std::string& root,
                   const std::string& tree,
                   port::CgroupFs& fs,
                   const FactsOptions& options,
                   HostFacts* facts,
                   std::vector<std::string>* notes);

}  // namespace reeve::kernel
