// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "edge/systemd/bus_value.h"

struct sd_bus_message;

namespace reeve::systemd {

// Appends values that have the types of `signature`, one for each complete type in it. Values that
// do not fit are our own mistake (kInternal).
Result<> AppendBody(sd_bus_message* message,
                    std::string_view signature,
                    const BusValue::List& values);

// All values of a message. A descriptor in it is kUnsupported.
Result<BusValue::List> ReadBody(sd_bus_message* message);

}  // namespace reeve::systemd
