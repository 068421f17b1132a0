// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/engine/clamp.h"
#include "core/model/desired.h"
#include "edge/kernel/proc_reader.h"
#include "edge/store/state_directory.h"

namespace reeve::daemon {

// Clamps in force: keeps their ways back where a restart finds them, and takes them once the document that asked for
// the clamp is in force no more.
class Clamping {
 public:
  //   root       the managed root, absolute, symlinks resolved
  //   state_dir  below which the ways back are kept
  //   errors     those of StateDirectory::Open
  static Result<std::unique_ptr<Clamping>> Make(std::string root, const std::string& state_dir);

  // As engine::Clamps has them.
  //   errors   of engine::Clamps; Unsupported where the whole hierarchy is not mounted here
  Result<engine::ClampView> Look(const engine::ClampWish& wish);
  Result<engine::Clamp> Begin(const engine::ClampWish& wish);

  struct Ended {
    std::string name;
    engine::UnclampReport report;
  };

  // Brings back everybody whose clamp has no cgroup in `desired`. Call it before that is put in force, while the
  // cgroup is still there. Who could not go back is tried again by the next call.
  std::vector<Ended> EndOthers(const Desired& desired);

 private:
  Clamping(std::string root, store::StateDirectory directory)
      : root_(std::move(root)), directory_(std::move(directory)) {}

  std::string root_;
  store::StateDirectory directory_;
  std::set<std::string> names_;  // of those that are kept
  kernel::ProcReader processes_;
};

}  // namespace reeve::daemon
