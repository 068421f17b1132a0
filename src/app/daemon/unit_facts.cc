// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/unit_facts.h"

#include <array>
#include <optional>
#include <string_view>
#include <variant>

#include "core/base/text.h"
#include "core/format/knob_text.h"
#include "core/model/unit_name.h"

namespace reeve::daemon {
namespace {

// What `of parent` may be of, and what a slice promises to those in it.
constexpr std::array<std::string_view, 7> kLimits = {"memory.max",
                                                     "memory.high",
                                                     "memory.swap.max",
                                                     "pids.max",
                                                     "cpu.max",
                                                     "memory.min",
                                                     "memory.low"};

// "user.slice/user-1000.slice" for user-1000.slice.
std::string CgroupOfSlice(const std::string& slice) {
  const std::string above = SliceAbove(slice);
  return above.empty() ? slice : CgroupOfSlice(above) + "/" + slice;
}

bool SaysSomething(const Knob& knob, const KnobValue& value) {
  const bool promise = knob.direction == Direction::kLargerStronger;
  if (const auto* limit = std::get_if<Limit>(&value)) {
    return promise ? *limit != Limit(0) : !limit->is_max();
  }
  const auto* cpu = std::get_if<CpuMax>(&value);
  return cpu != nullptr && !cpu->quota.is_max();
}

std::map<std::string, std::string> LimitsOf(const std::string& slice, port::CgroupFs& tree) {
  std::map<std::string, std::string> limits;
  const auto path = CgroupPath::Parse(CgroupOfSlice(slice));
  if (!path.has_value()) return limits;
  for (const std::string_view file : kLimits) {
    const auto text = tree.ReadFile(*path, file);
    if (!text.has_value()) continue;
    const Knob& knob = *FindKnob(file);
    const auto value = format::ParseKnob(knob, Trim(*text));
    if (value.has_value() && SaysSomething(knob, *value)) {
      limits.emplace(file, format::FormatKnob(knob, *value));
    }
  }
  return limits;
}

std::optional<std::uint64_t> UidOf(const std::string& name,
                                   const systemd::ListedUnit& unit,
                                   const kernel::LocalAccounts& accounts) {
  if (const auto uid = UidOfUnit(name)) return uid;
  const bool scope = UnitTypeOf(name) == "scope";
  if (scope) return UidOfUnit(unit.slice);
  if (UnitTypeOf(name) != "service") return std::nullopt;
  return unit.user.empty() ? std::optional<std::uint64_t>(0) : accounts.UidOf(unit.user);
}

}  // namespace

std::map<std::string, UnitFact> FactsOf(const std::map<std::string, systemd::ListedUnit>& units,
                                        const kernel::LocalAccounts& accounts,
                                        port::CgroupFs* tree) {
  std::map<std::string, UnitFact> facts;
  for (const auto& [name, unit] : units) {
    UnitFact& fact = facts[name];
    fact.slice = unit.slice;
    fact.active = unit.active;
    fact.uid = UidOf(name, unit, accounts);
    if (fact.uid) fact.user = accounts.NameOf(*fact.uid);
    if (fact.user.empty()) fact.user = unit.user;  // of a directory that is not asked here
    if (!fact.user.empty()) fact.groups = accounts.GroupsOf(fact.user);
    if (tree != nullptr && UnitTypeOf(name) == "slice") fact.limits = LimitsOf(name, *tree);
  }
  return facts;
}

}  // namespace reeve::daemon
