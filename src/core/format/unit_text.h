// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/knob.h"
#include "core/model/knob_value.h"
#include "core/model/unit_property.h"

// Interface files as properties of systemd's units, both ways. What systemd does to the numbers was
// measured on 252 and read in its sources up to 257 (src/core/cgroup.c, dbus-cgroup.c).
namespace reeve::format {

// What a block device's node is called ("8:0" -> "/dev/sda"), and which device a node is, as systemd finds
// out: the whole disk. nullopt: no such device.
using NodeOfDevice = std::function<std::string(std::string_view number)>;
using DeviceOfNode = std::function<std::optional<std::string>(std::string_view node)>;

// "/dev/block/8:0", the link that udev makes for every device, and back.
std::string BlockNode(std::string_view number);
std::optional<std::string> DeviceOfBlockNode(std::string_view node);

// The properties that make systemd write a value; all of the file's, none for a file that has no
// properties. Of tables the rows that are there: systemd keeps device rows that a call does not name. A
// weight's row of a device can not be taken back alone, only by an empty list of them all.
//   value   of the knob's kind
PropertyValues ToUnitProperties(const Knob& knob,
                                const KnobValue& value,
                                const NodeOfDevice& node_of = BlockNode);

// What systemd writes into the file for these properties; those that are missing count as not set. Nodes
// of no known device are left out, and of two nodes of one device the later counts, as for systemd. Under
// CPUWeight=idle cpu.weight is 0, which no policy can say.
KnobValue FromUnitProperties(const Knob& knob,
                             const PropertyValues& properties,
                             const DeviceOfNode& device_of = DeviceOfBlockNode);

// The value after a way through systemd, also through a daemon-reload, which keeps quotas only in whole
// percents of a CPU: never more than `value`, but 1 % at least; periods are stretched until a quota has 1 ms,
// and without a quota they are 100 ms. The same again for what it has given.
KnobValue AsSystemdKeepsIt(const Knob& knob, const KnobValue& value);

// Why systemd takes no such value for a file that it can express otherwise, in words; "" when it does.
std::string WhySystemdRefuses(const Knob& knob, const KnobValue& value);

}  // namespace reeve::format
