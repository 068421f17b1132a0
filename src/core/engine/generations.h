// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/generation.h"
#include "core/engine/guards.h"
#include "core/model/generation_record.h"
#include "core/model/host_facts.h"
#include "core/model/kept_generation.h"
#include "core/port/data_source.h"
#include "core/port/file_source.h"

namespace reeve::engine {

// When files on disk become the generation in force: by themselves, or when somebody asks.
enum class TakeUp { kAuto, kReload };

// How the files on disk stand to what is in force.
enum class DiskState {
  kSame,
  kBroken,   // findings; what is in force stays
  kEmptied,  // no policy is there any more, or none that describes a cgroup: guard empty_set
  kWaiting,  // take_up: reload, and nobody has asked yet
  kHeld,     // a person holds what is in force
  kGuarded,  // a guard holds them back
};

// Who asks for the files on disk to be taken up, and what they say yes to.
struct Ask {
  bool by_hand = false;  // an apply, a reload or a hand verb, not a file that changed
  std::set<std::string> accept;
  Origin origin;
  std::string policy_hash;  // only if it is this very set; "" = whatever is there
  std::optional<std::int64_t> confirm_seconds;  // undone after these unless confirmed
};

// What judging and guarding need of the world, gathered by the caller.
struct World {
  const HostFacts& facts;
  port::DataSource& data;
  std::int64_t now = 0;  // seconds since the epoch
  // What would be done for a desired tree, against what is now.
  std::function<Plan(const Desired&)> preview;
  std::function<std::size_t()> count_processes;
  std::set<CgroupPath> selves;  // see GuardQuestion
  std::set<CgroupPath> unit_selves = {};
};

// What became of a question.
struct Verdict {
  enum class Kind {
    kTaken,      // `generation` is to be put in force and kept
    kRefreshed,  // the same texts mean something else now (facts, clock): put in force, nothing to keep
    kSame,       // nothing to do
    kBroken,   // something is wrong with the files
    kWaiting,  // see DiskState; what is in force stays
    kHeld,
    kGuarded,
    kAnother,  // Ask::policy_hash names another set than is there
  };

  Kind kind = Kind::kSame;
  std::shared_ptr<const Generation> generation;  // shared with what is in force: copying is dear
  policy::Findings findings;                     // kBroken, and warnings of kTaken
  std::vector<port::IgnoredName> refused_names;  // kBroken: names that are no files we may read
  std::vector<GuardHit> guards;                  // kGuarded
};

// Decides which set of policies is in force, and keeps the books on it: numbers, history, a hold, a confirmation that
// is awaited. Policies of layer 2 (/run) are what people do by hand; they are taken up at once, also while a hold or
// `take_up: reload` keeps the others waiting. Knows no file and no clock; not thread-safe.
class Generations {
 public:
  struct Settings {
    TakeUp take_up = TakeUp::kAuto;
    GuardLimits guards;
  };

  explicit Generations(Settings settings) : settings_(settings) {}

  // What was in force before a restart is in force again, under its number, without a guard. The verdict is kRefreshed,
  // or kBroken when it can not be used on this host any more; its number and texts are remembered all the same.
  Verdict Restore(KeptGeneration kept,
                  std::vector<GenerationRecord> history,
                  std::optional<Hold> hold,
                  std::optional<Confirmation> confirmation,
                  const World& world);

  // Books without the texts that they are about: numbers go on from there, and a hold keeps what is
  // taken next.
  void Remember(std::vector<GenerationRecord> history, std::optional<Hold> hold);

  // Judges what was read from disk. What people do by hand is taken also when the rest can not be; then the verdict is
  // about that, and disk_verdict() about the rest.
  Verdict Consider(const port::FileSet& read, const Ask& ask, const World& world);

  // The same for what people do by hand alone, on top of whatever else is in force: all files of layer 2 that there
  // are.
  Verdict ConsiderByHand(const SourceFiles& by_hand, const Ask& ask, const World& world);

  // The same files judged, and nothing else: for a plan.
  Generation Peek(const port::FileSet& read, const World& world) const;

  // The guards that a set would meet.
  std::vector<GuardHit> GuardsOf(const Generation& candidate,
                                 const Plan& plan,
                                 const World& world) const;

  // Judges what is in force once more, because facts, data or the clock have moved.
  Verdict Again(const World& world);

  // The texts of an earlier generation under a new number, held until released. By-hand policies stay as they are, as
  // long as they make sense on top of it.
  Verdict Undo(const KeptGeneration& to, const Origin& origin, const World& world);

  // Whether an undo to it would change anything: what is done by hand is not undone.
  bool SaysOtherwise(const KeptGeneration& earlier) const;

  // Nothing else is taken up until `hold` ends. Replaces an earlier one.
  void SetHold(Hold hold) { hold_ = std::move(hold); }

  // False: there was none.
  bool Release();

  // False: nothing waits for it.
  bool Confirm(const std::string& who);

  // What the clock ends: a hold that is over is gone, and the number to undo to is returned when nobody confirmed.
  std::optional<std::uint64_t> EndByClock(std::int64_t now);

  // When to call EndByClock next, seconds since the epoch.
  std::optional<std::int64_t> NextEnd() const;

  // The wall clock was set by so many seconds: holds and confirmations end when they would have ended.
  void MoveEnds(std::int64_t seconds);

  bool has_generation() const { return in_force_ != nullptr; }

  // Counts accepted sets, across restarts; 0 before the first.
  std::uint64_t number() const { return number_; }

  // Meaningful only with a generation.
  const Generation& in_force() const { return *in_force_; }

  // The same for who keeps it longer; nullptr without a generation.
  std::shared_ptr<const Generation> share() const { return in_force_; }

  // What to keep of it; `facts` are the caller's to add.
  KeptGeneration Kept() const;

  const std::vector<GenerationRecord>& history() const { return history_; }

  const std::optional<Hold>& hold() const { return hold_; }

  const std::optional<Confirmation>& confirmation() const { return confirmation_; }

  // How the last files stood, and why.
  DiskState disk_state() const { return disk_state_; }

  const Verdict& disk_verdict() const { return disk_verdict_; }

  // The set on disk, judged, when it is another one than in force and could be used; else nullptr.
  const std::shared_ptr<const Generation>& candidate() const { return candidate_; }

 private:
  struct Parts {
    SourceFiles lasting;  // layers 0 and 1
    SourceFiles by_hand;  // layer 2
  };

  static Parts Split(const SourceFiles& files);
  SourceFiles Known(const SourceFiles& read) const;
  Verdict Stay(DiskState state, Verdict verdict);
  Verdict ConsiderAll(const SourceFiles& files, const Ask& ask, const World& world);
  Verdict LeaveWaiting(const SourceFiles& files,
                       DiskState state,
                       const Ask& ask,
                       const World& world);
  Verdict ByHandOr(Verdict otherwise,
                   const SourceFiles& by_hand,
                   const Ask& ask,
                   const World& world);
  // With `shares` also those that compare with what is in force.
  std::vector<GuardHit> AskGuardsOf(const Generation& judged,
                                    bool shares,
                                    const Plan& plan,
                                    const std::set<std::string>& accept,
                                    const World& world) const;
  std::vector<GuardHit> Guard(const Generation& judged,
                              bool shares,
                              const Ask& ask,
                              const World& world) const;
  bool HasNoFiles(const Parts& parts) const;
  bool LeavesNothing(const Generation& judged, const World& world) const;
  Verdict Take(Generation generation, const Ask& ask, const World& world, std::string what = "");
  void AwaitConfirmation(const Ask& ask, std::uint64_t before, std::int64_t now);
  Generation JudgeDisk(const SourceFiles& files, const World& world) const;
  Generation JudgeInForce(SourceFiles files, const World& world) const;
  void Mark(std::uint64_t number, std::string result);

  Settings settings_;
  mutable policy::Loader loader_;  // remembering what was parsed changes no answer
  std::shared_ptr<const Generation> in_force_;
  SourceFiles by_hand_;  // in force
  std::uint64_t number_ = 0;
  std::vector<GenerationRecord> history_;
  std::optional<Hold> hold_;
  std::optional<Confirmation> confirmation_;
  DiskState disk_state_ = DiskState::kSame;
  Verdict disk_verdict_;
  std::shared_ptr<const Generation> candidate_;
};

}  // namespace reeve::engine
