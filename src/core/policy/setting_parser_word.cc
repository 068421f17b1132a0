// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/controller.h"
#include "core/policy/expression.h"
#include "core/policy/setting_parser_parts.h"

// Values that are no amounts: booleans, nice levels, words, controllers, lists of numbers.
namespace reeve::policy {
namespace {

constexpr auto kYes = std::to_array<std::string_view>(
    {"yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "True", "TRUE", "enable", "enabled"});
constexpr auto kNo = std::to_array<std::string_view>(
    {"no", "No", "NO", "n", "N", "off", "Off", "OFF", "False", "FALSE", "disable", "disabled"});

template <typename List>
bool Has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string WordsHint(std::string_view word, const std::vector<std::string_view>& words) {
  if (const auto nearest = NearestSpelling(word, words)) {
    return fmt::format("did you mean `{}`?", *nearest);
  }
  return fmt::format("one of {}", fmt::join(words, ", "));
}

// Ids above every CPU and memory node a kernel can be built for (8192 and 1024).
constexpr std::uint32_t kLargestId = 65'535;

void Normalize(IdSet& ids) {
  std::sort(ids.ranges.begin(), ids.ranges.end());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> merged;
  for (const auto& [low, high] : ids.ranges) {
    if (!merged.empty() && low <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, high);
    } else {
      merged.emplace_back(low, high);
    }
  }
  ids.ranges = std::move(merged);
}

}  // namespace

std::optional<Expression> ParseBool(const Scalar& value, const Knob& knob, Findings& findings) {
  const std::string_view text = Trim(value.text);
  if (text == "true" || text == "1") return NumberExpression(Dimension::kPlain, 1);
  if (text == "false" || text == "0") return NumberExpression(Dimension::kPlain, 0);
  std::string hint = "write `true` or `false`";
  if (Has(kYes, text)) hint = "write `true`";
  if (Has(kNo, text)) hint = "write `false`";
  findings.Error("R0207",
                 value.mark,
                 fmt::format("{} is true or false, not `{}`", knob.file, text),
                 std::move(hint));
  return std::nullopt;
}

std::optional<Expression> ParseNice(const Scalar& value, const Knob& knob, Findings& findings) {
  const std::string_view text = Trim(value.text);
  const auto low = static_cast<std::int64_t>(knob.min);
  const auto high = static_cast<std::int64_t>(knob.max);
  const std::optional<std::int64_t> number = ParseSignedDecimal(text);
  if (!number) {
    findings.Error("R0201",
                   value.mark,
                   fmt::format("`{}` is no nice level", text),
                   fmt::format("whole numbers from {} to {}", low, high));
    return std::nullopt;
  }
  if (*number < low || *number > high) {
    findings.Error("R0205",
                   value.mark,
                   fmt::format("{} takes {} to {}, not {}", knob.file, low, high, text),
                   "");
    return std::nullopt;
  }
  if (*number >= 0) {
    return NumberExpression(Dimension::kPlain, static_cast<std::uint64_t>(*number));
  }
  // Amounts have no sign of their own, so a level below zero is a difference.
  Expression e;
  e.op = Expression::Op::kSubtract;
  e.operands.push_back(NumberExpression(Dimension::kPlain, 0));
  e.operands.push_back(NumberExpression(Dimension::kPlain, static_cast<std::uint64_t>(-*number)));
  return e;
}

std::optional<std::string> ParseWord(const Scalar& value, const Knob& knob, Findings& findings) {
  const std::string_view text = Trim(value.text);
  const std::vector<std::string_view> words = SplitWords(knob.words);
  if (Has(words, text)) return std::string(text);
  findings.Error("R0209",
                 value.mark,
                 fmt::format("`{}` is no value of {}", text, knob.file),
                 WordsHint(text, words));
  return std::nullopt;
}

std::optional<std::string> ParseControllers(const Scalar& value,
                                            const Knob& knob,
                                            Findings& findings) {
  ControllerSet set;
  for (std::string_view word : SplitWords(value.text)) {
    const auto offset = static_cast<std::size_t>(word.data() - value.text.data());
    const SourceMark mark = MarkIn(value, offset, word.size());
    if (word.starts_with('-')) {
      findings.Error("R0209",
                     mark,
                     fmt::format("`{}`: this key only adds controllers", word),
                     "`account: none` does without those that only the accounts need");
      return std::nullopt;
    }
    const std::string_view name = word.starts_with('+') ? word.substr(1) : word;
    const std::optional<Controller> controller = ControllerByName(name);
    const std::vector<std::string_view> words = SplitWords(knob.words);
    if (!controller || !Has(words, name)) {
      findings.Error(
          "R0209", mark, fmt::format("`{}` is no controller", name), WordsHint(name, words));
      return std::nullopt;
    }
    set.Add(*controller);
  }
  return set.ToString();
}

std::optional<IdSet> ParseIds(const Scalar& value, const Knob& knob, Findings& findings) {
  IdSet ids;
  const std::string_view text = value.text;
  if (Trim(text).empty()) return ids;
  for (std::string_view item : Split(text, ',')) {
    const auto offset = static_cast<std::size_t>(item.data() - text.data());
    const auto fail = [&](std::string_view code, std::string message, std::string hint) {
      findings.Error(std::string(code),
                     MarkIn(value, offset, item.size()),
                     std::move(message),
                     std::move(hint));
      return std::nullopt;
    };
    const std::string_view trimmed = Trim(item);
    const std::size_t dash = trimmed.find('-');
    const std::optional<std::uint64_t> low = ParseDecimal(Trim(trimmed.substr(0, dash)));
    const std::optional<std::uint64_t> high =
        dash == std::string_view::npos ? low : ParseDecimal(Trim(trimmed.substr(dash + 1)));
    if (!low || !high) {
      return fail("R0217",
                  trimmed.empty() ? fmt::format("{} has an empty place in its list", knob.file)
                                  : fmt::format("`{}` is no number or range of numbers", trimmed),
                  "write numbers and ranges: 0-3,8");
    }
    if (*low > *high) {
      return fail("R0217",
                  fmt::format("`{}` runs backwards", trimmed),
                  fmt::format("write `{}-{}`", *high, *low));
    }
    if (*high > kLargestId) {
      return fail("R0205", fmt::format("no kernel has a number {}", *high), "");
    }
    ids.ranges.emplace_back(static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high));
  }
  Normalize(ids);
  return ids;
}

}  // namespace reeve::policy
