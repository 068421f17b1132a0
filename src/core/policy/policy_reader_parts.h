// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/policy.h"
#include "core/policy/field_reader.h"
#include "core/policy/yaml_tree.h"

// The parts of policy_reader.h, one for each kind of section. Each reads a value whose shape was
// judged already.
namespace reeve::policy {

// `when:` or `where:`, and what stands below its `not` and `any`.
Condition ReadCondition(const YamlNode& node, SectionId section, FieldReader& reader);

// Interface files and `raw:`; appended to `settings`.
void ReadSettings(const MapEntries& entries,
                  FieldReader& reader,
                  std::vector<SettingText>& settings);

//   name   of the template, whose only variable plain items of `list` are
std::optional<ForEach> ReadForEach(const YamlNode& node, const Scalar& name, FieldReader& reader);

std::vector<Profile> ReadProfiles(const YamlNode& map, FieldReader& reader);

std::vector<CgroupSpec> ReadCgroups(const YamlNode& map, FieldReader& reader);

std::vector<CgroupSpec> ReadUnits(const YamlNode& map, FieldReader& reader);

// The keys that a cgroup and a unit share, besides interface files.
void ReadCgroupField(const FieldEntry& entry, FieldReader& reader, CgroupSpec& cgroup);

// A template's name with every variable as one letter, which no rule about names minds; nullopt
// when the brackets do not hold variables.
std::optional<std::string> LiteralForm(std::string_view name);

}  // namespace reeve::policy
