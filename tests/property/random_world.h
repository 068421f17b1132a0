// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "support/fake_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::property {

// Numbers for random worlds. One seed, one world: a failure names its seed, and REEVE_PROPERTY_SEED runs
// that one alone.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // lowest..highest
  std::uint64_t Number(std::uint64_t lowest, std::uint64_t highest) {
    return std::uniform_int_distribution<std::uint64_t>(lowest, highest)(engine_);
  }

  bool Chance(int percent) { return Number(1, 100) <= static_cast<std::uint64_t>(percent); }

 private:
  std::mt19937_64 engine_;
};

// A kernel that has every file the knob table knows.
support::FakeCgroupFs::Options EveryFile();

using Trees = std::map<std::string, testing::Files>;

// Cgroups from a small set of names, so that two trees have many in common, with values that agree with one
// another: min <= low <= high <= max, burst within the quota, CPUs within the parent's. Bytes are not always whole
// pages.
Trees RandomTree(Random& random);

// The tree as resolving would hand it over; every inner cgroup hands down cpu, io, memory and pids as well where
// it is accounted for.
Desired DesiredOf(const Trees& tree, bool accounts);

// Those who live on the machine beside reeve: processes in leaves of ours, and cgroups with processes that
// others made.
struct Inhabitants {
  std::vector<std::int64_t> processes;          // in cgroups of ours
  std::map<std::string, std::int64_t> foreign;  // cgroup -> its process
  std::map<std::string, ControllerSet> given;   // foreign cgroup -> controllers it has at first
};

Inhabitants Settle(support::FakeCgroupFs& fs, const Trees& tree, Random& random);

// How the kernel's state differs from the tree, a line each; "" when it does not. Cgroups of nobody's desire that
// still exist are differences, unless they are foreign, hold something foreign, or are a `_self` leaf.
//   except   "PATH FILE" that may differ
std::string Differences(support::FakeCgroupFs& fs,
                        const Desired& desired,
                        const Inhabitants& inhabitants,
                        const std::vector<std::string>& except = {});

// What happened to the others that must not: a dead or displaced process, a foreign cgroup gone. "" when nothing.
std::string Harm(support::FakeCgroupFs& fs, const Inhabitants& inhabitants);

// Seeds of a test: first..first+count-1, or the one of the environment.
std::vector<std::uint64_t> Seeds(std::uint64_t first, std::uint64_t count);

}  // namespace reeve::property
