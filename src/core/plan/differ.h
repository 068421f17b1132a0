// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/plan/change.h"
#include "core/plan/diff.h"
#include "core/plan/order.h"

namespace reeve::plan {

inline constexpr std::string_view kSelfName = "_self";

// The reason of what follows from other actions.
Reason Bookkeeping(const SourceMark& mark);

// The working state of one MakePlan, shared by its parts: structure.cc (which cgroups, controllers
// and processes), threads.cc, removal.cc, values.cc (what the files hold) and verdict.cc (what can
// hurt, what is held back). Parts add to the builder and to the plan; nothing outside this folder sees it.
class Differ {
 public:
  Differ(const Desired& desired, const Observed& observed, const PlanOptions& options)
      : desired_(desired), observed_(observed), options_(options) {}

  PlanDraft Run() &&;
  PlanDraft RunValues() &&;

  // What documents in mode observe would create and set; nothing of it is ever done.
  std::vector<Action> RunObserveOnly() &&;

 private:
  using Handle = PlanBuilder::Handle;

  // structure.cc
  void BuildCgroup(const CgroupPath& path, const DesiredCgroup& wanted);
  void BuildUnit(const CgroupPath& path, const DesiredCgroup& wanted);
  void Announce(const CgroupPath& path, const DesiredCgroup& wanted, const ObservedCgroup& seen);
  bool IsOthers(const CgroupPath& path) const;
  bool LeavesOthers(const CgroupPath& path, const SourceMark& mark);
  void HandDown(const CgroupPath& path, ControllerSet wanted, const DesiredCgroup* cgroup);

  // Not known: who lives there could not be read or be moved, so nothing may be handed down.
  struct Evacuation {
    bool known = true;
    std::optional<Handle> moved = {};
  };

  //   off   controllers it must not hand down while they move
  Evacuation Evacuate(const CgroupPath& path, ControllerSet off, const SourceMark& mark);
  std::optional<Handle> EnsureSelf(const CgroupPath& parent, Phase phase, const SourceMark& mark);
  Handle AddCreate(Phase phase,
                   const CgroupPath& path,
                   bool as_part_of_parent,
                   const OwnerMark& mark,
                   Reason reason);

  // threads.cc
  void FindThreads();
  std::string_view TypeOf(const CgroupPath& path) const;

  // Whether threads live in it or below, so that its processes stay where they are and it hands
  // down threaded controllers only; then takes out of `missing` what the kernel would refuse.
  bool LetThreadsBe(const CgroupPath& path, ControllerSet& missing, const SourceMark& mark);

  // False: the kernel would refuse to make it threaded, which is said.
  bool MayBeThreaded(const CgroupPath& path, const SourceMark& mark);
  void WarnOfNeighbours(const CgroupPath& domain,
                        const CgroupPath& threaded,
                        const SourceMark& mark);

  // removal.cc
  void FindKept();

  // What it must go on handing down for cgroups below that are not reeve's to take from.
  ControllerSet Kept(const CgroupPath& path) const;

  // What it hands down when the plan is carried out.
  ControllerSet HandsDown(const CgroupPath& path) const;
  void RemoveUnwanted();
  void RemoveCgroup(const CgroupPath& path, const ObservedCgroup& seen);
  CgroupPath HomeAfterRemoval(const CgroupPath& removed);
  bool Wanted(const CgroupPath& path) const;
  ControllerSet AvailableIn(const CgroupPath& path) const;

  // The mark of a cgroup that holds what is wanted, with all it remembers from before.
  OwnerMark MarkFor(const CgroupPath& path,
                    const DesiredCgroup& wanted,
                    const ObservedCgroup* seen) const;

  // Whether a file can not be there because somewhere above its controller is not handed down, which
  // a refusal says already.
  bool IsRefused(const CgroupPath& path, const Knob* knob) const;

  // values.cc
  void DiffFiles(const CgroupPath& path, const DesiredCgroup& wanted, const ObservedCgroup* seen);
  void LeaveForeignIdle(const CgroupPath& path,
                        const DesiredCgroup& wanted,
                        const ObservedCgroup& seen);
  void DiffFile(const CgroupPath& path,
                const std::string& file,
                const DesiredKnob& wanted,
                const DesiredCgroup& cgroup,
                const ObservedCgroup* seen);
  bool WaitsForCpus(const CgroupPath& path, const std::string& file) const;
  void ResetFiles(const CgroupPath& path, const ObservedCgroup& seen, const DesiredCgroup* wanted);
  // What a key that left gets back: its known text, else (knob nullptr) the text as it stands.
  DesiredKnob GivenBack(const Knob* knob, const std::string& original) const;
  std::optional<Handle> GoesWithController(const CgroupPath& path,
                                           const Knob& knob,
                                           const ObservedCgroup& seen) const;
  KnobValue ListAbove(const CgroupPath& path, const Knob& knob) const;

  bool on_units() const { return options_.ground == Ground::kUnits; }

  // Both return the handles of the lines.
  std::vector<Handle> AddSet(const CgroupPath& path,
                             const std::string& file,
                             const DesiredKnob& wanted,
                             const ObservedCgroup* seen,
                             const KnobValue* before,
                             Reason reason);
  std::vector<Handle> AddWrites(Phase phase,
                                const CgroupPath& path,
                                const std::string& file,
                                const Knob* knob,
                                const KnobValue& value,
                                const std::vector<std::string>& lines,
                                const Reason& reason);

  // drift.cc
  const DesiredCgroup* Before(const CgroupPath& path) const;  // nullptr: not in the previous tree
  bool WasInForce(const CgroupPath& path, const std::string& file) const;
  bool MovedByTheWorld(const CgroupPath& path,
                       const std::string& file,
                       const KnobValue& wanted) const;
  bool IsMarked(const CgroupPath& path, const std::string& file) const;
  // True: the drift is noted in the plan and stays.
  bool LeavesValue(const CgroupPath& path,
                   const std::string& file,
                   const DesiredCgroup& cgroup,
                   const std::string& wanted,
                   const Reason& reason);
  bool LeavesRemoved(const CgroupPath& path, const DesiredCgroup& wanted);
  // Those of `missing` that it handed down before.
  ControllerSet TakenAway(const CgroupPath& path, ControllerSet missing) const;
  // Those of `taken` that are not handed down again.
  ControllerSet LeavesTakenAway(const CgroupPath& path,
                                ControllerSet have,
                                ControllerSet taken,
                                const DesiredCgroup* cgroup);
  // Whether a cgroup above has lost the controller and does not get it back.
  bool IsWithheld(const CgroupPath& path, Controller controller) const;
  ControllerSet Withheld(const CgroupPath& path, ControllerSet wanted) const;

  // verdict.cc; false: the change is held back
  bool MayShrink(const CgroupPath& path,
                 const std::string& file,
                 const Limit& wanted,
                 const DesiredCgroup& cgroup,
                 const ObservedCgroup& seen,
                 const Reason& reason);
  bool MayEmpty(const CgroupPath& path,
                const std::string& file,
                const KnobValue& wanted,
                const KnobValue& before,
                const ObservedCgroup& seen,
                const Reason& reason);
  void WarnOfLifting(const CgroupPath& path,
                     const std::string& file,
                     const KnobValue& wanted,
                     const Reason& reason);
  void WarnOfWideChanges();

  void Miss(const CgroupPath& path, Evidence::Kind kind) { missing_.insert({path, kind}); }

  const ObservedCgroup* Seen(const CgroupPath& path) const;
  std::vector<Handle> NeedsOf(const CgroupPath& path, const Knob* knob) const;

  const Desired& desired_;
  const Observed& observed_;
  const PlanOptions& options_;
  PlanBuilder builder_;
  Plan plan_;
  std::set<Evidence> missing_;
  std::map<CgroupPath, Handle> created_;
  std::map<CgroupPath, Handle> marked_;
  std::map<std::pair<CgroupPath, Controller>, Handle> enabled_;
  std::map<CgroupPath, std::pair<ControllerSet, Handle>> disabled_;
  std::map<CgroupPath, ControllerSet> refused_;  // what it was to hand down but can not
  std::map<CgroupPath, ControllerSet> kept_;
  std::set<CgroupPath> holds_strangers_;
  std::map<CgroupPath, CgroupPath> threaded_below_;     // parent -> a threaded child
  std::map<CgroupPath, std::vector<Handle>> removals_;  // of children, by parent
  std::set<CgroupPath> left_removed_;
  std::set<std::pair<CgroupPath, Controller>> withheld_;
  std::map<std::string, std::size_t> changed_;  // file -> existing cgroups that get a new value
};

}  // namespace reeve::plan
