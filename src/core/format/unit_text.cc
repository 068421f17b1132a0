// SPDX-License-Identifier: Apache-2.0
#include "core/format/unit_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "core/format/id_set.h"
#include "core/format/knob_text.h"

namespace reeve::format {
namespace {

constexpr std::string_view kBlockNodes = "/dev/block/";
constexpr std::string_view kDefaultRow = "default";
constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kMillisecond = 1'000;
constexpr std::uint64_t kUsualPeriod = 100'000;
constexpr std::uint64_t kPercentOfSecond = kSecond / 100;
constexpr std::uint64_t kUsualWeight = 100;
constexpr std::uint32_t kMostIds = 65'536;  // no kernel has that many CPUs or memory nodes

std::uint64_t NumberOf(const Limit& limit) {
  return limit.is_max() ? kUnitInfinity : limit.value();
}

Limit LimitOf(std::uint64_t number) {
  return number == kUnitInfinity ? Limit::Max() : Limit(number);
}

// a * b / c without overflow on the way; what does not fit is infinity.
std::uint64_t MultiplyDivide(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  __extension__ using Wide = unsigned __int128;
  const Wide result = static_cast<Wide>(a) * b / c;
  return result >= kUnitInfinity ? kUnitInfinity - 1 : static_cast<std::uint64_t>(result);
}

// The largest whole percentage whose quota, rounded down by systemd, is not above the wanted one.
std::uint64_t QuotaPerSecond(std::uint64_t quota, std::uint64_t period) {
  __extension__ using Wide = unsigned __int128;
  const Wide percent = ((static_cast<Wide>(quota) + 1) * 100 - 1) / period;
  constexpr Wide kMost = kUnitInfinity / kPercentOfSecond - 1;
  const Wide kept = std::clamp<Wide>(percent, 1, kMost);
  return static_cast<std::uint64_t>(kept) * kPercentOfSecond;
}

CpuMax CpuMaxOf(std::uint64_t per_second, std::uint64_t asked_period) {
  if (per_second == kUnitInfinity || per_second == 0) return {Limit::Max(), kUsualPeriod};
  const std::uint64_t wanted = asked_period == kUnitInfinity ? kUsualPeriod : asked_period;
  const std::uint64_t period =
      std::min(std::max({wanted, kMillisecond, kMillisecond * kSecond / per_second}), kSecond);
  return {Limit(std::max(MultiplyDivide(per_second, period, kSecond), kMillisecond)), period};
}

std::vector<std::uint8_t> MaskOf(const IdSet& ids) {
  std::vector<std::uint8_t> mask;
  for (const auto& [first, last] : ids.ranges) {
    for (std::uint32_t id = first; id <= last && id < kMostIds; ++id) {
      mask.resize(std::max<std::size_t>(mask.size(), id / 8 + 1));
      mask[id / 8] |= static_cast<std::uint8_t>(1U << (id % 8));
    }
  }
  return mask;
}

IdSet IdsOf(const std::vector<std::uint8_t>& mask) {
  IdSet ids;
  for (std::uint32_t id = 0; id < mask.size() * 8 && id < kMostIds; ++id) {
    if ((mask[id / 8] >> (id % 8) & 1U) != 0) ids.ranges.emplace_back(id, id);
  }
  return NormalIdSet(std::move(ids));
}

template <typename Kind>
const Kind* Find(const PropertyValues& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? nullptr : std::get_if<Kind>(&found->second);
}

std::uint64_t NumberIn(const PropertyValues& properties,
                       std::string_view name,
                       std::uint64_t otherwise) {
  const auto* number = Find<std::uint64_t>(properties, name);
  return number == nullptr ? otherwise : *number;
}

// The rows of devices that have this column, or that hold it as their only value.
DeviceNumbers DevicesOf(const Table& table, std::string_view column, const NodeOfDevice& node_of) {
  DeviceNumbers devices;
  for (const auto& [name, row] : table.rows) {
    if (name == kDefaultRow) continue;
    const auto cell = row.find(std::string(column));
    if (cell == row.end()) continue;
    devices.emplace_back(node_of(name), NumberOf(cell->second));
  }
  return devices;
}

Table TableOf(const Knob& knob, const PropertyValues& properties, const DeviceOfNode& device_of) {
  Table table;
  for (const UnitProperty& property : UnitPropertiesOf(knob.file)) {
    if (property.type == UnitPropertyType::kNumber) {
      const std::uint64_t weight = NumberIn(properties, property.property, kUnitInfinity);
      table.rows[std::string(kDefaultRow)].emplace(
          "", Limit(weight == kUnitInfinity ? kUsualWeight : weight));
      continue;
    }
    const auto* devices = Find<DeviceNumbers>(properties, property.property);
    if (devices == nullptr) continue;
    for (const auto& [node, number] : *devices) {
      const auto device = device_of(node);
      if (!device) continue;
      table.rows[*device].insert_or_assign(std::string(property.column), LimitOf(number));
    }
  }
  return table;
}

}  // namespace

std::string BlockNode(std::string_view number) {
  return std::string(kBlockNodes) + std::string(number);
}

std::optional<std::string> DeviceOfBlockNode(std::string_view node) {
  if (!node.starts_with(kBlockNodes)) return std::nullopt;
  return std::string(node.substr(kBlockNodes.size()));
}

PropertyValues ToUnitProperties(const Knob& knob,
                                const KnobValue& value,
                                const NodeOfDevice& node_of) {
  PropertyValues properties;
  const auto* limit = std::get_if<Limit>(&value);
  const auto* cpu_max = std::get_if<CpuMax>(&value);
  const auto* ids = std::get_if<IdSet>(&value);
  const auto* table = std::get_if<Table>(&value);
  for (const UnitProperty& property : UnitPropertiesOf(knob.file)) {
    PropertyValue& held = properties[std::string(property.property)];
    if (cpu_max != nullptr) {
      if (property.property == "CPUQuotaPeriodUSec") {
        held = cpu_max->period;
      } else {
        held = cpu_max->quota.is_max() ? kUnitInfinity
                                       : QuotaPerSecond(cpu_max->quota.value(), cpu_max->period);
      }
    } else if (ids != nullptr) {
      held = MaskOf(*ids);
    } else if (table != nullptr && property.type == UnitPropertyType::kDevices) {
      held = DevicesOf(*table, property.column, node_of);
    } else if (table != nullptr) {
      const auto row = table->rows.find(std::string(kDefaultRow));
      if (row == table->rows.end() || row->second.empty()) {
        properties.erase(std::string(property.property));
      } else {
        held = NumberOf(row->second.begin()->second);
      }
    } else if (limit != nullptr && property.type == UnitPropertyType::kFlag) {
      held = *limit != Limit(0);
    } else if (limit != nullptr && knob.file == "cpu.idle") {
      held = *limit == Limit(0) ? kUnitInfinity : std::uint64_t{0};
    } else if (limit != nullptr) {
      // 0 is refused here, and a byte is less than a page: the kernel makes it 0 again.
      const bool above_zero = knob.file == "memory.max" || knob.file == "memory.high";
      held = std::max<std::uint64_t>(NumberOf(*limit), above_zero ? 1 : 0);
    }
  }
  return properties;
}

KnobValue FromUnitProperties(const Knob& knob,
                             const PropertyValues& properties,
                             const DeviceOfNode& device_of) {
  const std::span<const UnitProperty> parts = UnitPropertiesOf(knob.file);
  if (parts.empty()) return DefaultValue(knob);
  const std::string_view name = parts.front().property;
  switch (knob.kind) {
    case ValueKind::kCpuMax:
      return CpuMaxOf(NumberIn(properties, name, kUnitInfinity),
                      NumberIn(properties, parts.back().property, kUnitInfinity));
    case ValueKind::kIdList: {
      const auto* mask = Find<std::vector<std::uint8_t>>(properties, name);
      return mask == nullptr ? IdSet() : IdsOf(*mask);
    }
    case ValueKind::kDeviceLimits:
    case ValueKind::kDeviceWeights:
    case ValueKind::kDeviceLatency:
      return TableOf(knob, properties, device_of);
    case ValueKind::kBool: {
      if (knob.file == "cpu.idle") {
        return Limit(NumberIn(properties, name, kUnitInfinity) == 0 ? 1 : 0);
      }
      const auto* flag = Find<bool>(properties, name);
      return flag == nullptr ? DefaultValue(knob) : KnobValue(Limit(*flag ? 1 : 0));
    }
    case ValueKind::kWeight: {
      const std::uint64_t weight = NumberIn(properties, name, kUnitInfinity);
      return Limit(weight == kUnitInfinity ? kUsualWeight : weight);
    }
    default: {
      const auto* number = Find<std::uint64_t>(properties, name);
      return number == nullptr ? DefaultValue(knob) : KnobValue(LimitOf(*number));
    }
  }
}

KnobValue AsSystemdKeepsIt(const Knob& knob, const KnobValue& value) {
  if (UnitPropertiesOf(knob.file).empty() || !WhySystemdRefuses(knob, value).empty()) return value;
  // Tables come back as they are, without a default row they do not name.
  if (std::holds_alternative<Table>(value)) return value;
  return FromUnitProperties(knob, ToUnitProperties(knob, value));
}

std::string WhySystemdRefuses(const Knob& knob, const KnobValue& value) {
  if (knob.file == "pids.max" && value == KnobValue(Limit(0))) {
    return "systemd takes no TasksMax= below 1";
  }
  return "";
}

}  // namespace reeve::format
