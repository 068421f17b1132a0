// SPDX-License-Identifier: Apache-2.0
// Which cgroups exist, which controllers they hand down, and where processes go that are in the
// way.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/plan/differ.h"
#include "core/plan/others.h"

namespace reeve::plan {
namespace {

// Whether the cgroup's mark names every file that is to be set.
bool IsAnnounced(const ObservedCgroup& seen, const DesiredCgroup& wanted) {
  return seen.owner && std::all_of(wanted.knobs.begin(), wanted.knobs.end(), [&](const auto& knob) {
           return seen.owner->keys.contains(knob.first);
         });
}

}  // namespace

Reason Bookkeeping(const SourceMark& mark) {
  Reason reason;
  reason.mark = mark;
  reason.bookkeeping = true;
  return reason;
}

bool Differ::Wanted(const CgroupPath& path) const {
  if (path.is_root() || desired_.cgroups.contains(path)) return true;
  if (path.name() != kSelfName) return false;
  // `_self` lives as long as the cgroup it serves hands controllers down.
  const CgroupPath parent = path.Parent();
  if (parent.is_root()) {
    return !observed_.root_is_hierarchy_root && !observed_.root_subtree_control.empty();
  }
  return desired_.cgroups.contains(parent) && !HandsDown(parent).empty();
}

ControllerSet Differ::AvailableIn(const CgroupPath& path) const {
  if (path.is_root()) return observed_.root_controllers;
  const CgroupPath parent = path.Parent();
  ControllerSet handed = parent.is_root()
                             ? observed_.root_subtree_control | desired_.root_subtree_control
                             : ControllerSet();
  if (!parent.is_root()) {
    const auto wanted = desired_.cgroups.find(parent);
    if (wanted != desired_.cgroups.end()) handed = handed | wanted->second.subtree_control;
    if (const ObservedCgroup* seen = Seen(parent)) handed = handed | seen->subtree_control;
  }
  const auto refused = refused_.find(parent);
  if (refused != refused_.end()) handed = handed - refused->second;
  return handed & AvailableIn(parent);
}

bool Differ::IsRefused(const CgroupPath& path, const Knob* knob) const {
  if (refused_.empty() || knob == nullptr || knob->controller == Controller::kCore) return false;
  const bool somewhere = std::any_of(refused_.begin(), refused_.end(), [&](const auto& entry) {
    return entry.second.Has(knob->controller) && entry.first.Contains(path);
  });
  return somewhere && !AvailableIn(path).Has(knob->controller);
}

Differ::Handle Differ::AddCreate(Phase phase,
                                 const CgroupPath& path,
                                 bool as_part_of_parent,
                                 const OwnerMark& mark,
                                 Reason reason) {
  const CgroupPath station = as_part_of_parent ? path.Parent() : path;
  const int rank = as_part_of_parent ? kRankSelf : 0;
  std::vector<Handle> needs;
  const auto parent = created_.find(path.Parent());
  if (parent != created_.end()) needs.push_back(parent->second);
  const SourceMark place = reason.mark;
  const Handle created = builder_.Add(
      phase, station, rank + kRankCreate, {path, 0, CreateCgroup{}, std::move(reason), {}}, needs);
  created_[path] = created;
  // Right after its cgroup: a crash in between must not leave one that nobody may remove.
  marked_[path] = builder_.Add(
      phase, station, rank + 1, {path, 0, WriteMark{mark}, Bookkeeping(place), {}}, {created});
  return created;
}

OwnerMark Differ::MarkFor(const CgroupPath& path,
                          const DesiredCgroup& wanted,
                          const ObservedCgroup* seen) const {
  OwnerMark mark{true, path.text(), {}};
  if (seen != nullptr) mark = seen->owner ? *seen->owner : OwnerMark{false, path.text(), {}};
  for (const auto& [file, knob] : wanted.knobs) {
    if (mark.keys.contains(file)) continue;
    std::string found;
    if ((knob.knob == nullptr || on_units()) && seen != nullptr) {
      const auto text = seen->files.find(file);
      if (text != seen->files.end()) found = text->second.text;
    }
    mark.keys.emplace(file, found);
  }
  return mark;
}

// Whether it is, or lies in, another manager's cgroup: there before us, and under his name.
bool Differ::IsOthers(const CgroupPath& path) const {
  if (path.is_root() || WhoseName(path).empty()) return false;
  CgroupPath top = path;
  while (!top.Parent().is_root()) top = top.Parent();
  const ObservedCgroup* seen = Seen(top);
  return seen != nullptr && !seen->owner;
}

// Two that write to one cgroup undo each other's work, and only one of them knows what it is for.
bool Differ::LeavesOthers(const CgroupPath& path, const SourceMark& mark) {
  if (!IsOthers(path)) return false;
  const std::string whose(WhoseName(path));
  plan_.refusals.push_back(
      {path,
       "",
       "",
       fmt::format("it is {}'s, and was there before reeve: nothing is written to it", whose),
       whose == "systemd"
           ? "`systemctl set-property` sets limits there; or give reeve a managed root "
             "of its own"
           : fmt::format("tell {} which limits it is to set, or give reeve a managed "
                         "root of its own",
                         whose),
       mark});
  return true;
}

// A unit is systemd's to make and to remove.
void Differ::BuildUnit(const CgroupPath& path, const DesiredCgroup& wanted) {
  const ObservedCgroup* seen = Seen(path);
  if (seen == nullptr) {
    for (const auto& [file, knob] : wanted.knobs) {
      plan_.gaps.push_back({Gap::Kind::kPending, path, file, "no such unit is loaded", knob.mark});
    }
    return;
  }
  Announce(path, wanted, *seen);
  DiffFiles(path, wanted, seen);
}

// Before everything it announces, also before the room that is made for children.
void Differ::Announce(const CgroupPath& path,
                      const DesiredCgroup& wanted,
                      const ObservedCgroup& seen) {
  if (IsAnnounced(seen, wanted)) return;
  marked_[path] = builder_.Add(
      Phase::kMakeRoom,
      path,
      kRankMark,
      {path, seen.id, WriteMark{MarkFor(path, wanted, &seen)}, Bookkeeping(wanted.mark), {}});
}

void Differ::BuildCgroup(const CgroupPath& path, const DesiredCgroup& wanted) {
  if (on_units()) return BuildUnit(path, wanted);
  if (LeavesOthers(path, wanted.mark)) return;
  const ObservedCgroup* seen = Seen(path);
  if (seen == nullptr && LeavesRemoved(path, wanted)) return;
  if (seen == nullptr && !created_.contains(path)) {
    Reason reason;
    reason.mark = wanted.mark;
    reason.template_name = wanted.template_name;
    reason.drift = Before(path) != nullptr && WasInForce(path, "");
    AddCreate(Phase::kBuild,
              path,
              path.name() == kSelfName,
              MarkFor(path, wanted, seen),
              std::move(reason));
  } else if (seen != nullptr) {
    Announce(path, wanted, *seen);
  }
  DiffFiles(path, wanted, seen);
  HandDown(path, wanted.subtree_control, &wanted);
}

void Differ::HandDown(const CgroupPath& path, ControllerSet wanted, const DesiredCgroup* cgroup) {
  const ObservedCgroup* seen = path.is_root() ? nullptr : Seen(path);
  const ControllerSet have = path.is_root()    ? observed_.root_subtree_control
                             : seen != nullptr ? seen->subtree_control
                                               : ControllerSet();
  const SourceMark mark = cgroup == nullptr ? SourceMark() : cgroup->mark;
  const CgroupId id = seen == nullptr ? 0 : seen->id;
  const ControllerSet kept = have & Kept(path);
  ControllerSet missing = (wanted & AvailableIn(path)) - have - Withheld(path, wanted);
  const ControllerSet taken = TakenAway(path, missing);
  missing = missing - LeavesTakenAway(path, have, taken, cgroup);
  const bool threads = LetThreadsBe(path, missing, mark);
  // A process got into it while it handed down threaded controllers only (cpu, cpuset, pids): its
  // children, all empty then, can take nobody in until it hands down nothing.
  const bool flipped = !threads && TypeOf(path) == "domain threaded" && !have.empty();
  if (flipped || !missing.empty()) {
    std::vector<Handle> needs = NeedsOf(path, nullptr);
    if (!threads) {
      const Evacuation evacuation = Evacuate(path, flipped ? have : ControllerSet(), mark);
      if (!evacuation.known) {
        refused_[path] = missing;
        return;
      }
      if (evacuation.moved) needs.push_back(*evacuation.moved);
      if (evacuation.moved && flipped) missing = (wanted | kept) & AvailableIn(path);
    }
    // Threaded ones last: before that, a process that comes in meanwhile is refused by the first of
    // the others (EBUSY) instead of making this a threaded domain.
    std::vector<Controller> order = missing.List();
    std::stable_partition(order.begin(), order.end(), [](Controller c) { return !IsThreaded(c); });
    for (Controller controller : order) {
      std::vector<Handle> all = needs;
      const auto above = enabled_.find({path.Parent(), controller});
      if (!path.is_root() && above != enabled_.end()) all.push_back(above->second);
      // One at a time: the kernel takes a list all or nothing, and one it refuses would cost the
      // others.
      Reason reason = Bookkeeping(mark);
      reason.drift = taken.Has(controller);
      enabled_[{path, controller}] = builder_.Add(
          Phase::kBuild,
          path,
          kRankEnable,
          {path, id, EnableControllers{ControllerSet{controller}}, std::move(reason), {}},
          all);
    }
  }
  const ControllerSet spare = have - wanted - kept;
  const bool ours = seen != nullptr && seen->owner && seen->owner->created;
  if (ours && observed_.complete && !spare.empty()) {
    // A child becomes threaded only where no domain controller is handed down any more.
    const Phase phase = threads && TypeOf(path) == "domain" ? Phase::kMakeRoom : Phase::kDisable;
    disabled_[path] = {
        spare,
        builder_.Add(phase, path, 0, {path, id, DisableControllers{spare}, Bookkeeping(mark), {}})};
  }
}

// A cgroup that holds processes can not hand controllers down: the kernel refuses (EBUSY), or for
// cpu, cpuset and pids makes it a threaded domain, which is worse. They go to its `_self` leaf
// first.
Differ::Evacuation Differ::Evacuate(const CgroupPath& path,
                                    ControllerSet off,
                                    const SourceMark& mark) {
  if (path.is_root() && observed_.root_is_hierarchy_root) return {};
  const ObservedCgroup* seen = path.is_root() ? nullptr : Seen(path);
  if (seen == nullptr && !path.is_root()) return {};  // new and empty
  const auto& processes = path.is_root() ? observed_.root_processes : seen->processes;
  if (!processes) {
    Miss(path, Evidence::Kind::kProcesses);
    return {false, std::nullopt};
  }
  if (processes->empty()) return {};
  if (std::find(processes->begin(), processes->end(), 0) != processes->end()) {
    plan_.refusals.push_back(
        {path,
         "cgroup.subtree_control",
         "EBUSY",
         "processes of another pid namespace sit in it; they can not be named from here",
         "run reeve in the host's pid namespace",
         mark});
    return {false, std::nullopt};
  }
  std::vector<Handle> needs;
  if (const auto home = EnsureSelf(path, Phase::kBuild, mark)) needs.push_back(*home);
  const CgroupId id = seen == nullptr ? 0 : seen->id;
  if (!off.empty()) {
    needs.push_back(builder_.Add(Phase::kBuild,
                                 path,
                                 kRankEvacuate - 1,
                                 {path, id, DisableControllers{off}, Bookkeeping(mark), {}}));
  }
  Reason reason;
  reason.mark = mark;
  reason.note = "a cgroup with controllers below it can hold no processes of its own";
  const Handle moved =
      builder_.Add(Phase::kBuild,
                   path,
                   kRankEvacuate,
                   {path, id, MoveProcesses{path.Child(kSelfName), processes->size()}, reason, {}},
                   needs);
  return {true, moved};
}

std::optional<Differ::Handle> Differ::EnsureSelf(const CgroupPath& parent,
                                                 Phase phase,
                                                 const SourceMark& mark) {
  const CgroupPath self = parent.Child(kSelfName);
  const auto made = created_.find(self);
  if (made != created_.end()) return made->second;
  if (Seen(self) != nullptr) return std::nullopt;
  OwnerMark owner{true, self.text(), {}};
  const auto wanted = desired_.cgroups.find(self);
  if (wanted != desired_.cgroups.end()) {
    for (const auto& knob : wanted->second.knobs) owner.keys.emplace(knob.first, "");
  }
  Reason reason;
  reason.mark = mark;
  reason.note = "leaf for the processes of an inner cgroup";
  return AddCreate(phase, self, true, owner, std::move(reason));
}

}  // namespace reeve::plan
