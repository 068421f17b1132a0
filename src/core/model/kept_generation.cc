// SPDX-License-Identifier: Apache-2.0
#include "core/model/kept_generation.h"

#include <algorithm>

namespace reeve {

bool SameTexts(const SourceFiles& a, const SourceFiles& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
        return left->name == right->name && left->layer == right->layer &&
               left->text == right->text;
      });
}

}  // namespace reeve
