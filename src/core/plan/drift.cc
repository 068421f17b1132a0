// SPDX-License-Identifier: Apache-2.0
// What the world moved: told from what the policy moved, and left alone where the policy says so.
#include <utility>

#include "core/plan/differ.h"

namespace reeve::plan {

const DesiredCgroup* Differ::Before(const CgroupPath& path) const {
  if (options_.previous == nullptr) return nullptr;
  const auto found = options_.previous->cgroups.find(path);
  return found == options_.previous->cgroups.end() ? nullptr : &found->second;
}

bool Differ::WasInForce(const CgroupPath& path, const std::string& file) const {
  return options_.previous != nullptr &&
         (options_.not_yet == nullptr || !options_.not_yet->contains({path, file}));
}

bool Differ::MovedByTheWorld(const CgroupPath& path,
                             const std::string& file,
                             const KnobValue& wanted) const {
  const DesiredCgroup* before = Before(path);
  if (before == nullptr || !WasInForce(path, file)) return false;
  if (on_units() && !IsMarked(path, file)) return false;
  const auto knob = before->knobs.find(file);
  return knob != before->knobs.end() && knob->second.value == wanted;
}

// A unit may have come only now, under a policy that is long in force.
bool Differ::IsMarked(const CgroupPath& path, const std::string& file) const {
  const ObservedCgroup* seen = Seen(path);
  return seen != nullptr && seen->owner && seen->owner->keys.contains(file);
}

bool Differ::LeavesValue(const CgroupPath& path,
                         const std::string& file,
                         const DesiredCgroup& cgroup,
                         const std::string& wanted,
                         const Reason& reason) {
  if (!reason.drift || cgroup.on_drift == OnDrift::kRepair) return false;
  // The empty limits of a cgroup that somebody made anew are nobody's choice.
  if (cgroup.on_drift == OnDrift::kAdopt && !Seen(path)->owner) return false;
  plan_.drifted.push_back({path, file, reason.now, wanted, cgroup.on_drift, reason.mark, nullptr});
  return true;
}

// A cgroup is no value that could be adopted: only `report` leaves it removed.
bool Differ::LeavesRemoved(const CgroupPath& path, const DesiredCgroup& wanted) {
  if (left_removed_.contains(path.Parent())) {
    left_removed_.insert(path);
    return true;
  }
  const bool drift = Before(path) != nullptr && WasInForce(path, "");
  if (!drift || wanted.on_drift != OnDrift::kReport || created_.contains(path)) return false;
  left_removed_.insert(path);
  plan_.drifted.push_back({path, "", "-", "", wanted.on_drift, wanted.mark, nullptr});
  return true;
}

ControllerSet Differ::TakenAway(const CgroupPath& path, ControllerSet missing) const {
  if (!WasInForce(path, "cgroup.subtree_control")) return {};
  if (path.is_root()) return missing & options_.previous->root_subtree_control;
  const DesiredCgroup* before = Before(path);
  if (before == nullptr || Seen(path) == nullptr) return {};
  return missing & before->subtree_control;
}

ControllerSet Differ::LeavesTakenAway(const CgroupPath& path,
                                      ControllerSet have,
                                      ControllerSet taken,
                                      const DesiredCgroup* cgroup) {
  if (taken.empty() || cgroup == nullptr || cgroup->on_drift != OnDrift::kReport) return {};
  for (const Controller controller : taken.List()) withheld_.insert({path, controller});
  plan_.drifted.push_back({path,
                           "cgroup.subtree_control",
                           have.empty() ? "-" : have.ToString(),
                           (have | taken).ToString(),
                           cgroup->on_drift,
                           cgroup->mark,
                           nullptr});
  return taken;
}

bool Differ::IsWithheld(const CgroupPath& path, Controller controller) const {
  if (withheld_.empty()) return false;
  for (CgroupPath above = path.Parent();; above = above.Parent()) {
    if (withheld_.contains({above, controller})) return true;
    if (above.is_root()) return false;
  }
}

ControllerSet Differ::Withheld(const CgroupPath& path, ControllerSet wanted) const {
  ControllerSet set;
  if (withheld_.empty() || path.is_root()) return set;
  for (const Controller controller : wanted.List()) {
    if (IsWithheld(path, controller)) set.Add(controller);
  }
  return set;
}

}  // namespace reeve::plan
