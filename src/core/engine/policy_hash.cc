// SPDX-License-Identifier: Apache-2.0
#include "core/engine/policy_hash.h"

#include <algorithm>
#include <tuple>

#include "core/base/sha256.h"

namespace reeve::engine {

std::string PolicyHash(const std::vector<std::shared_ptr<const SourceFile>>& files) {
  auto sorted = files;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(a->name, a->layer) < std::tie(b->name, b->layer);
  });
  std::string list;
  for (const auto& file : sorted) list += Sha256Hex(file->text) + "  " + file->name + "\n";
  return "sha256:" + Sha256Hex(list);
}

}  // namespace reeve::engine
