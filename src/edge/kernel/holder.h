// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace reeve::kernel {

// The process that keeps reeve's tree: systemd drops a scope in which nobody is. It sleeps for ever
// in a leaf of its own, kHolderLeaf, so that the tree itself has no process and may hand down
// controllers.

// Its program: beside our own in a build tree, else in lib/reeve beside our bin or sbin.
std::string HolderProgram();

// Starts it, in a session of its own, without our signals, descriptors and directory. It is our
// child: ReapHolder takes note of its end.
//   errors   NotFound, Denied: there is no such program
Result<std::int64_t> StartHolder(const std::string& program);

// Whether it has ended; asked with success once.
bool ReapHolder(std::int64_t pid);

void EndHolder(std::int64_t pid);

// Puts a process into the leaf below `home`, which is made.
Result<> PutHolder(const std::string& home, std::int64_t pid);

// Those who are in a cgroup itself.
std::vector<std::int64_t> ProcessesOf(const std::string& cgroup);

// Those who are in the leaf.
std::vector<std::int64_t> HoldersOf(const std::string& home);

}  // namespace reeve::kernel
