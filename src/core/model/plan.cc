// SPDX-License-Identifier: Apache-2.0
#include "core/model/plan.h"

#include <algorithm>

namespace reeve {

bool Plan::AsDescribed() const {
  return complete && actions.empty() && held.empty() && drifted.empty() && refusals.empty() &&
         std::none_of(gaps.begin(), gaps.end(), [](const Gap& gap) { return gap.required; });
}

std::string_view DangerName(Danger danger) {
  switch (danger) {
    case Danger::kKill:
      return "kill";
    case Danger::kStall:
      return "stall";
    case Danger::kLost:
      return "lost";
    case Danger::kOrder:
      return "order";
    case Danger::kEscape:
      return "escape";
    case Danger::kStale:
      return "stale";
    case Danger::kWide:
      return "wide";
    case Danger::kUnlimit:
      return "unlimit";
  }
  return "kill";
}

}  // namespace reeve
