// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/host_facts.h"
#include "core/model/observed.h"
#include "core/policy/diagnostic.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {

// A host's own facts (facts.d/*.yaml): a flat map of names to scalars or lists of scalars. Built-in
// names are refused; a name in two files must agree.
std::map<std::string, std::vector<std::string>> ReadOwnFacts(
    const std::vector<std::shared_ptr<const SourceFile>>& files, Findings& findings);

// All facts of a host as `reevectl facts -o json` printed them, for plans without that host. JSON
// is read as YAML; keys that are missing stay at their defaults, unknown keys are warned of, so
// that a file of a newer reeve is of use. The keys are stable:
//   host arch kernel os virt systemd reeve machine_id boot_id   text; not there when not known
//   cpus memory max_tasks page_size swap                        numbers; memory and swap in bytes
//   cpu_ids memory_nodes                                        "0-3,8"; not there when not known
//   utc_offset                   seconds east of UTC, may be negative
//   own                          {"role": ["web"]}
//   devices                      {"/dev/sda": {"number": "8:0", "name": "sda"}}
//   mounts                       {"/srv": {"number": "8:0", "name": "sda"}, "/tmp": "none"}
//   units                        {"a.service": {"slice": "system.slice", "active": true, "uid": 33, "user":
//                                "www-data", "groups": ["www-data"], "limits": {"memory.max": "1048576"}}};
//                                what is not known is left out; a mere list of names is read as well
//   controllers files            lists of names; files: "cpu.max"
//   weighted_disks               numbers ("8:0") of disks on which io.weight has an effect; not there
//                                when not known
//   limits_above                 {"memory.max": "4294967296"}
//   tree                         cgroups, as recorded_tree.h has them; only `reevectl record` writes it
HostFacts ReadFactsFile(const std::shared_ptr<const SourceFile>& file, Findings& findings);

// A host with what was in its tree; nullopt when the file does not say.
struct RecordedHost {
  HostFacts facts;
  std::optional<Observed> tree;
};

RecordedHost ReadRecordedHost(const std::shared_ptr<const SourceFile>& file, Findings& findings);

// The same keys from a map, laid over `facts`. Amounts may have a unit here.
void ReadFactsMap(const YamlNode& map, HostFacts& facts, Findings& findings);

// The text that ReadFactsFile reads back as the same facts: what `reevectl facts -o json` prints.
// Names that are no UTF-8 are left out; no policy can name them.
std::string FormatFactsJson(const HostFacts& facts);

}  // namespace reeve::policy
