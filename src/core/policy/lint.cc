// SPDX-License-Identifier: Apache-2.0
#include "core/policy/lint.h"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/unit_name.h"
#include "core/policy/condition.h"
#include "core/policy/template.h"

namespace reeve::policy {
namespace {

// A shell pipeline of a compiler and its helpers is some twenty threads, a small JVM forty, a
// browser hundreds. Below this ordinary programs fail in odd ways; a higher bound would cry at
// honest limits.
constexpr std::uint64_t kLowPids = 128;

const DesiredKnob* KnobOf(const DesiredCgroup& cgroup, const char* file) {
  const auto knob = cgroup.knobs.find(file);
  return knob == cgroup.knobs.end() ? nullptr : &knob->second;
}

// The number of a limit; nullopt for `max`, for other kinds of values, and when it is not set.
std::optional<std::uint64_t> NumberOf(const DesiredKnob* knob) {
  const Limit* limit = knob == nullptr ? nullptr : std::get_if<Limit>(&knob->value);
  if (limit == nullptr || limit->is_max()) return std::nullopt;
  return limit->value();
}

void LowPids(const Desired& desired, Findings& findings) {
  // Instances of a template have their value from one place.
  std::set<std::pair<std::uint32_t, std::uint32_t>> said;
  const SourceFile* file = nullptr;
  for (const auto& [path, cgroup] : desired.cgroups) {
    const DesiredKnob* knob = KnobOf(cgroup, "pids.max");
    const auto number = NumberOf(knob);
    if (!number || *number >= kLowPids) continue;
    if (knob->mark.file.get() != file) said.clear();
    file = knob->mark.file.get();
    if (knob->mark.known() && !said.emplace(knob->mark.line, knob->mark.column).second) continue;
    findings.Warning("R0402",
                     knob->mark,
                     "pids.max counts threads, and this is low",
                     fmt::format("{} threads are soon used up: a compiler, a JVM, a browser "
                                 "have dozens each",
                                 *number));
  }
}

// Names that are one slip away from a built-in fact. Longer distances are other words: `site` is
// not `time`.
std::optional<std::string_view> MeantFact(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "arch", "cpus", "host", "kernel", "memory", "reeve", "rollout", "systemd", "unit"};
  for (std::string_view fact : kNames) {
    const bool plural =
        name.size() == fact.size() + 1 && name.starts_with(fact) && name.back() == 's';
    const bool singular = fact.back() == 's' && name == fact.substr(0, fact.size() - 1);
    if (plural || singular) return fact;
    if (name.size() != fact.size()) continue;
    std::size_t first = 0;
    while (first < name.size() && name[first] == fact[first]) ++first;
    // Two neighbours that changed places.
    const bool swapped = first + 1 < name.size() && name[first] == fact[first + 1] &&
                         name[first + 1] == fact[first] &&
                         name.substr(first + 2) == fact.substr(first + 2);
    if (swapped) return fact;
  }
  return std::nullopt;
}

void UnknownFacts(const Condition& condition, const HostFacts& facts, Findings& findings) {
  for (const Condition& child : condition.children) UnknownFacts(child, facts, findings);
  if (condition.kind != Condition::Kind::kFact || IsBuiltInFact(condition.fact)) return;
  const auto meant = MeantFact(condition.fact);
  if (!meant || facts.own.count(condition.fact) != 0) return;
  findings.Warning("R0406",
                   condition.mark,
                   fmt::format("this host has no fact `{}`", EscapeForTerminal(condition.fact)),
                   fmt::format("did you mean `{}`?", *meant));
}

// A template that says nothing of the units it means but their type.
void Unbounded(const Policy& policy, Findings& findings) {
  for (const Document& document : policy.documents) {
    for (const CgroupSpec& unit : document.units) {
      const std::string_view type = UnitTypeOf(unit.name.text);
      const auto variables = FindVariables(unit.name.text);
      const bool bare = variables.size() == 1 && variables[0].offset == 0 &&
                        variables[0].length + 1 + type.size() == unit.name.text.size();
      if (!bare || !unit.where.children.empty()) continue;
      findings.Warning(
          "R0413",
          unit.name.mark,
          fmt::format("`{}` is every {} of the host, also those that it cannot do without",
                      EscapeForTerminal(unit.name.text),
                      type),
          "say which are meant: `where: {slice: app.slice}`, or which are not: "
          "`where: {not: {name: [ssh, dbus, systemd-*]}}`");
    }
  }
}

}  // namespace

void LintUnits(const Policy& policy, const Desired& units, Findings& findings) {
  Unbounded(policy, findings);
  LowPids(units, findings);
}

void Lint(const Policy& policy,
          const Desired& desired,
          const HostFacts& facts,
          Findings& findings) {
  for (const Document& document : policy.documents) UnknownFacts(document.when, facts, findings);
  LowPids(desired, findings);
}

}  // namespace reeve::policy
