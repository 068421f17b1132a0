// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "core/model/cgroup_path.h"
#include "core/model/knob_value.h"
#include "core/model/usage.h"
#include "core/port/cgroup_fs.h"

namespace reeve::show {

// What one cgroup uses and may use, as its files say. Absent: no such file here (its controller is
// not on), or it could not be read.
struct LiveCgroup {
  CgroupId id = 0;
  bool ours = false;  // carries reeve's mark
  bool unit = false;  // of systemd: its path is its name
  bool frozen = false;
  std::optional<std::size_t> processes;  // here and below
  std::optional<double> cpu_cores;       // between the two looks, here and below
  std::optional<CpuMax> cpu_max;
  bool throttled = false;                       // stood still at its cpu.max during the sample
  std::optional<std::uint64_t> memory_current;  // bytes
  std::optional<Limit> memory_high;
  std::optional<Limit> memory_max;
  std::optional<std::uint64_t> pids_current;  // threads
  std::optional<Limit> pids_max;
  // Hundredths of a percent of the last 10 seconds in which something waited.
  std::optional<std::uint64_t> cpu_stalled;
  std::optional<std::uint64_t> memory_stalled;
  std::optional<std::uint64_t> io_stalled;
};

struct LiveTree {
  std::map<CgroupPath, LiveCgroup> cgroups;  // below the root, and the root itself as ""
  bool complete = true;  // false: something vanished or could not be read while we looked
};

// The time between two looks, from outside so that tests need none.
struct SampleClock {
  std::function<double()> now;  // seconds since any fixed point
  std::function<void()> wait;
};

// A clock that never jumps, and 200 ms: long enough for two periods of cpu.max, short enough for a
// prompt.
SampleClock RealSampleClock();

// Reads all cgroups below the root, waits, and reads cpu.stat again: CPU in use is the difference
// of two counters. Cgroups that come or go meanwhile have none.
LiveTree ReadLiveTree(port::CgroupFs& fs, const SampleClock& clock);

// The same in two halves, for who must not wait: the first look, and some 200 ms later the second.
struct LiveSample {
  struct Cpu {
    CpuStat stat;
    double at = 0;
  };

  LiveTree tree;
  std::map<CgroupPath, Cpu> cpu;
};

LiveSample BeginLiveTree(port::CgroupFs& fs, const SampleClock& clock);
LiveTree EndLiveTree(port::CgroupFs& fs, const SampleClock& clock, LiveSample sample);

// Whether it is at a limit now: throttled, or within 2 % of memory.high, memory.max or pids.max.
bool IsAtLimit(const LiveCgroup& cgroup);

}  // namespace reeve::show
