// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/model/source_mark.h"

namespace reeve {

// When something that is said of a cgroup ends by itself.
struct Expiry {
  std::int64_t at = 0;  // seconds since the epoch
  SourceMark mark;      // of `expires`

  bool operator==(const Expiry&) const = default;
};

}  // namespace reeve
