// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace reeve::perf {

// The bare system calls that the same work needs at least, without names, marks, checks or read-backs: what no
// program can be cheaper than. Paths go through one directory descriptor, which measured cheaper than a
// descriptor for each cgroup.

using FileValues = std::vector<std::pair<std::string, std::string>>;

// mkdirat for each, then openat, write and close for each file. Aborts when the kernel refuses.
void FloorBuild(int root, std::size_t cgroups, const FileValues& files);

// openat, read and close for each file of each cgroup, compared with what was written.
void FloorRead(int root, std::size_t cgroups, const FileValues& files);

// unlinkat for each.
void FloorDestroy(int root, std::size_t cgroups);

// "c000042"
std::string NameOf(std::size_t cgroup);

}  // namespace reeve::perf
