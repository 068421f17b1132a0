// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "app/daemon/options.h"
#include "core/engine/acceptance.h"
#include "core/engine/engine.h"
#include "core/port/data_source.h"
#include "core/port/file_source.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/dir_watch.h"
#include "edge/kernel/tree_watch.h"
#include "edge/store/last_good.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// The daemon: turns descriptors, timers and signals into calls of the engine, and the engine's notes into log
// lines. All deciding is the engine's and the acceptor's.
class Daemon {
 public:
  // Opens and locks the tree and makes the loop.
  //   errors   Denied: the tree is read-only, or not ours to write; Conflict: another reeve governs it;
  //            NotFound, Unsupported: no cgroup2 there
  static Result<std::unique_ptr<Daemon>> Make(Options options);

  // Runs until SIGTERM or SIGINT. Limits and processes stay as they are.
  Result<> Run();

  // Applies once and ends. Returns the exit code: 0 as described, 1 when something is wrong with the policies
  // or could not be done, 4 when something is held back.
  int RunOnce();

 private:
  Daemon(Options options,
         std::unique_ptr<kernel::CgroupFsKernel> fs,
         systemd::Loop loop,
         store::LastGoodStore last_good,
         kernel::TreeWatch tree_watch,
         kernel::DirWatch dir_watch);

  Result<> Connect();
  void Start();
  void ReadFacts();
  void ReadPolicies();
  void JudgeAgain();
  void PutInForce(engine::Generation generation, bool keep);
  void StartFromLastGood();
  void WatchTree();
  void WaitForGaps();
  void OnTreeChanged();
  void OnPoliciesChanged();
  void Work();
  void LogNotes();
  void Sleep();
  void Report();

  Options options_;
  std::unique_ptr<kernel::CgroupFsKernel> fs_;
  systemd::Loop loop_;
  store::LastGoodStore last_good_;
  kernel::TreeWatch tree_watch_;
  kernel::DirWatch dir_watch_;
  std::unique_ptr<port::FileSource> files_;
  std::unique_ptr<port::DataSource> data_;
  HostFacts facts_;
  std::vector<std::shared_ptr<const SourceFile>> fact_files_;
  engine::Acceptor acceptor_;
  engine::Engine engine_;
  Desired desired_;  // what the engine keeps, for what must be watched
  bool depends_on_clock_ = false;
  bool facts_stale_ = false;  // something changed that facts are read from
  bool ready_ = false;        // the first pass is done and said
  bool tree_watched_ = true;  // false: watches ran out, the tree is looked at every minute instead
  std::string complaint_;     // last thing said about the policies, so that it is said once
  std::optional<kernel::DirWatch> device_watch_;  // only while something waits for a device
  std::vector<systemd::Source> sources_;
  systemd::Source settle_;
  systemd::Source wake_;
  systemd::Source minute_;
  systemd::Source work_;
  systemd::Source devices_;
  systemd::Source mounts_;
  UniqueFd mountinfo_;
};

}  // namespace reeve::daemon
