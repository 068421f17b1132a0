// SPDX-License-Identifier: Apache-2.0
#include "app/show/differences.h"

#include <fmt/format.h>

#include "app/show/human.h"
#include "app/show/plan_rows.h"
#include "app/show/screen.h"

namespace reeve::show {
namespace {

void AddActions(const Plan& plan, std::vector<Difference>& out) {
  for (const PlanRow& row : MakeRows(plan.actions, {})) {
    for (const CgroupPath& path : row.paths) {
      switch (row.kind) {
        case PlanRow::Kind::kCreate:
          out.push_back({path, "is not there"});
          break;
        case PlanRow::Kind::kRemove:
          out.push_back({path, "left the policy"});
          break;
        case PlanRow::Kind::kMove:
          out.push_back({path, row.key + " to come " + row.wanted});
          break;
        case PlanRow::Kind::kSet:
          // The values of a cgroup that is not there are no differences of their own.
          if (row.sign == ' ') break;
          out.push_back({path, fmt::format("{} {}, wanted {}", row.key, row.now, row.wanted)});
          break;
        default:
          break;
      }
    }
  }
}

}  // namespace

std::vector<Difference> DifferencesOf(const Plan& plan) {
  std::vector<Difference> out;
  AddActions(plan, out);
  for (const Held& held : plan.held) {
    const Knob* knob = FindKnob(held.file);
    out.push_back(
        {held.path,
         fmt::format("{} waits ({})", Shown(held.file), Shown(HumanMessage(knob, held.reason)))});
  }
  for (const Drifted& drifted : plan.drifted) {
    const Knob* knob = FindKnob(drifted.file);
    out.push_back({drifted.path,
                   drifted.file.empty() ? "was removed (on_drift: report)"
                                        : fmt::format("{} {}, wanted {} (on_drift: report)",
                                                      Shown(drifted.file),
                                                      Shown(HumanText(knob, drifted.now)),
                                                      Shown(HumanText(knob, drifted.wanted)))});
  }
  for (const Refusal& refusal : plan.refusals) {
    if (refusal.errno_name.empty()) {
      out.push_back({refusal.path, Shown(refusal.which_means)});
      continue;
    }
    out.push_back(
        {refusal.path,
         fmt::format("{} would be refused ({})", Shown(refusal.file), refusal.errno_name)});
  }
  for (const Gap& gap : plan.gaps) {
    if (gap.required)
      out.push_back({gap.path, Shown(gap.file) + " is required: " + Shown(gap.reason)});
  }
  if (out.empty() && !plan.AsDescribed()) {
    out.push_back(
        {CgroupPath(), plan.complete ? "bookkeeping is left to do" : "not all could be read"});
  }
  return out;
}

}  // namespace reeve::show
