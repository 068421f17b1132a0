// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/model/plan.h"

namespace reeve {

// What became of one action.
struct Outcome {
  enum class Kind {
    kDone,
    kAlreadySo,  // somebody was quicker, or the thing to remove is gone
    kSkipped,    // an action it needs failed
    kDiffers,    // the write was accepted but the file reads otherwise
    kStale,      // the cgroup is another one than was observed: plan again
    kFailed,
    kDeferred,  // failed not long ago: its next try is not due yet
  };

  Kind kind = Kind::kDone;
  std::optional<Error> error;  // kFailed, kDiffers, kStale
  std::string read_back;       // kDiffers: what the kernel holds now
  std::size_t blocker = 0;     // kSkipped: index of the failed action
};

// One outcome for each action, in the plan's order. Never returns early; every action is accounted
// for.
struct ApplyReport {
  std::vector<Outcome> outcomes;

  std::size_t Count(Outcome::Kind kind) const;

  bool ok() const {
    return Count(Outcome::Kind::kDone) + Count(Outcome::Kind::kAlreadySo) == outcomes.size();
  }
};

}  // namespace reeve
