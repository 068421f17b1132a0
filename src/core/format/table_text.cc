// SPDX-License-Identifier: Apache-2.0
#include "core/format/table_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/number_text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

constexpr std::string_view kDefaultRow = "default";

bool IsDeviceNumber(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon != std::string_view::npos && ParseDecimal(name.substr(0, colon)) &&
         ParseDecimal(name.substr(colon + 1));
}

bool IsReadable(std::string_view name) {
  return EscapeForTerminal(name) == name;
}

bool MayNameRow(const Knob& knob, std::string_view name) {
  switch (knob.kind) {
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceLatency:
      return IsDeviceNumber(name);
    case ValueKind::kDeviceWeights:
      return name == kDefaultRow || IsDeviceNumber(name);
    default:
      return IsReadable(name);
  }
}

// "rbps=1000 wiops=max"
Result<> ParseColumns(const Knob& knob, const std::vector<std::string_view>& words, TableRow& row) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || !IsReadable(word)) {
      return UnexpectedText(knob.file, word);
    }
    const std::optional<Limit> value = ParseLimit(word.substr(equals + 1));
    if (!value) return UnexpectedText(knob.file, word);
    if (!row.emplace(word.substr(0, equals), *value).second) return UnexpectedText(knob.file, word);
  }
  return {};
}

Result<> ParseLine(const Knob& knob, std::string_view line, Table& table) {
  std::vector<std::string_view> words = SplitWords(line, " \t");
  if (words.empty()) return {};
  // The default weight alone, which the kernel takes as well.
  if (knob.kind == ValueKind::kDeviceWeights && words.size() == 1) {
    words.insert(words.begin(), kDefaultRow);
  }
  if (!MayNameRow(knob, words[0])) return UnexpectedText(knob.file, words[0]);
  TableRow row;
  if (knob.words.empty()) {
    const std::optional<Limit> value = words.size() == 2 ? ParseLimit(words[1]) : std::nullopt;
    if (!value) return UnexpectedText(knob.file, words.size() < 2 ? words[0] : words.back());
    row.emplace("", *value);
  } else {
    REEVE_TRY_VOID(ParseColumns(knob, words, row));
  }
  if (!table.rows.emplace(words[0], std::move(row)).second) {
    return UnexpectedText(knob.file, words[0]);
  }
  return {};
}

// A protection that is not named is none, a limit that is not named is no limit.
Limit CellOf(const Knob& knob, const TableRow& row, std::string_view column) {
  const auto found = row.find(std::string(column));
  if (found != row.end()) return found->second;
  return knob.direction == Direction::kLargerStronger ? Limit(0) : Limit::Max();
}

}  // namespace

Result<Table> ParseTable(const Knob& knob, std::string_view text) {
  REEVE_TRY_VOID(CheckLength(knob.file, text));
  Table table;
  for (std::string_view line : SplitLines(text)) {
    REEVE_TRY_VOID(ParseLine(knob, line, table));
  }
  return table;
}

std::string FormatTable(const Knob& knob, const Table& table) {
  std::string text;
  const auto add = [&](const std::string& line) {
    if (!text.empty()) text += '\n';
    text += line;
  };
  const auto first = table.rows.find(std::string(kDefaultRow));
  if (first != table.rows.end()) add(FormatRow(knob, first->first, first->second));
  for (auto row = table.rows.begin(); row != table.rows.end(); ++row) {
    if (row != first) add(FormatRow(knob, row->first, row->second));
  }
  return text;
}

std::string FormatRow(const Knob& knob, std::string_view name, const TableRow& row) {
  if (knob.words.empty()) return fmt::format("{} {}", name, FormatLimit(CellOf(knob, row, "")));
  std::string line(name);
  const std::vector<std::string_view> known = SplitWords(knob.words);
  for (std::string_view column : known) {
    line += fmt::format(" {}={}", column, FormatLimit(CellOf(knob, row, column)));
  }
  for (const auto& cell : row) {
    if (std::find(known.begin(), known.end(), cell.first) != known.end()) continue;
    line += fmt::format(" {}={}", cell.first, FormatLimit(cell.second));
  }
  return line;
}

std::string FormatRowReset(const Knob& knob, std::string_view name, const TableRow& observed) {
  switch (knob.kind) {
    case ValueKind::kDeviceWeights:
      return name == kDefaultRow ? std::string(knob.default_text) : fmt::format("{} default", name);
    case ValueKind::kDeviceLatency:
      return fmt::format("{} target=0", name);
    default:
      break;
  }
  TableRow nothing;
  for (const auto& cell : observed) nothing.emplace(cell.first, CellOf(knob, {}, cell.first));
  return FormatRow(knob, name, nothing);
}

}  // namespace reeve::format
