// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/setting.h"

// The YAML of documents that are written by hand.
namespace reeve::policy {

// A text in double quotes, for any YAML reader: what it holds is what is read, if it holds no
// control bytes.
std::string QuotedYaml(std::string_view text);

// Keys of one cgroup, each with its value as YAML.
using HandKeys = std::map<std::string, std::string>;

// What a document says, cgroup by cgroup; `_self` is the leaf of the cgroup above it.
using HandTree = std::map<CgroupPath, HandKeys>;

// The map below `cgroups:`, indented.
std::string CgroupsYaml(const HandTree& tree);

}  // namespace reeve::policy
