// SPDX-License-Identifier: Apache-2.0
#include "app/show/plan_counts.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "app/show/screen.h"

namespace reeve::show {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

PlanCounts CountPlan(const Plan& plan) {
  PlanCounts counts;
  std::set<std::pair<CgroupPath, std::string>> values;
  for (const Action& action : plan.actions) {
    std::visit(
        Overloaded{
            [&](const CreateCgroup&) { ++counts.create; },
            [&](const RemoveCgroup&) { ++counts.remove; },
            [](const WriteMark&) {},
            [&](const EnableControllers& c) { counts.enable += c.controllers.List().size(); },
            [&](const DisableControllers& c) { counts.disable += c.controllers.List().size(); },
            [&](const SetFile& set) {
              values.insert({action.path, set.file});
            },
            [&](const MoveProcesses& m) { counts.move += std::max<std::size_t>(m.expected, 1); }},
        action.kind);
  }
  counts.change = values.size();
  return counts;
}

std::size_t WeightOf(const Action& action) {
  return std::visit(
      Overloaded{[](const CreateCgroup&) { return std::size_t{1}; },
                 [](const RemoveCgroup&) { return std::size_t{1}; },
                 [](const WriteMark&) { return std::size_t{0}; },
                 [](const EnableControllers& c) { return c.controllers.List().size(); },
                 [](const DisableControllers& c) { return c.controllers.List().size(); },
                 // Half-way values and all lines of a table but the last are steps of one change.
                 [&](const SetFile& set) {
                   return std::size_t{set.last_line && !action.reason.bookkeeping ? 1U : 0U};
                 },
                 [](const MoveProcesses& m) { return std::max<std::size_t>(m.expected, 1); }},
      action.kind);
}

std::string_view WordOf(const Plan& plan) {
  if (plan.AsDescribed()) return "AS DESCRIBED";
  const bool required =
      std::any_of(plan.gaps.begin(), plan.gaps.end(), [](const Gap& gap) { return gap.required; });
  const bool only_held = plan.actions.empty() && plan.refusals.empty() && plan.complete &&
                         !required && !plan.held.empty();
  return only_held ? "HELD" : "DIFFERS";
}

std::string ShownPath(const CgroupPath& path) {
  return path.is_root() ? "(root)" : Shown(path.text());
}

}  // namespace reeve::show
