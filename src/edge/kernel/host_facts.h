// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/host_facts.h"
#include "core/port/cgroup_fs.h"

namespace reeve::kernel {

// Where the system's own directories are; tests put other trees there.
struct FactsOptions {
  std::string sys = "/sys";
  std::string proc = "/proc";
  std::string etc = "/etc";
  std::string run = "/run";
  std::string dev = "/dev";
  std::string usr = "/usr";
  std::string slash = "/";  // with a '/' at its end
};

// Reads what decides how a policy is resolved here.
//   root   the managed root's absolute path, symlinks resolved; "" with a null fs
//   fs     the same root; nullptr for a host without a usable cgroup2 tree (check, offline plans)
// What the fields mean where there is a choice:
//   cpu_ids       CPUs in cpuset.cpus.effective of the root, or of the nearest cgroup above that
//                 has the file, and those that partitions below have taken out of it; else every
//                 CPU that is online
//   cpus          how many these are; without the file as many as this process may run on. A quota
//                 above (cpu.max) is no number of CPUs: it is in limits_above
//   memory_nodes  cpuset.mems.effective in the same way, else every node with memory
//   memory        the smallest memory.max from the root upwards, MemTotal at last
//   files         files of the root itself, which are those that a child would get. Only where the
//                 root is the hierarchy's own, a child is looked at (made and removed when there is
//                 none); controllers that are not handed down yet show no files there and are taken
//                 to have every file of the knob table, with a note. Nothing is enabled for this
//   limits_above  knobs that limit bytes, tasks or CPU time; `max` and a fresh cgroup's value are
//                 no limit
//   systemd       version of the library that pid 1 runs on, or that is installed where /proc/1 is
//                 not ours to read; "" when systemd did not boot this host
// Left to others: `units` (only the bus knows) and `own` (facts.d holds texts that people write).
// Never fails as a whole: what can not be read stays at its default and a line is added to `notes`.
HostFacts ReadHostFacts(const std::string& root,
                        port::CgroupFs* fs,
                        const FactsOptions& options,
                        std::vector<std::string>* notes);

}  // namespace reeve::kernel
