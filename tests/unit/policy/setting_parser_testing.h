// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/model/policy.h"
#include "core/policy/expression.h"
#include "core/policy/setting_parser.h"

namespace reeve::policy {

// A line "KEY: VALUE" of a policy as the reader hands it on. A value in double quotes is quoted.
inline SettingText MakeSetting(std::string file, std::string_view value) {
  auto source = std::make_shared<SourceFile>();
  source->name = "test.yaml";
  source->text = fmt::format("{}: {}\n", file, value);
  const auto column = static_cast<std::uint32_t>(file.size() + 3);
  const auto key_length = static_cast<std::uint32_t>(file.size());
  SettingText text;
  text.key_mark = {source, 1, 1, key_length};
  text.file = std::move(file);
  text.value.mark = {source, 1, column, static_cast<std::uint32_t>(value.size())};
  text.value.quoted = value.size() >= 2 && value.front() == '"';
  text.value.text = text.value.quoted ? value.substr(1, value.size() - 2) : value;
  return text;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// A list of rows, one a line; a key stands at column 4 of its line (after "- {"), its value behind
// it.
inline SettingText MakeRows(std::string file, const std::vector<Fields>& rows) {
  auto source = std::make_shared<SourceFile>();
  source->name = "test.yaml";
  SettingText text;
  text.is_rows = true;
  text.key_mark = {source, 1, 1, static_cast<std::uint32_t>(file.size())};
  text.file = std::move(file);
  std::uint32_t line = 1;
  for (const Fields& fields : rows) {
    ++line;
    RowText row;
    row.mark = {source, line, 3, 1};
    std::uint32_t column = 4;
    for (const auto& [key, value] : fields) {
      const auto key_length = static_cast<std::uint32_t>(key.size());
      const auto value_length = static_cast<std::uint32_t>(value.size());
      Scalar key_scalar{key, {source, line, column, key_length}, false};
      column += key_length + 2;
      row.fields.emplace_back(std::move(key_scalar),
                              Scalar{value, {source, line, column, value_length}, false});
      column += value_length + 2;
    }
    text.rows.push_back(std::move(row));
  }
  return text;
}

// "12+3 R0204: a percentage must say of what | hint", one a line; columns count within the value
// for one-value settings, so that a test need not count the key.
inline std::string ShowFindings(const Findings& findings, std::uint32_t value_column) {
  std::string shown;
  for (const Diagnostic& d : findings.all()) {
    if (!shown.empty()) shown += "\n";
    if (d.severity == Severity::kWarning) shown += "warning ";
    if (d.mark.line > 1) shown += fmt::format("{}:", d.mark.line);
    const std::uint32_t column = d.mark.line > 1 ? d.mark.column : d.mark.column - value_column + 1;
    shown += fmt::format("{}+{} {}: {}", column, d.mark.length, d.code, d.message);
    if (!d.hint.empty()) shown += " | " + d.hint;
  }
  return shown;
}

// What is wrong with a value; "" when nothing is.
inline std::string Complaint(std::string file, std::string_view value) {
  const SettingText text = MakeSetting(std::move(file), value);
  Findings findings;
  const std::optional<Setting> setting = ParseSetting(text, findings);
  if (setting.has_value() == findings.has_errors()) return "value and errors disagree";
  return ShowFindings(findings, text.value.mark.column);
}

inline std::string RowComplaint(std::string file, const std::vector<Fields>& rows) {
  Findings findings;
  const std::optional<Setting> setting = ParseSetting(MakeRows(std::move(file), rows), findings);
  if (setting.has_value() == findings.has_errors()) return "value and errors disagree";
  return ShowFindings(findings, 1);
}

// An expression with its operators in front, so that precedence can be seen.
inline std::string ShowExpression(const Expression& e) {
  using Op = Expression::Op;
  const auto list = [&](std::string_view name) {
    std::string shown = fmt::format("{}(", name);
    for (std::size_t i = 0; i < e.operands.size(); ++i) {
      if (i != 0) shown += ", ";
      shown += ShowExpression(e.operands[i]);
    }
    return shown + ")";
  };
  const auto number = [&] {
    std::string shown = fmt::format("{}", e.number);
    if (e.millionths != 0) {
      shown += fmt::format(".{:06}", e.millionths);
      shown.erase(shown.find_last_not_of('0') + 1);
    }
    return shown;
  };
  switch (e.op) {
    case Op::kNumber:
      return number() + (e.dimension == Dimension::kCores ? " cores" : "");
    case Op::kMaximum:
      return "max";
    case Op::kHost:
      return "host";
    case Op::kParent:
      return "parent";
    case Op::kKey:
      return e.key;
    case Op::kPercentOf:
      return list(number() + "%");
    case Op::kAdd:
      return list("+");
    case Op::kSubtract:
      return list("-");
    case Op::kMultiply:
      return list("*");
    case Op::kMin:
      return list("min");
    case Op::kMax:
      return list("max");
  }
  return "?";
}

inline std::string ShowIds(const IdSet& ids) {
  std::string shown;
  for (const auto& [low, high] : ids.ranges) {
    if (!shown.empty()) shown += ",";
    shown += low == high ? fmt::format("{}", low) : fmt::format("{}-{}", low, high);
  }
  return shown.empty() ? "inherit" : shown;
}

inline std::string ShowSetting(const Setting& setting) {
  if (const auto* e = std::get_if<Expression>(&setting.value)) return ShowExpression(*e);
  if (const auto* c = std::get_if<CpuMaxExpression>(&setting.value)) {
    return fmt::format("{} every {}", ShowExpression(c->quota), c->period);
  }
  if (const auto* ids = std::get_if<IdSet>(&setting.value)) return ShowIds(*ids);
  if (const auto* word = std::get_if<std::string>(&setting.value)) return *word;
  std::string shown;
  for (const RowExpression& row : std::get<std::vector<RowExpression>>(setting.value)) {
    constexpr const char* kKinds[] = {"device", "mount", "default", "name"};
    if (!shown.empty()) shown += "; ";
    shown += fmt::format("{} {}:", kKinds[static_cast<int>(row.selector.kind)], row.selector.name);
    for (const auto& [column, e] : row.columns) {
      shown += fmt::format(" {}={}", column, ShowExpression(e));
    }
  }
  return shown;
}

// What a value means, or what is wrong with it.
inline std::string Meaning(std::string file, std::string_view value) {
  const SettingText text = MakeSetting(std::move(file), value);
  Findings findings;
  const std::optional<Setting> setting = ParseSetting(text, findings);
  return setting ? ShowSetting(*setting) : ShowFindings(findings, text.value.mark.column);
}

inline std::string RowMeaning(std::string file, const std::vector<Fields>& rows) {
  Findings findings;
  const std::optional<Setting> setting = ParseSetting(MakeRows(std::move(file), rows), findings);
  return setting ? ShowSetting(*setting) : ShowFindings(findings, 1);
}

}  // namespace reeve::policy
