// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/file_names.h"
#include "core/policy/policy_reader_parts.h"
#include "core/policy/setting_parser.h"
#include "core/policy/template.h"

namespace reeve::policy {
namespace {

bool WaitsForVariables(const SettingText& setting) {
  if (HasVariables(setting.value.text)) return true;
  return std::ranges::any_of(setting.rows, [](const RowText& row) {
    return std::ranges::any_of(row.fields, [](const std::pair<Scalar, Scalar>& field) {
      return HasVariables(field.second.text);
    });
  });
}

// The section of a row, by the value kind of its file; nullptr for files without rows.
const Section* RowSection(const Knob& knob) {
  const auto sections = AllSections();
  const auto found = std::ranges::find_if(sections, [&](const Section& section) {
    const Knob* first = section.file.empty() ? nullptr : FindKnob(section.file);
    return first != nullptr && first->kind == knob.kind && first->words == knob.words;
  });
  return found == sections.end() ? nullptr : &*found;
}

// Columns of a row that waits for its variables, so that the parser does not see it yet.
void JudgeColumns(const RowText& row, const Knob& knob, Findings& findings) {
  const Section* section = RowSection(knob);
  if (section == nullptr) return;
  std::vector<std::string_view> names;
  for (const Field& field : section->fields) names.push_back(field.key);
  for (const auto& [key, value] : row.fields) {
    if (FindField(*section, key.text) != nullptr) continue;
    const auto nearest = NearestSpelling(key.text, names);
    findings.Error("R0213",
                   key.mark,
                   fmt::format("{} has no column `{}`", knob.file, EscapeForTerminal(key.text)),
                   nearest ? fmt::format("did you mean `{}`?", *nearest)
                           : fmt::format("a row has {}", fmt::join(names, ", ")));
  }
}

std::optional<RowText> ReadRow(const YamlNode& item, const Knob& knob, FieldReader& reader) {
  const std::string what = fmt::format("a row of {}", knob.file);
  if (!item.IsMap()) {
    reader.findings().Error("R0114",
                            item.mark(),
                            fmt::format("{} is a map, not {}", what, KindInWords(item.kind())),
                            fmt::format("{}: {}", knob.file, knob.syntax));
    return std::nullopt;
  }
  RowText row;
  row.mark = item.mark();
  for (std::size_t i = 0; i < item.size(); ++i) {
    const YamlNode key = item.Key(i);
    const auto value =
        reader.Value(item.Value(i), fmt::format("`{}` in {}", EscapeForTerminal(key.text()), what));
    if (!value) return std::nullopt;
    row.fields.emplace_back(MakeScalar(key), *value);
  }
  return row;
}

bool TakesRows(const Knob& knob) {
  return RowSection(knob) != nullptr;
}

// False when the value has no shape that a parser could judge.
bool ReadRows(const YamlNode& list, const Knob& knob, FieldReader& reader, SettingText& setting) {
  if (!TakesRows(knob)) {
    reader.findings().Error("R0216",
                            list.mark(),
                            fmt::format("{} takes a single value, not a list", knob.file),
                            fmt::format("{} takes {}", knob.file, knob.syntax));
    return false;
  }
  setting.is_rows = true;
  bool good = true;
  for (std::size_t i = 0; i < list.size() && !reader.TooManyErrors(); ++i) {
    std::optional<RowText> row = ReadRow(list.Item(i), knob, reader);
    if (row) {
      setting.rows.push_back(*std::move(row));
    } else {
      good = false;
    }
  }
  return good;
}

std::optional<SettingText> ReadSetting(const YamlEntry& entry, FieldReader& reader) {
  const Knob& knob = *FindKnob(entry.key.text());
  SettingText setting;
  setting.file = entry.key.text();
  setting.key_mark = entry.key.mark();
  setting.value.mark = entry.value.mark();
  switch (entry.value.kind()) {
    case YamlNode::Kind::kNull:
      if (!reader.truncated()) {
        reader.findings().Error("R0116",
                                entry.value.mark(),
                                fmt::format("{} has no value", knob.file),
                                fmt::format("{}: {}", knob.file, knob.syntax));
      }
      return std::nullopt;
    case YamlNode::Kind::kMap:
      reader.findings().Error("R0216",
                              entry.value.mark(),
                              fmt::format("{} takes {}, not a map",
                                          knob.file,
                                          TakesRows(knob) ? "a list of rows" : "a single value"),
                              fmt::format("{}: {}", knob.file, knob.syntax));
      return std::nullopt;
    case YamlNode::Kind::kSequence:
      if (!ReadRows(entry.value, knob, reader, setting)) return std::nullopt;
      break;
    case YamlNode::Kind::kScalar:
      setting.value = MakeScalar(entry.value);
      break;
  }
  if (!WaitsForVariables(setting)) {
    static_cast<void>(ParseSetting(setting, reader.findings()));
  } else {
    for (const RowText& row : setting.rows) JudgeColumns(row, knob, reader.findings());
  }
  return setting;
}

void ReadRaw(const YamlNode& map, FieldReader& reader, std::vector<SettingText>& settings) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    const YamlNode key = map.Key(i);
    if (!JudgeRawFile(key, reader.findings())) continue;
    const auto text =
        reader.Value(map.Value(i), fmt::format("`{}`", EscapeForTerminal(key.text())));
    if (!text) continue;
    WarnOfRawFile(key, reader.findings());
    SettingText setting;
    setting.file = key.text();
    setting.key_mark = key.mark();
    setting.value = *text;
    setting.raw = true;
    settings.push_back(std::move(setting));
  }
}

}  // namespace

void ReadSettings(const MapEntries& entries,
                  FieldReader& reader,
                  std::vector<SettingText>& settings) {
  settings.reserve(settings.size() + entries.settings.size());
  for (const YamlEntry& entry : entries.settings) {
    if (auto setting = ReadSetting(entry, reader)) settings.push_back(*std::move(setting));
  }
  for (const FieldEntry& entry : entries.fields) {
    if (entry.field->key == "raw") ReadRaw(entry.value, reader, settings);
  }
}

}  // namespace reeve::policy
