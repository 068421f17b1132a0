// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/model/policy.h"
#include "core/policy/diagnostic.h"
#include "core/policy/yaml_tree.h"

// Names of interface files as people write them: known, misspelled, read-only, commands, or from
// another world.
namespace reeve::policy {

// Whether the key is an interface file that a policy can set; else a finding that says what to use
// instead.
bool JudgeFileKey(std::string_view name, const SourceMark& mark, Findings& findings);
bool JudgeFileKey(const YamlNode& key, Findings& findings);

// Whether an interface file of this name exists at all (`require:`).
bool JudgeFileName(const Scalar& name, Findings& findings);

// Whether the name may stand under `raw:`.
bool JudgeRawFile(const YamlNode& key, Findings& findings);

// Warns of a file under `raw:`, which nobody checks.
void WarnOfRawFile(const YamlNode& key, Findings& findings);

// "cgroup v2 calls it `memory.max`", for the names of cgroup v1 and of systemd's settings; "" for
// all others.
std::string SuggestForForeign(std::string_view name);

// The same, or "did you mean `memory.max`?", also for the names of cgroup v1 and of systemd's
// settings; "" without an idea.
std::string SuggestFile(std::string_view name);

// "A cgroup" -> "a cgroup"; words that are keys stay as they are.
std::string FirstLetterDown(std::string_view title);

}  // namespace reeve::policy
