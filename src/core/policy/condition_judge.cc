// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"
#include "core/policy/condition.h"
#include "core/policy/condition_time.h"
#include "core/policy/condition_value.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kUnitLetters = "kKMGT";

// "16G..32G" with every ambiguous unit spelled out: binary "16GiB..32GiB", decimal "16GB..32GB".
std::string SpellUnits(std::string_view text, bool binary) {
  std::string spelled;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = kUnitLetters.find(c) != std::string_view::npos;
    const bool complete = i + 1 < text.size() && (text[i + 1] == 'i' || text[i + 1] == 'B');
    if (!letter || complete) {
      spelled += c;
    } else if (binary) {
      spelled += c == 'k' ? "KiB" : fmt::format("{}iB", c);
    } else {
      spelled += c == 'K' ? "kB" : fmt::format("{}B", c);
    }
  }
  return spelled;
}

void JudgeAmount(std::string_view fact, const Scalar& value, bool bytes, Findings& findings) {
  const auto error = ReadAmountRange(value.text, bytes).error;
  if (!error) return;
  const std::string shown = EscapeForTerminal(value.text);
  switch (*error) {
    case RangeError::kForm:
      findings.Error(
          "R0222",
          value.mark,
          fmt::format("`{}` is no {} and no range of them", shown, bytes ? "size" : "number"),
          bytes ? fmt::format("write `{}: 16GiB..`, `..64GiB` or `16GiB..64GiB`", fact)
                : fmt::format("write `{}: 8..`, `..64` or `8..16`", fact));
      return;
    case RangeError::kReversed:
      findings.Error("R0222",
                     value.mark,
                     fmt::format("the range `{}` ends before it begins", shown),
                     "a range is LOW..HIGH, both ends included");
      return;
    case RangeError::kAmbiguousUnit:
      findings.Error("R0202",
                     value.mark,
                     fmt::format("the unit in `{}` is ambiguous", shown),
                     fmt::format("write `{}` or `{}`",
                                 EscapeForTerminal(SpellUnits(value.text, true)),
                                 EscapeForTerminal(SpellUnits(value.text, false))));
      return;
    case RangeError::kTooLarge:
      findings.Error("R0206", value.mark, fmt::format("`{}` does not fit into 64 bits", shown));
      return;
  }
}

bool LooksLikeNothing(std::string_view text) {
  return text.find_first_of("*?[") == std::string_view::npos &&
         (SplitRange(text) || text.empty() || text[0] < '0' || text[0] > '9');
}

void JudgeVersionText(std::string_view fact,
                      std::string_view text,
                      const Scalar& value,
                      Findings& findings) {
  const auto range = ParseVersionRange(text);
  if (!range && LooksLikeNothing(text)) {
    findings.Error(
        "R0223",
        value.mark,
        fmt::format("`{}` is no version and no range of them", EscapeForTerminal(text)),
        fmt::format("write `{}: 6.1..`, `..6.6`, `6.1..6.6` or a pattern like `6.1*`", fact));
    return;
  }
  const bool both = range && !range->low.empty() && !range->high.empty();
  if (both && CompareVersion(range->low, range->high) > 0) {
    findings.Error("R0223",
                   value.mark,
                   fmt::format("the range `{}` ends before it begins", EscapeForTerminal(text)),
                   "a range is LOW..HIGH, both ends included");
  }
}

void JudgeOs(const Scalar& value, Findings& findings) {
  const std::size_t blank = value.text.find(' ');
  if (blank == std::string::npos || !SplitRange(value.text)) return;
  const std::string_view range = std::string_view(value.text).substr(blank + 1);
  if (ParseVersionRange(range)) return;
  findings.Error("R0223",
                 value.mark,
                 fmt::format("`{}` is no version and no range of them", EscapeForTerminal(range)),
                 "write `os: debian`, `os: debian 12` or `os: debian 12..`");
}

void JudgeKnob(const Scalar& value, Findings& findings) {
  std::string_view why;
  if (FindKnob(value.text) != nullptr || IsReadOnlyFile(value.text) ||
      IsVerbFile(value.text, &why)) {
    return;
  }
  std::vector<std::string_view> names;
  for (const Knob& knob : AllKnobs()) names.push_back(knob.file);
  const auto nearest = NearestSpelling(value.text, names);
  findings.Error("R0201",
                 value.mark,
                 fmt::format("`{}` is no interface file", EscapeForTerminal(value.text)),
                 nearest ? fmt::format("did you mean `{}`?", *nearest)
                         : "write the kernel's name of the file, like `io.weight`");
}

void JudgeFact(const Condition& condition, Findings& findings) {
  const std::string_view fact = condition.fact;
  for (const Scalar& value : condition.values) {
    const std::string shown = EscapeForTerminal(value.text);
    if (fact == "cpus" || fact == "memory") {
      JudgeAmount(fact, value, fact == "memory", findings);
    } else if (fact == "kernel" || fact == "reeve" || fact == "systemd") {
      JudgeVersionText(fact, value.text, value, findings);
    } else if (fact == "os") {
      JudgeOs(value, findings);
    } else if (fact == "knob") {
      JudgeKnob(value, findings);
    } else if (fact == "rollout" && !ParseShare(value.text)) {
      findings.Error(
          "R0225",
          value.mark,
          fmt::format("`{}` is no share of the hosts", shown),
          "write `rollout: ..5%`, `5%..25%`, or `..5% of NAME` for the hosts of another document");
    } else if (fact == "time" && !ParseTimeWindow(value.text)) {
      findings.Error("R0224",
                     value.mark,
                     fmt::format("`{}` is no time of day", shown),
                     "write `22:00..06:30`, `Mon..Fri 07:00..19:00` or `Sat..Sun`");
    } else if (!IsBuiltInFact(fact) && SplitRange(value.text) && ParseVersionRange(value.text)) {
      JudgeVersionText(fact, value.text, value, findings);  // finds a range that is reversed
    }
  }
}

}  // namespace

void JudgeCondition(const Condition& condition, Findings& findings) {
  for (const Condition& child : condition.children) JudgeCondition(child, findings);
  if (condition.kind == Condition::Kind::kFact) JudgeFact(condition, findings);
}

}  // namespace reeve::policy
