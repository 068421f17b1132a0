// SPDX-License-Identifier: Apache-2.0
#include "core/model/plan.h"

#include <algorithm>

namespace reeve {

bool Plan::AsDescribed() const {
  return complete && actions.empty() && held.empty() && drifted.empty() && refusals.empty() &&
         std::none_of(gaps.begin(), gaps.end(), [](const Gap& gap) { return gap.required; });
}

}  // namespace reeve
