// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/usage_snapshot.h"
#include "core/port/cgroup_fs.h"

namespace reeve::engine {

// When a life of a cgroup was seen to begin, by whoever made it.
struct Birth {
  CgroupId id = 0;
  std::uint64_t epoch_usec = 0;
};

// One cgroup to be read.
struct SampleTarget {
  std::shared_ptr<const CgroupNames> names;  // never null
  ControllerSet controllers;                 // handed down to it: files of others are not asked for
  std::optional<Birth> birth;
};

// Every cgroup of a generation, sorted by path, each path once.
std::vector<SampleTarget> SampleTargets(const Desired& desired);

// The same for units of systemd, of which it is not known which controllers they have. Slices count as
// inner: what is used in them is used by other units.
std::vector<SampleTarget> UnitSampleTargets(const Desired& units);

// "259:0" -> "nvme0n1". A name that two devices claim is neither's.
std::map<std::string, std::string> DeviceNames(const HostFacts& facts);

// Reads the figures of all targets, every file once. A cgroup that is not there (any more) has no
// row; a file that is not there leaves its values absent; any other failure is counted in the
// snapshot. A cgroup that is replaced by another of its name in the middle may mix two lives: the
// counters of such a row are too small, and the next one is right.
//   targets   sorted by path
UsageSnapshot Sample(port::CgroupFs& fs, const std::vector<SampleTarget>& targets);

// The same for one cgroup, for who spreads a pass over turns of a loop; failures are counted in
// `snapshot`. False: it is gone.
bool SampleOne(port::CgroupFs& fs, const SampleTarget& target, UsageSnapshot& snapshot);

}  // namespace reeve::engine
