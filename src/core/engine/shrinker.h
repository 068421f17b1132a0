// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/instant.h"
#include "core/engine/note.h"
#include "core/engine/shrink_course.h"
#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/plan.h"
#include "core/plan/diff.h"
#include "core/port/cgroup_fs.h"
#include "core/port/slow_writer.h"

namespace reeve::engine {

// How far a held limit is, for status and metrics. Amounts in bytes.
struct ShrinkProgress {
  CgroupPath path;
  std::string file;
  std::uint64_t from = 0;    // in use when it began; 0 before the first look
  std::uint64_t now = 0;     // in use when last looked
  std::uint64_t target = 0;  // the wanted limit
  ShrinkCourse::State state = ShrinkCourse::State::kReclaiming;
  std::string reason;               // why it waits; "" unless it does
  std::optional<Limit> brake = {};  // what memory.high is kept at meanwhile; nullopt: not ours
};

// Brings the cgroups whose memory.max a plan holds back to where it can be written (P5). It never
// writes a limit itself, but at the very end: it reclaims through the slow writer, and puts its brakes (a lower
// memory.high) into the desired tree, so that they take the ordinary road, with the owner mark
// before them. A crash therefore leaves a key that the next reeve resets to what it was.
class Shrinker {
 public:
  // Both must outlive it.
  Shrinker(port::CgroupFs& fs, port::SlowWriter& slow, std::uint64_t page_size)
      : fs_(fs), slow_(slow), page_size_(page_size) {}

  // What a finished look holds back. Begins and ends courses; true when a brake has changed.
  void Consider(const Plan& plan, const Desired& desired, const Observed& observed, Instant now);

  // Does one piece of work. False: nothing to do before NextWake() or the slow writer is done.
  bool Step(Instant now);

  std::optional<Instant> NextWake() const;

  // Makes the desired tree hold the brakes of now; gives those back that are let go. The keys whose
  // wanted value is another one thereby: what differs there is no drift.
  std::vector<plan::Key> PutBrakes(Desired& desired);

  // Whether PutBrakes may have something to do.
  bool brakes() const { return !courses_.empty() || !ended_.empty(); }

  // The desired tree is another one, without brakes.
  void ForgetBrakes();

  // For the end: writes back what memory.high was without the brakes, so that nobody is slowed down
  // with nobody there to let go. What the mark remembers stays true. To be called last.
  void LetGo();

  // Cgroups whose brake or use asks for a new look, since the last call.
  std::set<CgroupPath> TakeDirty();

  // Whether what is held is on its way, and what is to be said about it is said here.
  bool Handles(const Held& held) const;

  // Whether every action sets or lets go a brake: nothing worth a line.
  bool OnlyBrakes(const Plan& plan) const;

  // Whether the write in flight is a slice of ours.
  bool owns_write() const { return reclaiming_.has_value(); }

  std::vector<ShrinkProgress> Progress() const;

  std::vector<Note> TakeNotes();

 private:
  struct Shrinking {
    CgroupId id = 0;
    ShrinkCourse course;
    Held held;
    std::optional<std::uint64_t> high_before;  // memory.high as found; UINT64_MAX: max
    bool braked = false;                       // the desired tree holds our memory.high
    std::optional<DesiredKnob> policy_high;    // what it held before, when braked
    std::optional<std::uint64_t> brake_put;    // the course's brake when it was last put
    std::optional<Limit> high_put;             // the memory.high in the desired tree, when braked
    std::string said;                          // last reason said
    Instant begun{0};
  };

  using Entry = std::map<CgroupPath, Shrinking>::iterator;

  bool Collect(Instant now);
  void Sample(const CgroupPath& path, Shrinking& shrinking, Instant now);
  void BeginSlice(const CgroupPath& path, Shrinking& shrinking, Instant now);
  void Report(const CgroupPath& path, Shrinking& shrinking);

  struct Unbraked {
    std::uint64_t high = 0;
    bool waits_too = false;  // the policy's own is lower, and waits for memory.max
  };

  static Unbraked Without(std::uint64_t before, const DesiredKnob* policy);
  std::optional<std::uint64_t> Brake(const Shrinking& shrinking, const DesiredKnob* policy) const;
  bool PutBrake(DesiredCgroup& cgroup, Shrinking& shrinking);
  static void Release(DesiredCgroup& cgroup, Shrinking& shrinking);
  void End(const CgroupPath& path, Shrinking& shrinking, const Desired& desired, Instant now);
  void Say(Note::Level level, std::string text);

  port::CgroupFs& fs_;
  port::SlowWriter& slow_;
  std::uint64_t page_size_;
  std::map<CgroupPath, Shrinking> courses_;
  // Ended, but their brake still stands in the desired tree.
  std::map<CgroupPath, Shrinking> ended_;
  std::optional<CgroupPath> reclaiming_;
  Instant patience_ends_{0};
  std::set<CgroupPath> dirty_;
  std::vector<Note> notes_;
};

}  // namespace reeve::engine
