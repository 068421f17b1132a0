// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/policy.h"

namespace reeve::policy {

// A document by hand under the clock as it is now.
struct MovedHand {
  std::string file_name;
  std::string text;
};

// All documents by hand, each with its end moved by so many seconds, as the wall clock was: what was
// asked for an hour ends in an hour. The file is the only place where the end stands. Those that were
// not written by reeve, or have been changed since, are left as they are: a date that people write
// means the date.
std::vector<MovedHand> MoveHands(const Policy& policy, std::int64_t seconds);

}  // namespace reeve::policy
