// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine/applier.h"
#include "core/engine/drift.h"
#include "core/engine/event_log.h"
#include "core/engine/instant.h"
#include "core/engine/note.h"
#include "core/engine/observe.h"
#include "core/engine/shared_desired.h"
#include "core/engine/shrinker.h"
#include "core/model/desired.h"
#include "core/model/plan.h"
#include "core/model/report.h"
#include "core/model/standing.h"
#include "core/port/cgroup_fs.h"
#include "core/port/slow_writer.h"

namespace reeve::engine {

// Keeps the kernel at a desired tree. A state machine without threads, files or time: it is told
// that the policy changed (SetDesired) or that something may have moved (MarkDirty), and is stepped
// until it rests. Level-driven: an event only says "look again", so losing one costs time, never
// truth.
class Engine {
 public:
  //   events   of another engine that outlives this one, so that both tell one story; nullptr: its own
  Engine(port::CgroupFs& fs,
         std::uint64_t page_size,
         plan::Ground ground = plan::Ground::kTree,
         EventLog* events = nullptr);

  // From now on writes that may block go through `slow`, and what is held back because it is in use
  // is brought down in stages (not on units: what is held there waits for its use to fall, and every
  // write is slow). Without, writes block and what is held waits for its use to fall.
  // Whoever steps the engine steps it again when the writer is done. Must outlive the engine.
  void UseSlowWriter(port::SlowWriter& slow);

  // A new generation is in force from the next step on; one being applied ends after its current
  // action.
  void SetDesired(std::shared_ptr<const Desired> desired);

  void SetDesired(Desired desired) {
    SetDesired(std::make_shared<const Desired>(std::move(desired)));
  }

  // After a restart, before the first step: `desired` is the tree that was carried out before it
  // (Standing::in_force), so that what differs from it is drift, also for `on_drift: report`.
  void AssumeInForce(std::shared_ptr<const Desired> desired);

  // Values that were adopted before a restart. Call before SetDesired and AssumeInForce.
  void RestoreAdopted(std::vector<Adopted> adopted);

  // What AssumeInForce and RestoreAdopted need after the next restart. Worth keeping whenever it
  // differs from what was kept.
  const Standing& standing() const { return standing_; }

  // The tree may not be as it was, anywhere.
  void MarkDirty() { dirty_ = all_dirty_ = true; }

  // The same, because events were lost: nobody may be named for what is found.
  void LostTrack() {
    MarkDirty();
    drift_.LostTrack();
  }

  // This cgroup, its files or its children may not be as they were.
  void MarkDirty(const CgroupPath& path) {
    dirty_ = true;
    dirty_paths_.insert(path);
  }

  // Somebody touched a file of a cgroup, or made or removed the cgroup. False: nothing that is
  // ours to keep can have changed.
  bool MarkDirty(const Touch& touch);

  // Does one piece of work: a whole look with its plan, one action, or one step of a shrink. False:
  // nothing to do now, or nothing before the slow writer is done.
  bool Step(Instant now);

  // When to step again although nothing happened: a failed or held action is due, a shrink's next
  // slice, a write that hangs, or the safety pass. nullopt before the first generation.
  std::optional<Instant> NextWake() const;

  bool resting() const { return !dirty_ && !applier_; }

  // Looks at the tree since the start, each with its plan.
  std::size_t looks() const { return looks_; }

  // Whether there was a look since what is to be in force was last set, so that plan() is for it.
  bool planned() const { return planned_; }

  // Whether the last look found everything as described.
  bool as_described() const { return planned_ && plan_.AsDescribed(); }

  // What is kept now: the policies' tree with the values that were adopted, and with the brakes of what shrinks.
  const Desired& desired() const { return *desired_; }

  // The plan of the last look, and what became of the last plan that was not empty.
  const Plan& plan() const { return plan_; }

  const ApplyReport& last_report() const { return last_report_; }

  // A plan that was carried out, with what became of it.
  struct Round {
    Plan plan;
    ApplyReport report;
  };

  // What was done for the desired tree in force: usually one round, more where something had to be tried again. The
  // first few; repairs that come later are the event log's. A round of a large tree takes as much memory as the tree,
  // so whoever steps the engine lets go of them when nobody asks any more.
  const std::vector<Round>& rounds() const { return rounds_; }

  void ForgetRounds() { rounds_ = {}; }

  // Cgroups made since the start: whoever watches each of them has to follow.
  std::size_t made() const { return made_; }

  // Every value put back since the start that the world had moved.
  std::size_t repaired() const { return repaired_; }

  // Keys that others undo again and again.
  const Fights& fights() const { return drift_.fights(); }

  // What happened; the daemon adds what only it knows of.
  EventLog& events() { return *events_; }

  // Cgroups that were made since the last call.
  std::vector<CgroupPath> TakeCreated() { return std::exchange(created_, {}); }

  // What would be done for another desired tree, from what is now, with what was adopted laid over it. Reads only.
  // `previous` is what it would take the place of; nullptr when there is none.
  Plan PlanFor(const Desired& desired, const Desired* previous);

  // Limits on their way down to below what was in use, and those that wait.
  std::vector<ShrinkProgress> shrinks() const;

  // What could not be done and is tried again, in words: "create c: mkdir: ... (EAGAIN), 10-web.yaml:7".
  std::vector<std::string> failures() const;

  // For the end, and nothing may be stepped after it: lets go of what only someone who steps on would.
  void LetGo() {
    if (shrinker_) shrinker_->LetGo();
  }

  std::vector<Note> TakeNotes();

 private:
  // Something that failed: tried again later and later, so that what can not be cured costs little.
  struct Deferred {
    Instant until{0};
    std::chrono::seconds backoff{0};
    std::string why;
  };

  void MarkFileDirty(const CgroupPath& path, std::string_view file);
  void ForgetDirt();
  void Look(Instant now);
  bool LookAtValues();
  void PlanAgain(const std::set<CgroupPath>* only);
  bool TakeOver(Instant now);
  std::optional<Instant> LookDue() const;
  bool Shrink(Instant now);
  void CollectLostWrite();
  void MarkShrinksDirty();
  void NoteApply(Instant now);
  bool RestsAsBefore();
  void Start(Instant now);
  void Finish(Instant now);
  void NoteNotYet();
  void Settle(const Action& action, const Outcome& outcome, Instant now);
  std::string Trouble() const;
  std::string TroubleKey() const;
  void Say(Note::Level level, std::string text);

  port::CgroupFs& fs_;
  std::uint64_t page_size_;
  plan::Ground ground_;
  Observer observer_;
  SharedDesired desired_;
  bool have_desired_ = false;
  // The last desired tree whose plan was carried out tells drift from change: `desired_` itself
  // once it was, else the one before it.
  bool in_force_ = false;
  std::shared_ptr<const Desired> before_;
  std::set<plan::Key> not_yet_;  // keys of it that never came into force
  Standing standing_;
  EventLog own_events_;
  EventLog* events_;
  Drift drift_;
  bool dirty_ = false;
  bool all_dirty_ = false;
  bool whole_look_due_ = true;  // the policy is new, or the safety pass is due
  std::set<CgroupPath> dirty_paths_;
  std::set<CgroupPath> dirty_values_;  // wanted cgroups of which only files may have moved
  Observed observed_;
  bool looked_ = false;
  Plan plan_;
  bool planned_ = false;
  std::unique_ptr<Applier> applier_;
  Instant applying_since_{0};
  port::SlowWriter* slow_ = nullptr;
  std::unique_ptr<Shrinker> shrinker_;  // with a slow writer only, and in a tree
  ApplyReport last_report_;
  std::vector<Round> rounds_;
  std::size_t overtaken_ = 0;  // plans in a row that the world overtook before anything was done
  std::map<std::string, Deferred> deferred_;  // by ActionKey
  std::optional<Instant> look_again_at_;      // something was held, refused or not readable
  Instant safety_at_{0};
  std::size_t looks_ = 0;
  std::size_t made_ = 0;
  std::size_t repaired_ = 0;
  std::vector<CgroupPath> created_;
  std::string last_trouble_;  // so that what stays wrong is said once, not every minute
  std::vector<Note> notes_;
};

}  // namespace reeve::engine
