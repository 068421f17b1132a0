// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <utility>

#include "core/model/plan.h"
#include "core/model/report.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// Does a plan, one action a step, so that the loop can serve others in between. Never decides: an
// action is done as it stands, skipped because one it needs failed, or stale because the cgroup
// changed its identity.
class Applier {
 public:
  // The plan must outlive the applier. `deferred`: indices of actions that are not tried this time.
  Applier(port::CgroupFs& fs,
          const Plan& plan,
          std::uint64_t page_size,
          std::set<std::size_t> deferred = {})
      : fs_(fs), plan_(plan), page_size_(page_size), deferred_(std::move(deferred)) {}

  bool done() const { return report_.outcomes.size() == plan_.actions.size(); }

  // Does the next action. Must not be called when done().
  void Step();

  const ApplyReport& report() const { return report_; }

 private:
  Outcome Do(const Action& action);

  port::CgroupFs& fs_;
  const Plan& plan_;
  std::uint64_t page_size_;
  std::set<std::size_t> deferred_;
  ApplyReport report_;
  // The cgroup whose identity was checked last: its further actions follow at once, so once is
  // enough.
  CgroupPath checked_path_;
};

// All steps at once.
ApplyReport ApplyAll(port::CgroupFs& fs, const Plan& plan, std::uint64_t page_size);

}  // namespace reeve::engine
