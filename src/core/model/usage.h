// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace reeve {

// What the kernel counts for a cgroup, with its own keys. Counters only grow while the cgroup lives
// and begin at 0 in its next life. optional: younger than 5.4, or only with the controller.

// cpu.stat, microseconds. The first three are there without the cpu controller.
struct CpuStat {
  std::uint64_t usage_usec = 0;
  std::uint64_t user_usec = 0;
  std::uint64_t system_usec = 0;
  std::optional<std::uint64_t> nice_usec;
  std::optional<std::uint64_t> nr_periods;
  std::optional<std::uint64_t> nr_throttled;
  std::optional<std::uint64_t> throttled_usec;
  std::optional<std::uint64_t> nr_bursts;
  std::optional<std::uint64_t> burst_usec;

  bool operator==(const CpuStat&) const = default;
};

// memory.stat, the few keys that are shown. Bytes, then how often it happened.
struct MemoryStat {
  std::uint64_t anon = 0;
  std::uint64_t file = 0;
  std::optional<std::uint64_t> kernel;  // since 5.18
  std::optional<std::uint64_t> shmem;
  std::optional<std::uint64_t> inactive_file;
  std::optional<std::uint64_t> pgmajfault;
  std::optional<std::uint64_t> workingset_refault_anon;  // since 5.9; pages
  std::optional<std::uint64_t> workingset_refault_file;

  bool operator==(const MemoryStat&) const = default;
};

// memory.events and memory.events.local: how often it happened.
struct MemoryEvents {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t max = 0;
  std::uint64_t oom = 0;
  std::uint64_t oom_kill = 0;
  std::optional<std::uint64_t> oom_group_kill;

  bool operator==(const MemoryEvents&) const = default;
};

// memory.swap.events: swapping that was refused, at the limit or for want of space.
struct SwapEvents {
  std::uint64_t max = 0;
  std::uint64_t fail = 0;

  bool operator==(const SwapEvents&) const = default;
};

// pids.events: forks that failed at the limit.
struct PidsEvents {
  std::uint64_t max = 0;

  bool operator==(const PidsEvents&) const = default;
};

// One device of io.stat: bytes and operations read, written and discarded.
struct DeviceIo {
  std::uint64_t rbytes = 0;
  std::uint64_t wbytes = 0;
  std::uint64_t rios = 0;
  std::uint64_t wios = 0;
  std::uint64_t dbytes = 0;
  std::uint64_t dios = 0;

  bool operator==(const DeviceIo&) const = default;
};

using IoStat = std::map<std::string, DeviceIo>;  // "8:0" -> figures

// A pressure file: the share of time in which some, or all, tasks stood still for want of
// something.
struct Pressure {
  struct Line {
    std::uint64_t avg10 = 0;  // hundredths of a percent over the last 10, 60, 300 seconds
    std::uint64_t avg60 = 0;
    std::uint64_t avg300 = 0;
    std::uint64_t total = 0;  // microseconds, ever

    bool operator==(const Line&) const = default;
  };

  Line some;
  std::optional<Line> full;  // absent in irq.pressure's `some` and in cpu.pressure before 5.13

  bool operator==(const Pressure&) const = default;
};

// cgroup.stat: cgroups below, and removed ones that something still keeps charged.
struct CgroupCounts {
  std::uint64_t nr_descendants = 0;
  std::uint64_t nr_dying_descendants = 0;

  bool operator==(const CgroupCounts&) const = default;
};

// cgroup.events.
struct CgroupEvents {
  bool populated = false;      // a living process here or below
  std::optional<bool> frozen;  // absent before 5.2

  bool operator==(const CgroupEvents&) const = default;
};

}  // namespace reeve
