// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/model/controller.h"

namespace reeve {

// The shape of an interface file's value: which grammar a policy may use, which alternative of
// KnobValue holds it, and how the kernel prints it.
enum class ValueKind : std::uint8_t {
  kBytes,          // Limit; the kernel rounds down to a page
  kCount,          // Limit; tasks, cgroups, levels
  kWeight,         // Limit, never max; min..max of the row
  kNice,           // int64
  kBool,           // Limit 0 or 1
  kCpuMax,         // CpuMax
  kCpuTime,        // Limit, microseconds, never max (cpu.max.burst)
  kPercent,        // Limit in hundredths of a percent, or max (cpu.uclamp.*)
  kIdList,         // IdSet
  kWord,           // string, one of `words`
  kDeviceLimits,   // Table: device -> rbps wbps riops wiops
  kDeviceWeights,  // Table: "default" and device -> ""
  kDeviceLatency,  // Table: device -> target, microseconds
  kNamedCounts,    // Table: name -> columns or "" (rdma.max, misc.max)
  kNamedBytes,     // Table: name -> "" (dmem.*)
  kControllers,    // string: names separated by spaces, sorted (cgroup.subtree_control)
  kHostTable,      // only at the root of the hierarchy: io.cost.qos, io.cost.model
};

// What a larger number means for those inside. Decides what "tightening" is.
enum class Direction : std::uint8_t {
  kNone,
  kLargerLooser,    // limits: memory.max, cpu.max, pids.max, io.max
  kLargerStronger,  // protections and shares: memory.min, memory.low, weights
};

// One interface file. The table is the only place that knows them: parsing, diffing, the reference,
// the JSON Schema, completion and metrics loop over it. Adding a file is adding a row.
struct Knob {
  std::string_view file;  // "memory.max"; with a placeholder for families: "hugetlb.<size>.max"
  Controller controller;
  ValueKind kind;
  Direction direction;
  // Smallest and largest number the kernel takes (besides `max`); kCpuMax: of the quota, kNice: two's
  // complement, tables: of a column. max = UINT64_MAX when the kernel has no bound of its own.
  std::uint64_t min;
  std::uint64_t max;
  std::string_view default_text;  // what a fresh cgroup reads, and what a key that leaves gets back
  std::string_view words;         // kWord: allowed words; tables: columns; separated by spaces
  std::string_view since;         // first kernel that has it, "4.5"
  bool host_only;                 // exists only at the root of the hierarchy: stands under `host:`
  std::string_view unit;          // "bytes", "microseconds", "tasks", ...
  std::string_view syntax;        // what a policy may say: "4GiB, 25% of host, max"
  std::string_view doc;           // one paragraph for people, with the traps
};

// All rows, in the order of the reference: by controller, then as the kernel guide lists them.
std::span<const Knob> AllKnobs();

// The row of an interface file; nullptr when unknown. A family member ("hugetlb.2MB.max") has a row of its
// own with its own `file`, made from the family's; sizes no huge page can have ("3MB") are unknown.
const Knob* FindKnob(std::string_view file);

// True for files that are commands (cgroup.procs, cgroup.kill, memory.reclaim, ...), which are no
// keys; `why` then says what to use instead.
bool IsVerbFile(std::string_view file, std::string_view* why);

// True for files the kernel only lets read (memory.current, cpu.stat, ...).
bool IsReadOnlyFile(std::string_view file);

}  // namespace reeve
