// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/model/source_mark.h"

namespace reeve {

using SourceFiles = std::vector<std::shared_ptr<const SourceFile>>;

// The texts of one accepted generation: enough to be in force again after a restart, a reboot or an undo.
struct KeptGeneration {
  std::uint64_t generation = 0;
  std::int64_t accepted_at = 0;  // seconds since the epoch
  std::string policy_hash;       // what status and metrics showed for it
  SourceFiles policies;
  SourceFiles data;   // by the names that `for_each` says
  SourceFiles facts;  // that people wrote (facts.d); the host's own are read anew
};

// The strongest layer, /run: what people do by hand lies there.
inline constexpr int kByHandLayer = 2;

// Those of that layer, in their order.
SourceFiles ByHand(const SourceFiles& files);

// Whether both say the same, by name, layer and text.
bool SameTexts(const SourceFiles& a, const SourceFiles& b);

}  // namespace reeve
