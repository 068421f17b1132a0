// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "edge/systemd/unit_calls.h"

namespace reeve::daemon {

// The interface files that `tree:` may name, in the order in which people should read them.
std::vector<std::string_view> SliceKeys();

// What systemd is to be told of reeve.slice: these values, and for what reeve set before and is not asked for any more
// the value that a slice has of itself. Nothing that somebody else set is touched.
//   values       interface file -> value
//   runtime_dir  holds the names of what we set, till the next boot, as systemd does; they are brought up to date
std::vector<systemd::PropertySetting> TakeSliceValues(
    const std::map<std::string, std::uint64_t>& values, const std::string& runtime_dir);

}  // namespace reeve::daemon
