// SPDX-License-Identifier: Apache-2.0
#include "core/plan/diff.h"

#include <utility>
#include <variant>

#include "core/plan/differ.h"

namespace reeve::plan {

PlanDraft MakePlan(const Desired& desired, const Observed& observed, const PlanOptions& options) {
  if (options.only_values_of != nullptr) return Differ(desired, observed, options).RunValues();
  PlanDraft draft = Differ(desired, observed, options).Run();
  if (!desired.observed_only.empty()) {
    draft.plan.observe_only = Differ(desired, observed, options).RunObserveOnly();
  }
  return draft;
}

std::vector<Action> Differ::RunObserveOnly() && {
  FindKept();
  FindThreads();
  for (const auto& [path, wanted] : desired_.observed_only) BuildCgroup(path, wanted);
  std::vector<Action> actions;
  for (Action& action : std::move(builder_).Finish()) {
    const bool would_show = std::holds_alternative<CreateCgroup>(action.kind) ||
                            std::holds_alternative<SetFile>(action.kind);
    if (!would_show || action.reason.reset) continue;
    action.needs.clear();
    actions.push_back(std::move(action));
  }
  return actions;
}

PlanDraft Differ::Run() && {
  plan_.complete = observed_.complete;
  plan_.gaps = desired_.gaps;
  plan_.watched = desired_.watched;
  plan_.cgroups = desired_.cgroups.size();
  FindKept();
  FindThreads();
  HandDown(CgroupPath(), desired_.root_subtree_control, nullptr);
  for (const auto& [path, wanted] : desired_.cgroups) {
    plan_.values += wanted.knobs.size();
    BuildCgroup(path, wanted);
  }
  // What is not seen whole may hold processes we do not know of: nothing is taken down on its
  // account.
  if (observed_.complete) RemoveUnwanted();
  WarnOfWideChanges();
  plan_.actions = std::move(builder_).Finish();
  return {std::move(plan_), {missing_.begin(), missing_.end()}};
}

PlanDraft Differ::RunValues() && {
  plan_.complete = observed_.complete;
  for (const CgroupPath& path : *options_.only_values_of) {
    const auto wanted = desired_.cgroups.find(path);
    const ObservedCgroup* seen = Seen(path);
    if (wanted == desired_.cgroups.end() || seen == nullptr || IsOthers(path)) continue;
    DiffFiles(path, wanted->second, seen);
  }
  WarnOfWideChanges();
  plan_.actions = std::move(builder_).Finish();
  return {std::move(plan_), {missing_.begin(), missing_.end()}};
}

const ObservedCgroup* Differ::Seen(const CgroupPath& path) const {
  const auto found = observed_.cgroups.find(path);
  return found == observed_.cgroups.end() ? nullptr : &found->second;
}

std::vector<Differ::Handle> Differ::NeedsOf(const CgroupPath& path, const Knob* knob) const {
  std::vector<Handle> needs;
  const auto created = created_.find(path);
  if (created != created_.end()) needs.push_back(created->second);
  const auto marked = marked_.find(path);
  if (marked != marked_.end()) needs.push_back(marked->second);
  if (knob != nullptr && knob->controller != Controller::kCore) {
    const auto enabled = enabled_.find({path.Parent(), knob->controller});
    if (enabled != enabled_.end()) needs.push_back(enabled->second);
  }
  return needs;
}

}  // namespace reeve::plan
