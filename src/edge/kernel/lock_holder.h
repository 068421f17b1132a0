// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reeve::kernel {

// Of a managed root: exclusive by the reeve that governs it, shared by those that govern trees
// inside it (root_lock.h).
enum class LockKind { kExclusive, kShared };

// The pid that holds such a lock of a directory; nullopt when nobody does, or when it can not be told
// (somebody in another pid namespace). Of several the first.
//   proc   where proc is mounted
std::optional<std::int64_t> LockHolder(const std::string& root,
                                       LockKind kind = LockKind::kExclusive,
                                       const std::string& proc = "/proc");

}  // namespace reeve::kernel
