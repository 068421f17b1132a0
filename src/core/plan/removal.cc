// SPDX-License-Identifier: Apache-2.0
// What goes and what has to stay: cgroups that left the policy, and strangers' cgroups inside ours.
#include <fmt/format.h>

#include "core/plan/differ.h"

namespace reeve::plan {

// A cgroup that is no more desired and that nobody may remove needs what it is given now: taking a
// controller from above it would throw its limits away, or be refused (EBUSY) because it hands the
// controller on.
void Differ::FindKept() {
  for (const auto& [path, seen] : observed_.cgroups) {
    if ((seen.owner && seen.owner->created) || desired_.cgroups.contains(path)) continue;
    const ObservedCgroup* parent = Seen(path.Parent());
    const ControllerSet given = parent == nullptr ? ControllerSet() : parent->subtree_control;
    for (CgroupPath up = path.Parent(); !up.is_root(); up = up.Parent()) {
      holds_strangers_.insert(up);
      kept_[up] = kept_[up] | given;
    }
  }
}

ControllerSet Differ::Kept(const CgroupPath& path) const {
  const auto found = kept_.find(path);
  return found == kept_.end() ? ControllerSet() : found->second;
}

ControllerSet Differ::HandsDown(const CgroupPath& path) const {
  if (path.is_root()) return desired_.root_subtree_control | observed_.root_subtree_control;
  const auto wanted = desired_.cgroups.find(path);
  return wanted == desired_.cgroups.end() ? Kept(path)
                                          : wanted->second.subtree_control | Kept(path);
}

void Differ::RemoveUnwanted() {
  std::vector<std::map<CgroupPath, ObservedCgroup>::const_iterator> unwanted;
  for (auto it = observed_.cgroups.begin(); it != observed_.cgroups.end(); ++it) {
    const auto& [path, seen] = *it;
    if (!seen.owner || Wanted(path)) continue;
    unwanted.push_back(it);
    const ControllerSet spare = seen.subtree_control - Kept(path);
    if (!seen.owner->created || spare.empty()) continue;
    disabled_[path] = {
        spare,
        builder_.Add(Phase::kDisable,
                     path,
                     0,
                     {path, seen.id, DisableControllers{spare}, Bookkeeping({}), {}})};
  }
  // From the leaves up, so that a parent knows whether its children can go.
  for (auto it = unwanted.rbegin(); it != unwanted.rend(); ++it) {
    const auto& [path, seen] = **it;
    if (seen.owner->created) {
      RemoveCgroup(path, seen);
    } else if (!seen.owner->keys.empty()) {
      ResetFiles(path, seen, nullptr);  // it was there before us: it stays, without our limits
    }
  }
}

void Differ::RemoveCgroup(const CgroupPath& path, const ObservedCgroup& seen) {
  if (holds_strangers_.contains(path)) {
    plan_.refusals.push_back({path,
                              "",
                              "EBUSY",
                              "it has cgroups below it that reeve did not make",
                              "its limits are lifted; it is removed once they are gone",
                              {}});
    ResetFiles(path, seen, nullptr);
    return;
  }
  std::vector<Handle> needs = removals_[path];
  if (!seen.processes) {
    Miss(path, Evidence::Kind::kProcesses);
  } else if (!seen.processes->empty()) {
    const CgroupPath home = HomeAfterRemoval(path);
    std::vector<Handle> move_needs;
    const auto made = created_.find(home);
    if (made != created_.end()) move_needs.push_back(made->second);
    Reason reason;
    reason.reset = true;
    reason.note = "re-homed, nothing is killed";
    needs.push_back(
        builder_.Add(Phase::kRemove,
                     path,
                     0,
                     {path, seen.id, MoveProcesses{home, seen.processes->size()}, reason, {}},
                     move_needs));
    plan_.care.push_back(
        {Danger::kLost,
         path,
         "",
         fmt::format("{} process{} move{} to {}. What they used so far and the memory "
                     "they hold stay behind",
                     seen.processes->size(),
                     seen.processes->size() == 1 ? "" : "es",
                     seen.processes->size() == 1 ? "s" : "",
                     home.is_root() ? std::string("the managed root") : home.text()),
         {}});
  }
  Reason reason;
  reason.reset = true;
  const Handle removed = builder_.Add(
      Phase::kRemove, path, 1, {path, seen.id, reeve::RemoveCgroup{}, reason, {}}, needs);
  removals_[path.Parent()].push_back(removed);
}

// The nearest ancestor that stays; in its `_self` leaf where it goes on handing controllers down.
CgroupPath Differ::HomeAfterRemoval(const CgroupPath& removed) {
  CgroupPath home = removed.Parent();
  while (!home.is_root() && !desired_.cgroups.contains(home)) home = home.Parent();
  if (home.is_root()) {
    const bool inner = !(desired_.root_subtree_control | observed_.root_subtree_control).empty();
    if (!inner || observed_.root_is_hierarchy_root) return home;
  } else if (HandsDown(home).empty()) {
    return home;
  }
  EnsureSelf(home, Phase::kBuild, {});
  return home.Child(kSelfName);
}

}  // namespace reeve::plan
