// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/model/host_facts.h"
#include "core/port/cgroup_fs.h"
#include "edge/kernel/local_accounts.h"
#include "edge/systemd/unit_list.h"

namespace reeve::daemon {

// What policies may ask of loaded units: whose they are, and which limits slices have.
//   tree   the hierarchy that systemd's cgroups lie in; nullptr: no limits are known
std::map<std::string, UnitFact> FactsOf(const std::map<std::string, systemd::ListedUnit>& units,
                                        const kernel::LocalAccounts& accounts,
                                        port::CgroupFs* tree);

}  // namespace reeve::daemon
