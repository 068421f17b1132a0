// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/format/unit_text.h"
#include "core/model/knob.h"
#include "core/model/unit_property.h"

// A unit's properties as if they were its interface files, for what reads and writes cgroups.
namespace reeve::format {

// What a weight reads that nobody has set: no number, because systemd tells the two apart. Written, it
// takes back what was set.
inline constexpr std::string_view kUnitNotSet = "[not set]";

// The file's text as systemd would write it, or kUnitNotSet.
//   properties   all of the file's; what is missing counts as not set
std::string UnitFileText(const Knob& knob,
                         const PropertyValues& properties,
                         const DeviceOfNode& device_of = DeviceOfBlockNode);

// The properties to set so that the file gets one write of the kernel's kind: a value, one row of a
// table, a row's reset ("8:0 default"), or kUnitNotSet. In the order of systemd's table; an empty list of
// devices means that all rows go, and stands before the rows that stay.
//   now      all of the file's, as they are
//   errors   Invalid: the text is no such write; Unsupported: systemd has no property for the file
struct PropertySetting {
  std::string property;
  PropertyValue value;

  bool operator==(const PropertySetting&) const = default;
};

Result<std::vector<PropertySetting>> UnitFileWrite(const Knob& knob,
                                                   std::string_view text,
                                                   const PropertyValues& now,
                                                   const NodeOfDevice& node_of = BlockNode);

// Whether the kernel's text of the file is what systemd makes of the properties.
//   page_size   bytes
bool KernelAgrees(const Knob& knob,
                  const PropertyValues& properties,
                  std::string_view kernel_text,
                  std::uint64_t page_size,
                  const DeviceOfNode& device_of = DeviceOfBlockNode);

}  // namespace reeve::format
