// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/host_facts.h"
#include "core/port/cgroup_fs.h"

namespace reeve::kernel {

struct FactsOptions {
  std::string sys = "/sys";  // where tests put another tree
  std::string proc = "/proc";
  std::string etc = "/etc";
};

// Reads what decides how a policy is resolved here.
//   root   the managed root's absolute path: effective cpus and memory, limits above it, available
//   controllers
//          and interface files (by looking into a child, made and removed for it when writing is
//          possible)
//   fs     the same root; nullptr for a host without a usable cgroup2 tree (check and plan --facts)
// HostFacts::own stays empty: facts.d holds texts that people write, read by policy/facts_reader.h.
// Never fails as a whole: what can not be read stays at its default and a line is added to `notes`.
HostFacts ReadHostFacts(const std::string& root,
                        port::CgroupFs* fs,
                        const FactsOptions& options,
                        std::vector<std::string>* notes);

}  // namespace reeve::kernel
