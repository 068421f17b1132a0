// SPDX-License-Identifier: Apache-2.0
#include "core/format/knob_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/canonical.h"
#include "core/format/host_table.h"
#include "core/format/id_set.h"
#include "core/format/number_text.h"
#include "core/format/table_text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

bool IsTable(ValueKind kind) {
  switch (kind) {
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceWeights:
    case ValueKind::kDeviceLatency:
    case ValueKind::kNamedCounts:
    case ValueKind::kNamedBytes:
      return true;
    default:
      return false;
  }
}

Result<KnobValue> ParseNumber(const Knob& knob, std::string_view token) {
  const std::optional<Limit> limit = ParseLimit(token);
  if (!limit) return UnexpectedText(knob.file, token);
  const bool never_max = knob.kind == ValueKind::kWeight || knob.kind == ValueKind::kBool ||
                         knob.kind == ValueKind::kCpuTime;
  if (never_max && limit->is_max()) return UnexpectedText(knob.file, token);
  if (knob.kind == ValueKind::kBool && *limit > Limit(1)) return UnexpectedText(knob.file, token);
  return KnobValue(*limit);
}

Result<KnobValue> ParsePercent(const Knob& knob, std::string_view token) {
  if (token == "max") return KnobValue(Limit::Max());
  const std::optional<std::uint64_t> hundredths = ParseHundredths(token);
  if (!hundredths) return UnexpectedText(knob.file, token);
  return KnobValue(Limit(*hundredths));
}

Result<KnobValue> ParseCpuMax(const Knob& knob, std::string_view text) {
  const std::vector<std::string_view> words = SplitWords(text, " ");
  if (words.size() != 2) return UnexpectedText(knob.file, words.size() < 2 ? "" : words[2]);
  const std::optional<Limit> quota = ParseLimit(words[0]);
  if (!quota) return UnexpectedText(knob.file, words[0]);
  const std::optional<std::uint64_t> period = ParseDecimal(words[1]);
  if (!period || *period == 0) return UnexpectedText(knob.file, words[1]);
  return KnobValue(CpuMax{*quota, *period});
}

// "idle", "domain threaded", "root invalid (Parent is not a partition root)".
Result<KnobValue> ParseWord(const Knob& knob, std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const std::vector<std::string_view> words = SplitWords(knob.words);
  const bool known =
      word == knob.default_text || std::find(words.begin(), words.end(), word) != words.end();
  if (!known) return UnexpectedText(knob.file, text);
  const std::string_view state = text.substr(word.size());
  const bool reason = state.starts_with(" invalid (") && state.ends_with(")") &&
                      IsValidUtf8(state) && EscapeForTerminal(state) == state;
  if (!state.empty() && state != " threaded" && state != " invalid" && !reason) {
    return UnexpectedText(knob.file, text);
  }
  return KnobValue(std::string(text));
}

Result<KnobValue> ParseControllers(const Knob& knob, std::string_view text) {
  std::vector<std::string> names;
  for (std::string_view name : SplitWords(text, " ")) {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
      return UnexpectedText(knob.file, name);
    }
    names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return KnobValue(Join(names, " "));
}

template <typename T>
Result<KnobValue> AsKnobValue(Result<T> result) {
  if (!result.has_value()) return std::move(result).error();
  return KnobValue(*std::move(result));
}

}  // namespace

Result<KnobValue> ParseKnob(const Knob& knob, std::string_view kernel_text) {
  REEVE_TRY_VOID(CheckLength(knob.file, kernel_text));
  if (IsTable(knob.kind)) return AsKnobValue(ParseTable(knob, kernel_text));
  if (knob.kind == ValueKind::kHostTable) return AsKnobValue(ParseHostTable(knob, kernel_text));
  // One line, whose newline callers may have cut off.
  std::string_view line = kernel_text;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.find('\n') != std::string_view::npos) return UnexpectedText(knob.file, line);
  switch (knob.kind) {
    case ValueKind::kNice: {
      const std::optional<std::int64_t> nice = ParseSignedDecimal(line);
      if (!nice) return UnexpectedText(knob.file, line);
      return KnobValue(*nice);
    }
    case ValueKind::kCpuMax:
      return ParseCpuMax(knob, line);
    case ValueKind::kPercent:
      return ParsePercent(knob, line);
    case ValueKind::kIdList:
      return AsKnobValue(ParseIdSet(knob.file, line));
    case ValueKind::kWord:
      return ParseWord(knob, line);
    case ValueKind::kControllers:
      return ParseControllers(knob, line);
    default:
      return ParseNumber(knob, line);
  }
}

std::string FormatKnob(const Knob& knob, const KnobValue& value) {
  if (const auto* limit = std::get_if<Limit>(&value)) {
    const bool decimals = knob.kind == ValueKind::kPercent && !limit->is_max();
    return decimals ? FormatHundredths(limit->value()) : FormatLimit(*limit);
  }
  if (const auto* nice = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *nice);
  if (const auto* cpu = std::get_if<CpuMax>(&value)) {
    return fmt::format("{} {}", FormatLimit(cpu->quota), cpu->period);
  }
  if (const auto* ids = std::get_if<IdSet>(&value)) return FormatIdSet(*ids);
  if (const auto* table = std::get_if<Table>(&value)) return FormatTable(knob, *table);
  return std::get<std::string>(value);
}

KnobValue DefaultValue(const Knob& knob) {
  Result<KnobValue> value = ParseKnob(knob, knob.default_text);
  REEVE_CHECK(value.has_value());
  return *std::move(value);
}

}  // namespace reeve::format
