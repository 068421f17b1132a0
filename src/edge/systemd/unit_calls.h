// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/systemd/bus.h"

namespace reeve::systemd {

// A property of a unit by systemd's own name ("CPUWeight"), its value with its type
// (BusValue::Variant).
using PropertySetting = std::pair<std::string, BusValue>;

// For numbers that mean "infinity", and for those that are not set.
inline constexpr std::uint64_t kUnset = ~std::uint64_t{0};

// A scope that hands its cgroup over to whoever lives in it.
struct DelegatedScope {
  std::string name;   // with .scope
  std::string slice;  // with .slice
  std::string description;
  std::string documentation;  // "man:reeve(7)"
  std::string stopped_after;  // a unit that is stopped before it at shutdown
  std::int64_t pid = 0;       // who is in it at first; systemd drops it when nobody is any more
  // Whether systemd is told to let all others live when one is killed for want of memory. Some
  // versions have OOMPolicy= for services only (they refuse it as kUnsupported), and do so anyway.
  bool oom_policy = true;
};

// Manager.StartTransientUnit: no limit on tasks, not to be stopped by hand or by `isolate`. The answer is the path of a job; how that
// ended is told by JobRemoved.
BusCall StartDelegatedScope(const DelegatedScope& scope);

// Manager.SetUnitProperties until the next boot: survives daemon-reload, and `systemctl show` tells
// of it.
BusCall SetUnitProperties(std::string_view unit, const std::vector<PropertySetting>& properties);

}  // namespace reeve::systemd
