// SPDX-License-Identifier: Apache-2.0
#include "core/model/kept_generation.h"

#include <algorithm>
#include <iterator>

namespace reeve {

SourceFiles ByHand(const SourceFiles& files) {
  SourceFiles by_hand;
  std::copy_if(files.begin(), files.end(), std::back_inserter(by_hand), [](const auto& file) {
    return file->layer == kByHandLayer;
  });
  return by_hand;
}

bool SameTexts(const SourceFiles& a, const SourceFiles& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
        return left->name == right->name && left->layer == right->layer &&
               left->text == right->text;
      });
}

}  // namespace reeve
