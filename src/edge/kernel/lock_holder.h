// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reeve::kernel {

// The pid that holds the lock of a managed root (CgroupFsKernel::Lock); nullopt when nobody does,
// or when it can not be told (somebody in another pid namespace).
//   proc   where proc is mounted
std::optional<std::int64_t> LockHolder(const std::string& root, const std::string& proc = "/proc");

}  // namespace reeve::kernel
