// SPDX-License-Identifier: Apache-2.0
#include "core/policy/where.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/unit_name.h"
#include "core/policy/condition_value.h"

namespace reeve::policy {
namespace {

bool NameHolds(std::string_view wanted, std::string_view unit) {
  const std::string_view stem = unit.substr(0, unit.rfind('.'));
  return GlobMatches(wanted, unit) || GlobMatches(wanted, stem);
}

bool ValueHolds(std::string_view key,
                std::string_view wanted,
                std::string_view unit,
                const UnitFact& fact) {
  if (key == "uid") {
    const auto uid = UidOf(unit, fact);
    const RangeReading reading = ReadAmountRange(wanted, false);
    return uid && !reading.error && reading.range.Has(*uid);
  }
  if (key == "user") return !fact.user.empty() && GlobMatches(wanted, fact.user);
  if (key == "slice") return !fact.slice.empty() && GlobMatches(wanted, fact.slice);
  if (key == "name") return NameHolds(wanted, unit);
  return key == "group" &&
         std::any_of(fact.groups.begin(), fact.groups.end(), [&](const std::string& group) {
           return GlobMatches(wanted, group);
         });
}

void JudgeValue(std::string_view key, const Scalar& value, Findings& findings) {
  const std::string shown = EscapeForTerminal(value.text);
  if (key == "uid" && ReadAmountRange(value.text, false).error) {
    findings.Error("R0222",
                   value.mark,
                   fmt::format("`{}` is no user id and no range of them", shown),
                   "write `uid: 1000..`, `..999` or `1000..59999`; for a name there is `user`");
  } else if (key == "slice" && !value.text.ends_with(".slice") && !value.text.ends_with('*')) {
    findings.Error("R0201",
                   value.mark,
                   fmt::format("`{}` is no slice", shown),
                   fmt::format("write `{}.slice`", shown));
  }
}

}  // namespace

std::optional<std::uint64_t> UidOf(std::string_view unit, const UnitFact& fact) {
  if (fact.uid) return fact.uid;
  if (const auto uid = UidOfUnit(unit)) return uid;
  return UidOfUnit(fact.slice);
}

bool WhereHolds(const Condition& where, std::string_view unit, const UnitFact& fact) {
  const auto holds = [&](const Condition& child) { return WhereHolds(child, unit, fact); };
  switch (where.kind) {
    case Condition::Kind::kAll:
      return std::all_of(where.children.begin(), where.children.end(), holds);
    case Condition::Kind::kAny:
      return std::any_of(where.children.begin(), where.children.end(), holds);
    case Condition::Kind::kNot:
      return !std::all_of(where.children.begin(), where.children.end(), holds);
    case Condition::Kind::kFact:
      break;
  }
  return std::any_of(where.values.begin(), where.values.end(), [&](const Scalar& value) {
    return ValueHolds(where.fact, value.text, unit, fact);
  });
}

void JudgeWhere(const Condition& where, Findings& findings) {
  for (const Condition& child : where.children) JudgeWhere(child, findings);
  if (where.kind != Condition::Kind::kFact) return;
  for (const Scalar& value : where.values) JudgeValue(where.fact, value, findings);
}

}  // namespace reeve::policy
