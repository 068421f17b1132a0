// SPDX-License-Identifier: Apache-2.0
#include "core/model/report.h"

#include <algorithm>

namespace reeve {

std::size_t ApplyReport::Count(Outcome::Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [kind](const Outcome& outcome) {
        return outcome.kind == kind;
      }));
}

}  // namespace reeve
