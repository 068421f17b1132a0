// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/model/policy.h"
#include "core/policy/field_reader.h"
#include "core/policy/yaml_tree.h"

// The parts of policy_reader.h, one for each kind of section. Each reads a value whose shape was
// judged already.
namespace reeve::policy {

// `when:` and what stands below its `not` and `any`.
Condition ReadCondition(const YamlNode& node, FieldReader& reader);

// Interface files and `raw:`; appended to `settings`.
void ReadSettings(const MapEntries& entries,
                  FieldReader& reader,
                  std::vector<SettingText>& settings);

//   name   of the template, whose only variable plain items of `list` are
std::optional<ForEach> ReadForEach(const YamlNode& node, const Scalar& name, FieldReader& reader);

std::vector<Profile> ReadProfiles(const YamlNode& map, FieldReader& reader);

std::vector<CgroupSpec> ReadCgroups(const YamlNode& map, FieldReader& reader);

}  // namespace reeve::policy
