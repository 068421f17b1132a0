// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/model/observed.h"
#include "core/policy/diagnostic.h"
#include "core/policy/yaml_tree.h"

// A tree of cgroups as text: what `reevectl record` writes beside the facts of its host, and what a
// policy test says under `tree`. A map of cgroups, each with what it holds:
//   .                        the managed root
//   memory.max: max          files by name, as the kernel prints them; amounts also with a unit
//   memory.current: 5GiB     use, for verdicts (pids.current as well)
//   cgroup.procs: 3          how many processes live in it; who they are is nobody's business
//   cgroup.subtree_control   what it hands down; what the files of its children show is added
//   cgroup.type              absent = domain
//   owner: created           reeve made it (`governed`: only set the files that stand here);
//                            {created: true, keys: {memory.max: ""}} for what each gets back
namespace reeve::policy {

// Every cgroup on the way to one that is named is there as well.
Observed ReadRecordedTree(const YamlNode& map, Findings& findings);

// The JSON of that map, which ReadRecordedTree reads as the same. Ids, pids and names that are no
// UTF-8 are left out.
std::string FormatRecordedTree(const Observed& observed);

}  // namespace reeve::policy
