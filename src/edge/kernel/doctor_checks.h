// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "edge/kernel/cgroup_mounts.h"
#include "edge/kernel/doctor.h"
#include "edge/kernel/mounts.h"

// The checks of doctor.h, each on what it needs.
namespace reeve::kernel {

// "cgroup v2": where it is mounted and how; what v1 holds.
std::vector<HealthCheck> CheckCgroupMounts(const CgroupMounts& mounts);

// "managed root", "controllers", "lock", "paths": whether reeve can work in it.
std::vector<HealthCheck> CheckManagedRoot(const std::string& root,
                                          const MountTable& mounts,
                                          const FactsOptions& options);

// "swap": whether it is there and counted per cgroup.
HealthCheck CheckSwap(const HostFacts& facts);

// "pressure": which of cpu, memory and io tell.
HealthCheck CheckPressure(const FactsOptions& options);

// "io.weight": which disks let weights have an effect. Nothing where there is no io controller.
//   tree   where the hierarchy's root is mounted
std::vector<HealthCheck> CheckIoWeight(const HostFacts& facts,
                                       const std::string& tree,
                                       const FactsOptions& options);

// "protection": whether memory.min and memory.low can count below the managed root, which the
// cgroups above cap. Nothing without the memory controller.
//   tree     where the hierarchy's root is mounted
//   desired  what the policies want here; nullptr when nobody knows
std::vector<HealthCheck> CheckProtection(const std::string& root,
                                         const std::string& tree,
                                         const HostFacts& facts,
                                         const Desired* desired);

// "partitions": whether cpuset.cpus.partition can come true. Nothing without the cpuset controller.
std::vector<HealthCheck> CheckPartitions(const std::string& root,
                                         const HostFacts& facts,
                                         const Desired* desired);

// "neighbours": programs on this host that make cgroups as well, and where they run.
std::vector<HealthCheck> CheckNeighbours(const std::string& root,
                                         const std::string& tree,
                                         const FactsOptions& options);

// "clock": whether the wall clock is disciplined.
HealthCheck CheckClock(bool in_step);

// "filesystems": where the kernel charges writes to the writer.
std::vector<HealthCheck> CheckFileSystems(const HostFacts& facts, const MountTable& mounts);

// "privileges": which of the capabilities reeve uses this process has.
HealthCheck CheckPrivileges(const FactsOptions& options);

}  // namespace reeve::kernel
