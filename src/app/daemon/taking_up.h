// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "app/daemon/options.h"
#include "core/engine/engine.h"
#include "core/engine/event_log.h"
#include "core/engine/generations.h"
#include "core/policy/by_hand.h"
#include "core/port/data_source.h"
#include "core/port/file_source.h"
#include "edge/io/apart.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/policy_dir.h"
#include "edge/store/generation_store.h"

namespace reeve::daemon {

// From files on disk to the generation in force: reads, has them judged, keeps the books, says in the log what came
// of it. Knows neither the loop nor the engine: whoever owns it is handed what is to be put in force.
class TakingUp {
 public:
  using SharedGeneration = std::shared_ptr<const engine::Generation>;
  using PutInForce = std::function<void(SharedGeneration)>;

  // What keeps a load from succeeding, or "" (for status, STATUS= and the verdict of a reload).
  struct Trouble {
    std::string word;  // LOAD FAILED, HELD, CHANGED ON DISK, or ""
    std::string text;  // one line; may be empty
  };

  // `fs` and `engine`, which plans, must outlive it.
  //   errors   the state directory can not be used; Conflict: another reeved uses it
  static Result<std::unique_ptr<TakingUp>> Make(const Options& options,
                                                kernel::CgroupFsKernel& fs,
                                                engine::Engine& engine);

  using Tell = std::function<void(engine::Event::Kind kind, std::string text)>;

  // Called with what belongs into the event log: generations, holds, what is done by hand.
  void OnTell(Tell tell) { tell_ = std::move(tell); }

  // Called with whether a load succeeded.
  void OnLoad(std::function<void(bool)> load) { load_ = std::move(load); }

  // What tells drift from change, from before the restart and for after the next one.
  using Remember = std::function<void(const Standing& standing, SharedGeneration in_force)>;

  // Called once, when what was in force before is known (nullptr when it is not) and before any PutInForce.
  void OnRemember(Remember remember) { remember_ = std::move(remember); }

  // Kept with the books when it is another one than was kept.
  void KeepStanding(Standing standing);

  // Asked for the loaded units whenever policies are judged.
  using UnitFacts = std::function<const std::map<std::string, UnitFact>&()>;

  void OnUnits(UnitFacts units) { units_ = std::move(units); }

  // Called with everything that is to be in force from now on.
  void OnPutInForce(PutInForce put) { put_ = std::move(put); }

  // What was in force before, then what lies on disk.
  void Start();

  // Reads the directories and takes up what may be. What is wrong with them is in trouble(), also when the verdict is
  // about what was done by hand meanwhile.
  engine::Verdict Look(const engine::Ask& ask = {});

  // The same while files change all the time: only what two calls in a row have read alike is taken up. False: it was
  // not, so call again soon.
  bool LookAtUnrest();

  // Takes up what people do by hand, and only that: the other files may be unreadable, or half written.
  engine::Verdict LookByHand(const engine::Ask& ask);

  // The clock, or facts, have moved.
  void Again();

  // Facts are read anew before the next look.
  void FactsAreStale() { facts_stale_ = true; }

  // Back to an earlier generation, held.
  //   errors   NotFound: none of those kept; Invalid: it can not be used on this host any more
  Result<> Undo(std::uint64_t to, const Origin& origin);

  // The last generation before the one in force that an undo makes sense to: what is done by hand is not undone.
  //   errors   NotFound: none is kept
  Result<std::uint64_t> GenerationBefore();

  void Hold(reeve::Hold hold);
  bool Release();
  bool Confirm(const Origin& origin);

  // Ends what the clock ends: holds, confirmations that did not come.
  void EndByClock();

  // The wall clock was set by so many seconds; negative: back.
  void ClockWasSet(std::int64_t seconds);

  // When the clock next matters: EndByClock, or Again for a policy that depends on it. Seconds since the epoch.
  std::optional<std::int64_t> NextMoment() const;

  //   errors   NotFound: none of those kept
  Result<engine::Generation> Earlier(std::uint64_t number);

  const engine::Generations& generations() const { return generations_; }

  const HostFacts& facts() const { return facts_; }

  Trouble trouble() const;

  // The moment of the last load that did not fail (seconds since the epoch).
  std::int64_t last_success() const { return last_success_; }

  // What is to be done for a desired tree, from what is now.
  Plan PlanFor(const Desired& desired);

  // The files on disk, judged, whatever became of them. May be unusable.
  //   errors   they can not be read
  Result<engine::Generation> OnDisk();

  // Files judged as if they were on disk, with the data that is in force.
  engine::Generation Try(const SourceFiles& files);

  // The guards they would meet.
  std::vector<engine::GuardHit> AskGuards(const engine::Generation& candidate, const Plan& plan);

  // Directories whose changes matter.
  std::vector<std::string> Watched() const;

  // What was done by hand and is in force, or over and not yet removed.
  std::vector<policy::HandInForce> Hands() const;

  // What they are read with; their file systems may hang.
  io::Apart& apart() { return apart_; }

  // Where hand verbs put their policies.
  const std::string& by_hand_directory() const { return by_hand_; }

  // Whether a process is in a cgroup or below it.
  bool IsIn(std::int64_t pid, const CgroupPath& cgroup) const;

  // Who asks must be able to go on as well as we (the guard self_lockout), until ForgetProtected.
  void ProtectProcess(std::int64_t pid);
  void ForgetProtected();

 private:
  TakingUp(const Options& options,
           kernel::CgroupFsKernel& fs,
           engine::Engine& engine,
           store::GenerationStore store);

  std::optional<CgroupPath> CgroupOf(std::int64_t pid) const;
  void RemoveExpired();
  Result<> ReadFacts();
  void TakeFacts(const SourceFiles& files);
  engine::World MakeWorld();
  std::size_t CountProcesses();
  Result<port::FileSet> ReadSet();
  engine::Verdict TakeUp(Result<port::FileSet> set, const engine::Ask& ask);
  void Enact(const engine::Verdict& verdict);
  void SayHowDiskStands();
  store::Books LoadBooks();
  std::optional<KeptGeneration> LoadKept(const store::Books& books);
  void Restore(KeptGeneration kept, store::Books books);
  void SetAside(const std::string& name);
  void Keep();
  store::Books Books() const;
  void KeepBooks();
  void Say(engine::Event::Kind kind, std::string text);
  void SayBroken(const engine::Verdict& verdict);
  void SayOnce(std::string complaint, bool error);

  const Options& options_;
  kernel::CgroupFsKernel& fs_;
  store::GenerationStore store_;
  std::string by_hand_;
  io::Apart apart_;
  std::unique_ptr<kernel::PolicyDirs> files_;
  std::unique_ptr<port::DataSource> data_;
  HostFacts facts_;
  SourceFiles fact_files_;
  bool facts_stale_ = true;
  bool own_facts_known_ = false;  // read once, now or by the reeved before
  std::set<CgroupPath> selves_;
  std::set<CgroupPath> unit_selves_;
  engine::Engine& engine_;
  engine::Generations generations_;
  PutInForce put_;
  Remember remember_;
  UnitFacts units_;
  Tell tell_;
  std::function<void(bool)> load_;
  Standing standing_;  // the engine's, as it was told last
  std::string tree_;   // which life of the managed root this is
  store::Books kept_books_;
  SourceFiles unsteady_;         // what LookAtUnrest read last
  std::string complaint_;        // last thing said about the files, so that it is said once
  std::string facts_complaint_;  // likewise
  std::string unreadable_;       // why the directories could not be read at all; "" when they could
  std::int64_t last_success_ = 0;
};

}  // namespace reeve::daemon
