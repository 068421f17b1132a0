// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/units.h"

namespace reeve {

// cpu.max. Microseconds, both; the period is kept also when the quota is max, because writing back
// must not lose it.
struct CpuMax {
  Limit quota = Limit::Max();
  std::uint64_t period = 100'000;

  bool operator==(const CpuMax&) const = default;
};

// cpuset.cpus, cpuset.mems: ids, ascending, as ranges that neither touch nor overlap.
// Empty = inherit from the parent.
struct IdSet {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;  // both ends inclusive

  bool operator==(const IdSet&) const = default;
};

// Files with a line for each device, resource or region: io.max, io.weight, io.latency, rdma.max,
// misc.max, dmem.*. Row: "8:0", "default", "mlx5_0", "res_a". Column: "rbps", "target", or "" in
// files that have only one value a row.
using TableRow = std::map<std::string, Limit>;

struct Table {
  std::map<std::string, TableRow> rows;

  bool operator==(const Table&) const = default;
};

// The value of an interface file in the kernel's own units. Which alternative a file has follows
// from its ValueKind (knob.h):
//   Limit         bytes, counts, weights, microseconds, booleans (0/1), hundredths of a percent
//   std::int64_t  cpu.weight.nice
//   std::string   words (io.prio.class, cpuset.cpus.partition, cgroup.type) and raw text
using KnobValue = std::variant<Limit, std::int64_t, CpuMax, IdSet, Table, std::string>;

}  // namespace reeve
