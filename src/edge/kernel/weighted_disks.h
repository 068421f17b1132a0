// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

namespace reeve::kernel {

// Numbers ("8:0") of the disks on which io.weight has an effect: those whose requests BFQ schedules, and those
// for which the hierarchy's root has iocost switched on. On all others the kernel refuses a weight for the
// device (EOPNOTSUPP, measured on 6.1) and takes the default one without doing anything with it.
//   hierarchy_root   where cgroup2 is mounted
std::set<std::string> ReadWeightedDisks(const std::string& sys, const std::string& hierarchy_root);

}  // namespace reeve::kernel
