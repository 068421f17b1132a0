// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// How far a lock keeps other reeves away.
enum class Nesting {
  // Also from roots inside this one, and from roots that this one lies in.
  kRefused,
  // This root may lie inside that of another reeve, which has left it to us. Only the same root is refused.
  kAllowed,
};

// That one reeve governs a tree, for as long as the object lives: an exclusive flock on the managed
// root, and a shared one on every cgroup above it, so that nobody governs what is around. As a lock
// for all of them at once it knows no order and no moment in between.
//
// Upwards it ends where this process may not write: whoever was delegated a cgroup is a stranger to
// the reeve above, which leaves strangers' cgroups alone, and must not keep it from starting.
class RootLock {
 public:
  // None yet.
  RootLock() = default;

  //   root   the managed root, open for reading
  //   path   where it is, for messages
  // errors   Conflict when another reeve holds what stands against it, with its pid when that can be
  //          told; else what opening and locking give
  static Result<RootLock> Take(UniqueFd root, const std::string& path, Nesting nesting);

 private:
  Result<> TakeAround(std::string path);

  std::vector<UniqueFd> held_;  // the root, then those above
};

}  // namespace reeve::kernel
