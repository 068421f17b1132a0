// SPDX-License-Identifier: Apache-2.0
#include "core/model/desired.h"

#include <algorithm>

namespace reeve {

bool SameValues(const DesiredCgroup& a, const DesiredCgroup& b) {
  return std::equal(a.knobs.begin(),
                    a.knobs.end(),
                    b.knobs.begin(),
                    b.knobs.end(),
                    [](const auto& left, const auto& right) {
                      return left.first == right.first && left.second.value == right.second.value;
                    });
}

}  // namespace reeve
