// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/units.h"
#include "core/model/cgroup_path.h"
#include "core/model/knob_value.h"
#include "core/model/usage.h"

namespace reeve {

// What a row of figures is about, as its series name it. Shared by all snapshots of a generation.
struct CgroupNames {
  CgroupPath path;
  std::string tenant;                         // the label of that name; "" when there is none
  std::string policy;                         // the file that describes it: "20-web.yaml"
  std::map<std::string, std::string> labels;  // the other labels of the policy
  // Another row lies below this one and is counted in it: sums over rows must not add both.
  bool inner = false;
};

// Limits as the kernel holds them, whoever wrote them. Absent: no such file here.
struct LimitsInForce {
  std::optional<CpuMax> cpu_max;
  std::optional<Limit> memory_low;  // bytes, like the next ones
  std::optional<Limit> memory_high;
  std::optional<Limit> memory_max;
  std::optional<Limit> swap_max;
  std::optional<Limit> pids_max;
  Table io_max;  // device -> rbps wbps riops wiops; no row: no limit, or no such file
};

// One cgroup's figures. What the kernel does not have here, or could not be read, is absent and
// never 0.
struct CgroupUsage {
  std::shared_ptr<const CgroupNames> names;  // never null
  CgroupId id = 0;
  // When this life of the cgroup began, and with it its counters: microseconds since the epoch.
  // Absent when nobody saw it.
  std::optional<std::uint64_t> born_usec;

  std::optional<CpuStat> cpu;
  std::optional<std::uint64_t> memory_current;  // bytes, like the next ones
  std::optional<std::uint64_t> memory_peak;     // since 5.19
  std::optional<std::uint64_t> swap_current;
  std::optional<std::uint64_t> swap_peak;  // since 6.5
  std::optional<MemoryStat> memory;
  std::optional<MemoryEvents> memory_events;
  std::optional<SwapEvents> swap_events;
  IoStat io;
  std::optional<std::uint64_t> pids_current;
  std::optional<std::uint64_t> pids_peak;  // since 6.1
  std::optional<PidsEvents> pids_events;
  std::optional<Pressure> cpu_pressure;  // absent: PSI is off, here or on the whole host
  std::optional<Pressure> memory_pressure;
  std::optional<Pressure> io_pressure;
  std::optional<CgroupCounts> counts;
  std::optional<CgroupEvents> events;
  LimitsInForce limits;
};

// The figures of all governed cgroups, read in one pass. Published as shared_ptr<const> and never
// changed afterwards.
struct UsageSnapshot {
  std::vector<CgroupUsage> cgroups;                 // sorted by path, each path once
  std::map<std::string, std::string> device_names;  // "259:0" -> "nvme0n1"
  std::string boot_id;                              // "" when not known

  std::uint64_t read_usec = 0;  // what reading it took, microseconds; set by who has a clock

  // Files that are there and could not be read or understood, with the first reason.
  std::size_t unreadable = 0;
  std::optional<Error> first_error;
};

}  // namespace reeve
