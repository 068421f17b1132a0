// SPDX-License-Identifier: Apache-2.0
#include "core/format/unit_file.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/knob_text.h"

namespace reeve::format {
namespace {

constexpr std::string_view kDefaultRow = "default";

bool IsDevices(const UnitProperty& property) {
  return property.type == UnitPropertyType::kDevices;
}

bool IsSet(const UnitProperty& property, const PropertyValues& properties) {
  const auto found = properties.find(property.property);
  if (found == properties.end()) return false;
  if (const auto* number = std::get_if<std::uint64_t>(&found->second)) {
    return *number != kUnitInfinity;
  }
  const auto* devices = std::get_if<DeviceNumbers>(&found->second);
  return devices == nullptr || !devices->empty();
}

bool IsWeight(const Knob& knob) {
  return knob.kind == ValueKind::kWeight || knob.kind == ValueKind::kDeviceWeights;
}

PropertyValue Unset(const UnitProperty& property) {
  if (IsDevices(property)) return DeviceNumbers();
  return kUnitInfinity;
}

// The device that a line "8:0 default" gives back to the default; "" for any other line.
std::string_view RowGivenBack(const Knob& knob, std::string_view text) {
  const std::vector<std::string_view> words = SplitWords(text);
  const bool so = knob.kind == ValueKind::kDeviceWeights && words.size() == 2 &&
                  words[0] != kDefaultRow && words[1] == kDefaultRow;
  return so ? words[0] : std::string_view();
}

DeviceNumbers DevicesIn(const UnitProperty& property, const PropertyValues& properties) {
  const auto found = properties.find(property.property);
  if (found == properties.end()) return {};
  const auto* devices = std::get_if<DeviceNumbers>(&found->second);
  return devices == nullptr ? DeviceNumbers() : *devices;
}

// systemd forgets the row of one device only together with all others.
std::vector<PropertySetting> WithoutRow(const Knob& knob,
                                        const std::string& node,
                                        const PropertyValues& now) {
  std::vector<PropertySetting> settings;
  for (const UnitProperty& property : UnitPropertiesOf(knob.file)) {
    if (!IsDevices(property)) continue;
    DeviceNumbers rest = DevicesIn(property, now);
    std::erase_if(rest, [&](const auto& device) { return device.first == node; });
    settings.push_back({std::string(property.property), DeviceNumbers()});
    if (!rest.empty()) settings.push_back({std::string(property.property), std::move(rest)});
  }
  return settings;
}

// Without the columns at max of devices that have no such limit: nothing has to be said of them.
void LeaveOutNothings(const Knob& knob, const PropertyValues& now, PropertyValues& wanted) {
  if (knob.kind != ValueKind::kDeviceLimits) return;
  for (const UnitProperty& property : UnitPropertiesOf(knob.file)) {
    const auto found = wanted.find(property.property);
    if (found == wanted.end()) continue;
    auto* devices = std::get_if<DeviceNumbers>(&found->second);
    if (devices == nullptr) continue;
    const DeviceNumbers known = DevicesIn(property, now);
    std::erase_if(*devices, [&](const auto& device) {
      return device.second == kUnitInfinity &&
             std::none_of(known.begin(), known.end(), [&](const auto& one) {
               return one.first == device.first;
             });
    });
  }
}

}  // namespace

std::string UnitFileText(const Knob& knob,
                         const PropertyValues& properties,
                         const DeviceOfNode& device_of) {
  const auto parts = UnitPropertiesOf(knob.file);
  const bool set = std::any_of(
      parts.begin(), parts.end(), [&](const auto& part) { return IsSet(part, properties); });
  if (IsWeight(knob) && !set) return std::string(kUnitNotSet);
  return FormatKnob(knob, FromUnitProperties(knob, properties, device_of));
}

Result<std::vector<PropertySetting>> UnitFileWrite(const Knob& knob,
                                                   std::string_view text,
                                                   const PropertyValues& now,
                                                   const NodeOfDevice& node_of) {
  const auto parts = UnitPropertiesOf(knob.file);
  if (parts.empty()) {
    return Error{
        ErrorKind::kUnsupported, 0, std::string(knob.file), "systemd has no property for it"};
  }
  std::vector<PropertySetting> settings;
  if (text == kUnitNotSet) {
    for (const UnitProperty& part : parts) {
      settings.push_back({std::string(part.property), Unset(part)});
    }
    return settings;
  }
  if (const auto device = RowGivenBack(knob, text); !device.empty()) {
    return WithoutRow(knob, node_of(device), now);
  }
  REEVE_TRY(const KnobValue value, ParseKnob(knob, Trim(text)));
  PropertyValues wanted = ToUnitProperties(knob, value, node_of);
  LeaveOutNothings(knob, now, wanted);
  const auto* cpu_max = std::get_if<CpuMax>(&value);
  for (const UnitProperty& part : parts) {
    const auto found = wanted.find(part.property);
    if (found == wanted.end()) continue;
    const auto* devices = std::get_if<DeviceNumbers>(&found->second);
    if (devices != nullptr && devices->empty()) continue;  // would take the other rows away
    // The period is part of the quota; alone it would only look as if somebody had asked for it.
    const bool no_quota = cpu_max != nullptr && cpu_max->quota.is_max();
    settings.push_back({std::string(part.property), no_quota ? Unset(part) : found->second});
  }
  return settings;
}

bool KernelAgrees(const Knob& knob,
                  const PropertyValues& properties,
                  std::string_view kernel_text,
                  std::uint64_t page_size,
                  const DeviceOfNode& device_of) {
  const auto seen = ParseKnob(knob, Trim(kernel_text));
  if (!seen.has_value()) return false;
  // An idle cgroup reads 0 or 1 there, by the kernel's version.
  const auto weight = properties.find("CPUWeight");
  const bool idle = weight != properties.end() && weight->second == PropertyValue(std::uint64_t{0});
  if (knob.file == "cpu.weight" && idle) return true;
  const KnobValue made = FromUnitProperties(knob, properties, device_of);
  return SameValue(knob, made, *seen, page_size);
}

}  // namespace reeve::format
