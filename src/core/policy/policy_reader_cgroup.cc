// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/cgroup_path.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/template.h"

namespace reeve::policy {
namespace {

// A literal name may be that of a template's instance, whose value was percent-escaped; but only as
// EscapeForName writes it, so that each instance has one name.
bool IsEscapedName(std::string_view name) {
  std::string value;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      value += name[i];
      continue;
    }
    const auto digit = [&](std::size_t at) -> int {
      const char c = at < name.size() ? name[at] : '\0';
      if (c >= '0' && c <= '9') return c - '0';
      return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    const int high = digit(i + 1);
    const int low = digit(i + 2);
    if (high < 0 || low < 0) return false;
    value += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return value.size() != name.size() && EscapeForName(value) == name;
}

bool JudgeCgroupName(const YamlNode& key, FieldReader& reader) {
  if (!reader.JudgePlain(key)) return false;
  const std::string shown = EscapeForTerminal(key.text());
  const std::optional<std::string> literal = LiteralForm(key.text());
  if (!literal) {
    reader.findings().Error("R0125",
                            key.mark(),
                            fmt::format("`{}` has brackets that hold no variable", shown),
                            "<name>: a letter, then letters, digits, `_` and `-`");
    return false;
  }
  const std::string why =
      IsEscapedName(*literal) ? WhyNotInstanceName(*literal) : WhyNotPolicyName(*literal);
  if (why.empty()) return true;
  reader.findings().Error(
      "R0117", key.mark(), fmt::format("`{}` cannot be a cgroup's name: {}", shown, why));
  return false;
}

Shrink ShrinkOf(std::string_view word) {
  if (word == "gentle") return Shrink::kGentle;
  return word == "kill" ? Shrink::kKill : Shrink::kWait;
}

OnDrift OnDriftOf(std::string_view word) {
  if (word == "report") return OnDrift::kReport;
  return word == "adopt" ? OnDrift::kAdopt : OnDrift::kRepair;
}

// What stands below `self:`, a profile and a cgroup alike.
std::vector<SettingText> SettingsOf(const YamlNode& map, SectionId section, FieldReader& reader) {
  std::vector<SettingText> settings;
  ReadSettings(reader.Judge(map, SectionOf(section)), reader, settings);
  return settings;
}

void ReadWordField(const FieldEntry& entry, FieldReader& reader, CgroupSpec& cgroup) {
  const auto word = reader.Word(entry);
  if (!word) return;
  const std::string_view key = entry.field->key;
  if (key == "account") {
    cgroup.account = *word != "none";
  } else if (key == "shrink") {
    cgroup.shrink = ShrinkOf(*word);
  } else if (key == "on_drift") {
    cgroup.on_drift = OnDriftOf(*word);
  }
}

}  // namespace

std::optional<std::string> LiteralForm(std::string_view name) {
  std::string literal;
  std::size_t from = 0;
  for (const Variable& variable : FindVariables(name)) {
    literal += name.substr(from, variable.offset - from);
    literal += 'x';
    from = variable.offset + variable.length;
  }
  literal += name.substr(from);
  if (literal.find_first_of("<>") != std::string::npos) return std::nullopt;
  return literal;
}

void ReadCgroupField(const FieldEntry& entry, FieldReader& reader, CgroupSpec& cgroup) {
  const std::string_view key = entry.field->key;
  if (key == "cgroups") {
    cgroup.children = ReadCgroups(entry.value, reader);
  } else if (key == "self") {
    cgroup.self = SettingsOf(entry.value, SectionId::kSelf, reader);
  } else if (key == "use") {
    cgroup.use = reader.Texts(entry.value, "`use`");
  } else if (key == "for_each") {
    cgroup.for_each = ReadForEach(entry.value, cgroup.name, reader);
  } else if (key == "labels") {
    cgroup.labels = reader.Labels(entry);
  } else if (key == "require") {
    cgroup.require = reader.Keys(entry);
  } else if (key == "max_instances") {
    cgroup.max_instances = reader.Count(entry);
  } else if (key == "expires") {
    cgroup.expires = reader.Moment(entry);
  } else if (key == "why") {
    if (auto why = reader.Text(entry.value, "`why`")) cgroup.why = why->text;
  } else if (entry.field->kind == FieldKind::kWord) {
    ReadWordField(entry, reader, cgroup);
  }
}

std::vector<Profile> ReadProfiles(const YamlNode& map, FieldReader& reader) {
  std::vector<Profile> profiles;
  for (std::size_t i = 0; i < map.size() && !reader.TooManyErrors(); ++i) {
    const YamlNode key = map.Key(i);
    if (!reader.JudgePlain(key) || !reader.JudgeName(key.text(), key.mark(), "a profile", true)) {
      continue;
    }
    const std::string what = fmt::format("the profile `{}`", EscapeForTerminal(key.text()));
    if (!reader.WantMap(map.Value(i), what, "{cpu.weight: 10, memory.high: 2GiB}")) continue;
    Profile profile;
    profile.name = MakeScalar(key);
    profile.settings = SettingsOf(map.Value(i), SectionId::kProfile, reader);
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

std::vector<CgroupSpec> ReadCgroups(const YamlNode& map, FieldReader& reader) {
  std::vector<CgroupSpec> cgroups;
  cgroups.reserve(map.size());
  for (std::size_t i = 0; i < map.size() && !reader.TooManyErrors(); ++i) {
    const YamlNode key = map.Key(i);
    if (!JudgeCgroupName(key, reader)) continue;
    const std::string what = fmt::format("the cgroup `{}`", EscapeForTerminal(key.text()));
    if (!reader.WantMap(
            map.Value(i), what, "`{cpu.max: 2 cores}`, or `{}` for one without limits")) {
      continue;
    }
    CgroupSpec& cgroup = cgroups.emplace_back();
    cgroup.name = MakeScalar(key);
    const MapEntries entries = reader.Judge(map.Value(i), SectionOf(SectionId::kCgroup));
    ReadSettings(entries, reader, cgroup.settings);
    for (const FieldEntry& entry : entries.fields) ReadCgroupField(entry, reader, cgroup);
  }
  return cgroups;
}

}  // namespace reeve::policy
