// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/daemon/clamping.h"
#include "app/daemon/control.h"
#include "app/daemon/gap_watch.h"
#include "app/daemon/options.h"
#include "app/daemon/policy_watch.h"
#include "app/daemon/scraper.h"
#include "app/daemon/taking_up.h"
#include "app/daemon/terminal_teller.h"
#include "app/daemon/units.h"
#include "core/engine/alarm.h"
#include "core/engine/engine.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/clock_watch.h"
#include "edge/kernel/drift_watch.h"
#include "edge/kernel/slow_writer.h"
#include "edge/kernel/uevent_watch.h"
#include "edge/systemd/listen_fds.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// The daemon: turns descriptors, timers and signals into calls of the engine and of the books on generations, and the
// engine's notes into log lines. All deciding is theirs.
class Daemon {
 public:
  // Opens and locks the tree. `sockets` are served instead of our own (control.h). The loop outlives the daemon.
  //   errors   Denied: the tree is read-only, or not ours to write; Conflict: another reeve governs it;
  //            NotFound, Unsupported: no cgroup2 there
  static Result<std::unique_ptr<Daemon>> Make(systemd::Loop& loop,
                                              Options options,
                                              std::vector<systemd::PassedSocket> sockets);

  // Runs until SIGTERM or SIGINT, or until the root is gone. Limits and processes stay as they are.
  //   errors   Gone: the managed root was removed
  Result<> Run();

  // Ends Run: there is another root, or none.
  void OnRootGone();

  // What the host has may have changed: disks, CPUs, controllers of the root.
  void OnHostChanged();

  // Applies once and ends. Returns the exit code: 0 as described, 1 when something is wrong with the policies
  // or could not be done, 4 when something is held back.
  int RunOnce();

 private:
  Daemon(systemd::Loop& loop, Options options, std::unique_ptr<kernel::CgroupFsKernel> fs);

  Result<> Open();
  Result<> Connect();
  Result<> OpenControl();
  Result<> ConnectSlowWriter();
  void ReadPolicies();
  void Judged();
  bool ReadPoliciesAtUnrest();
  void Reload();
  void PutInForce(TakingUp::SharedGeneration generation);

  const Desired& desired() const { return generation_->desired; }

  void JudgeUnits();
  void SettleUnits();
  Standing StandingNow() const;
  bool AsDescribed() const;
  bool Resting() const;
  void EndClamps();
  Result<> CoverTree();
  void WatchTree();
  void OnTreeChanged();
  bool HearOfDrift();
  void ListenAnew();
  void CountOverflow(metrics::EventSource source);
  void OnDevicesChanged();
  void OnMoment();
  void OnClockSet();
  void WatchOver();
  void OnAlarm();
  void Work();
  bool Step();
  void LogNotes();
  void Sleep();
  void Report();
  bool RootIsGone();
  std::string StatusLine() const;

  Options options_;
  std::vector<systemd::PassedSocket> sockets_;  // until they are served
  std::unique_ptr<kernel::CgroupFsKernel> fs_;
  systemd::Loop& loop_;
  kernel::DriftWatch drift_watch_;
  std::optional<kernel::UeventWatch> device_events_;
  std::optional<kernel::ClockWatch> clock_watch_;
  TerminalTeller teller_;
  std::unique_ptr<TakingUp> taking_up_;
  std::unique_ptr<Clamping> clamping_;
  std::optional<PolicyWatch> policy_watch_;
  std::unique_ptr<kernel::SlowWriterThread> slow_writer_;  // none with --once: that waits itself
  engine::Engine engine_;
  Units units_;
  GapWatch gap_watch_;
  // What the engine keeps, for what must be watched; an empty one before the first.
  TakingUp::SharedGeneration generation_ = std::make_shared<const engine::Generation>();
  bool heap_is_loose_ = true;  // judging and building took much more than is kept
  bool ready_ = false;         // the first pass is done and said
  bool root_gone_ = false;     // why the loop was stopped
  bool reloading_ = false;     // the supervisor waits for what became of a reload
  bool cover_due_ = true;      // the watch must follow: cgroups came, went or are wanted
  std::size_t made_ = 0;       // of the engine's, when it last did
  std::map<int, systemd::Source> tree_heard_;  // by descriptors of drift_watch_
  bool tree_deaf_ = false;                     // reading from them failed; they must be others
  Usec listen_anew_at_{0};                     // not before
  std::string tree_trouble_;                   // what was said of it last
  bool tree_watched_ =
      true;  // false: watches ran out, the tree is looked at again and again instead
  std::unique_ptr<Scraper> scraper_;
  std::unique_ptr<Control> control_;  // absent with --once
  std::vector<systemd::Source> sources_;
  systemd::Source wake_;
  Usec wake_at_{0};  // when it is due
  systemd::Source moment_;
  std::optional<engine::Alarm> alarm_;  // while a generation waits for its confirmation
  systemd::Source alarm_look_;
  systemd::Source work_;
};

}  // namespace reeve::daemon
