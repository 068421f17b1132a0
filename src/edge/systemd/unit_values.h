// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/format/unit_file.h"
#include "core/model/unit_property.h"
#include "edge/systemd/bus_value.h"

namespace reeve::systemd {

// The kinds of units that have a cgroup of their own.
bool HasCgroup(std::string_view unit);

// The bus interface with the properties of a unit's kind: "org.freedesktop.systemd1.Service". Only for
// those that HasCgroup.
std::string InterfaceOf(std::string_view unit);

// Where a unit is on the bus, and back; "" for a path that is no unit's.
std::string ObjectOf(std::string_view unit);
std::string UnitOf(const std::string& object);

// Those of our properties that the dictionary of a GetAll holds.
PropertyValues ReadProperties(const BusValue& dictionary);

// As SetUnitProperties takes them: a(sv).
BusValue WriteProperties(const std::vector<format::PropertySetting>& settings);

// As `systemctl show` has it: "MemoryMax=infinity", "CPUQuotaPerSecUSec=500ms", "CPUWeight=[not set]".
std::string DescribeProperty(const UnitProperty& property, const PropertyValue& value);

// The disk that a device node or any path on it belongs to, as systemd finds it out: "8:0" for
// /dev/sda1. nullopt: there is none.
std::optional<std::string> DiskOf(std::string_view node);

}  // namespace reeve::systemd
