// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/model/host_facts.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// A host's own facts (facts.d/*.yaml): a flat map of names to scalars or lists of scalars. Built-in names are
// refused; a name in two files must agree.
std::map<std::string, std::vector<std::string>> ReadOwnFacts(
    const std::vector<std::shared_ptr<const SourceFile>>& files, Findings& findings);

// All facts of a host as `reevectl facts -o json` printed them, for plans without that host. JSON is read as
// YAML; keys that are missing stay at their defaults.
HostFacts ReadFactsFile(const std::shared_ptr<const SourceFile>& file, Findings& findings);

}  // namespace reeve::policy
