// SPDX-License-Identifier: Apache-2.0
#include "core/model/unit_property.h"

#include <algorithm>

namespace reeve {
namespace {

using Type = UnitPropertyType;

// Rows of one file stand together.
constexpr UnitProperty kProperties[] = {
    {"cpu.weight", "CPUWeight", Type::kNumber, "", 232},
    {"cpu.idle", "CPUWeight", Type::kNumber, "", 252},
    {"cpu.max", "CPUQuotaPerSecUSec", Type::kNumber, "", 213},
    {"cpu.max", "CPUQuotaPeriodUSec", Type::kNumber, "", 242},
    {"cpuset.cpus", "AllowedCPUs", Type::kIdMask, "", 244},
    {"cpuset.mems", "AllowedMemoryNodes", Type::kIdMask, "", 244},
    {"memory.min", "MemoryMin", Type::kNumber, "", 240},
    {"memory.low", "MemoryLow", Type::kNumber, "", 231},
    {"memory.high", "MemoryHigh", Type::kNumber, "", 231},
    {"memory.max", "MemoryMax", Type::kNumber, "", 231},
    {"memory.swap.max", "MemorySwapMax", Type::kNumber, "", 232},
    {"memory.zswap.max", "MemoryZSwapMax", Type::kNumber, "", 253},
    {"memory.zswap.writeback", "MemoryZSwapWriteback", Type::kFlag, "", 256},
    {"pids.max", "TasksMax", Type::kNumber, "", 227},
    {"io.weight", "IOWeight", Type::kNumber, "", 230},
    {"io.weight", "IODeviceWeight", Type::kDevices, "", 230},
    {"io.max", "IOReadBandwidthMax", Type::kDevices, "rbps", 230},
    {"io.max", "IOWriteBandwidthMax", Type::kDevices, "wbps", 230},
    {"io.max", "IOReadIOPSMax", Type::kDevices, "riops", 230},
    {"io.max", "IOWriteIOPSMax", Type::kDevices, "wiops", 230},
    {"io.latency", "IODeviceLatencyTargetUSec", Type::kDevices, "target", 240},
};

}  // namespace

std::span<const UnitProperty> AllUnitProperties() {
  return kProperties;
}

std::span<const UnitProperty> UnitPropertiesOf(std::string_view file) {
  const auto of_file = [&](const UnitProperty& property) { return property.file == file; };
  const auto* const first = std::find_if(std::begin(kProperties), std::end(kProperties), of_file);
  const auto* const last = std::find_if_not(first, std::end(kProperties), of_file);
  return {first, last};
}

std::optional<int> UnitFileSince(std::string_view file) {
  std::optional<int> since;
  for (const UnitProperty& property : UnitPropertiesOf(file)) {
    since = std::max(since.value_or(0), property.since);
  }
  return since;
}

}  // namespace reeve
