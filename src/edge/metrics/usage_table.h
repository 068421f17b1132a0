// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/model/usage_snapshot.h"
#include "edge/metrics/exposition_text.h"
#include "edge/metrics/exposition_writer.h"

namespace reeve::metrics {

// One family of figures of cgroups, without the beginning of its name. Of the functions exactly one
// is set: what gives the value, nullopt for no sample.
struct UsageFamily {
  std::string_view name;  // "cpu_usage_seconds_total"
  Type type = Type::kGauge;
  std::string_view unit;
  std::string_view help;
  std::optional<Number> (*of_cgroup)(const CgroupUsage&) = nullptr;
  Number (*of_device)(const DeviceIo&) = nullptr;  // a sample for each device of io.stat
  std::string_view io_max_column = "";             // a sample for each device that has this limit
};

// All of them, most important first: where there are too many series, the last ones go.
std::span<const UsageFamily> UsageFamilies();

}  // namespace reeve::metrics
