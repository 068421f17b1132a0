// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/instant.h"
#include "core/model/plan.h"
#include "core/model/report.h"
#include "core/port/cgroup_fs.h"
#include "core/port/slow_writer.h"

namespace reeve::engine {

// Which writes go through a slow writer: those for which the kernel may take its time, or all.
enum class Slow { kMayBlock, kAll };

// Does a plan, one action a step, so that the loop can serve others in between. Never decides: an
// action is done as it stands, skipped because one it needs failed, or stale because the cgroup
// changed its identity.
//
// With a slow writer, what may block goes through it, and while the kernel takes its time the
// actions that have nothing to do with it go on. What lies on the same branch of the tree, and what
// needs the outcome, keeps its place in the order.
class Applier {
 public:
  // The plan and the writer must outlive the applier. `deferred`: indices of actions that are not
  // tried this time. `slow`: nullptr when writes may block.
  Applier(port::CgroupFs& fs,
          const Plan& plan,
          std::uint64_t page_size,
          std::set<std::size_t> deferred = {},
          port::SlowWriter* slow = nullptr,
          Slow which = Slow::kMayBlock);

  bool done() const { return settled_count_ == plan_.actions.size(); }

  // Does the next action that can be done now. False: none can before the write in flight ends or
  // NextWake(). Must not be called when done().
  bool Step(Instant now = Instant{0});

  // When a write that hangs is broken off or no longer waited for; nullopt when none is waited for.
  std::optional<Instant> NextWake() const { return patience_ends_; }

  // Whether the write in flight is one of this plan's actions.
  bool owns_write() const { return running_.has_value(); }

  // Complete when done().
  const ApplyReport& report() const { return report_; }

 private:
  std::optional<std::size_t> Take();
  bool DoAction(std::size_t index, Instant now);
  void MarkMade(std::size_t made, Instant now);
  bool CollectWrite();
  bool LosePatience(Instant now);
  bool IsSlow(const SetFile& set, CgroupId id) const;
  bool MustWait(const Action& action) const;
  void Park(std::size_t index);
  void Unpark();
  void Settle(std::size_t index, Outcome outcome);
  std::optional<Outcome> WhyNot(std::size_t index);

  port::CgroupFs& fs_;
  const Plan& plan_;
  std::uint64_t page_size_;
  std::set<std::size_t> deferred_;
  port::SlowWriter* slow_;
  Slow which_;
  ApplyReport report_;
  std::vector<bool> settled_;
  std::size_t settled_count_ = 0;
  std::size_t next_ = 0;             // first action that was never taken
  std::deque<std::size_t> again_;    // waited once, may be tried now, in order
  std::vector<std::size_t> parked_;  // wait for the write in flight, in order
  std::set<std::string> parked_paths_;
  std::optional<std::size_t> running_;  // the action whose write is in flight
  std::optional<Instant> patience_ends_;
  bool interrupted_ = false;
  // The cgroup whose identity was checked last: its further actions follow at once, so once is
  // enough.
  CgroupPath checked_path_;
};

// All steps at once; blocks for as long as the kernel does.
ApplyReport ApplyAll(port::CgroupFs& fs, const Plan& plan, std::uint64_t page_size);

}  // namespace reeve::engine
