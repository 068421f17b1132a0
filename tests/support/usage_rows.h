// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "core/model/usage_snapshot.h"

namespace reeve::support {

// A row without any figure. `path` must be one.
inline CgroupUsage UsageRow(std::string_view path, CgroupNames names = {}) {
  names.path = *CgroupPath::Parse(path);
  CgroupUsage usage;
  usage.names = std::make_shared<const CgroupNames>(std::move(names));
  return usage;
}

// Gives a row every figure there is, `seed` and upwards, so that no two are the same.
void FillUsageRow(CgroupUsage& usage, std::uint64_t seed);

}  // namespace reeve::support
