// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/unit_name.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/where.h"

namespace reeve::policy {
namespace {

// A type that was forgotten, which for people is the service.
std::string NameHint(std::string_view name) {
  return UnitTypeOf(name).empty() ? fmt::format("`{}.service`?", EscapeForTerminal(name)) : "";
}

bool JudgeUnitName(const YamlNode& key, FieldReader& reader) {
  if (!reader.JudgePlain(key)) return false;
  const std::string_view name = key.text();
  const std::string shown = EscapeForTerminal(name);
  const auto literal = LiteralForm(name);
  if (!literal) {
    reader.findings().Error("R0125",
                            key.mark(),
                            fmt::format("`{}` has brackets that hold no variable", shown),
                            "<name>: a letter, then letters, digits, `_` and `-`");
    return false;
  }
  if (const std::string why = WhyNotUnitName(*literal); !why.empty()) {
    reader.findings().Error("R0137",
                            key.mark(),
                            fmt::format("`{}` is no unit with a cgroup: {}", shown, why),
                            NameHint(name));
    return false;
  }
  if (const std::string why = WhyLeftAlone(name); !why.empty()) {
    reader.findings().Error(
        "R0138", key.mark(), fmt::format("reeve leaves `{}` alone: {}", shown, why));
    return false;
  }
  return true;
}

void ReadField(const FieldEntry& entry, FieldReader& reader, CgroupSpec& unit) {
  if (entry.field->key != "where") {
    ReadCgroupField(entry, reader, unit);
    return;
  }
  unit.where = ReadCondition(entry.value, SectionId::kWhere, reader);
  JudgeWhere(unit.where, reader.findings());
}

}  // namespace

std::string WhyNoKeyOfUnit(std::string_view key) {
  struct Row {
    std::string_view key;
    std::string_view why;
  };

  constexpr std::string_view kProcesses = "systemd decides which processes a unit has";
  constexpr std::string_view kLife = "systemd decides how long a unit lives";
  constexpr std::array<Row, 14> kRows = {{
      {"match", kProcesses},
      {"existing", kProcesses},
      {"afterwards", kProcesses},
      {"linger", kLife},
      {"lifetime", kLife},
      {"cgroups",
       "what is below a unit is systemd's; with Delegate= in its unit file a program may divide it "
       "itself"},
      {"self", "a unit has no leaf of its own"},
      {"for_each", "the instances of a template are the units that are loaded"},
      {"container", "reeve runs containers in its own tree, under `cgroups:`"},
      {"sandbox", "the unit file has Private...= and Protect...= for it"},
      {"devices", "the unit file has DeviceAllow= for it"},
      {"net", "the unit file has IPAddressAllow= and its like"},
      {"account", "systemd hands down what its units' accounts need"},
      {"raw", "systemd sets properties, not files; a file without a property needs Delegate="},
  }};
  for (const Row& row : kRows) {
    if (row.key == key) return std::string(row.why);
  }
  return "";
}

std::vector<CgroupSpec> ReadUnits(const YamlNode& map, FieldReader& reader) {
  std::vector<CgroupSpec> units;
  units.reserve(map.size());
  for (std::size_t i = 0; i < map.size() && !reader.TooManyErrors(); ++i) {
    const YamlNode key = map.Key(i);
    if (!JudgeUnitName(key, reader)) continue;
    const std::string what = fmt::format("the unit `{}`", EscapeForTerminal(key.text()));
    if (!reader.WantMap(map.Value(i), what, "`{memory.max: 8GiB}`")) continue;
    CgroupSpec& unit = units.emplace_back();
    unit.name = MakeScalar(key);
    const MapEntries entries = reader.Judge(map.Value(i), SectionOf(SectionId::kUnit));
    ReadSettings(entries, reader, unit.settings);
    for (const FieldEntry& entry : entries.fields) ReadField(entry, reader, unit);
  }
  return units;
}

}  // namespace reeve::policy
