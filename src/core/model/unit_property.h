// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reeve {

// A property's type on the bus.
enum class UnitPropertyType : std::uint8_t {
  kNumber,   // t; UINT64_MAX = infinity, of weights: not set
  kFlag,     // b
  kIdMask,   // ay: bit n of byte n/8 is CPU or memory node n
  kDevices,  // a(st): device node and number, UINT64_MAX = infinity
};

// One property of a systemd unit that sets an interface file of the unit's cgroup, or one part of it.
struct UnitProperty {
  std::string_view file;      // "cpu.max"
  std::string_view property;  // "CPUQuotaPerSecUSec"
  UnitPropertyType type;
  // kDevices: the column of the file's table ("rbps"; "" where it has only one). Else "".
  std::string_view column;
  int since;  // systemd's version
};

// The properties that together say what a file holds; empty for files that systemd cannot express. Files
// and properties are not one to one: cpu.max takes two properties, io.max four, and CPUWeight= is both
// cpu.weight and cpu.idle.
std::span<const UnitProperty> UnitPropertiesOf(std::string_view file);

// All of them, grouped by file.
std::span<const UnitProperty> AllUnitProperties();

// The first systemd that can express all of a file; nullopt: none can.
std::optional<int> UnitFileSince(std::string_view file);

// What a property holds, by its type.
using DeviceNumbers = std::vector<std::pair<std::string, std::uint64_t>>;
using PropertyValue = std::variant<std::uint64_t, bool, std::vector<std::uint8_t>, DeviceNumbers>;
using PropertyValues = std::map<std::string, PropertyValue, std::less<>>;  // by property

inline constexpr std::uint64_t kUnitInfinity = UINT64_MAX;

}  // namespace reeve
