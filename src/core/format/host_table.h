// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/knob.h"

namespace reeve::format {

// io.cost.qos and io.cost.model: a line for each device, "8:0 enable=1 ctrl=user rpct=95.00
// rlat=5000 ...". Their columns are words, fractions and numbers, so the value is text in a normal
// form: devices sorted, columns in the order of the row's `words`, percentages with two decimals.
//   errors   Invalid for a line without device number, a repeated device or column, a column
//   without value
Result<std::string> ParseHostTable(const Knob& knob, std::string_view text);

// Whether every column that `wanted` names is so in `observed`, and no other device is configured:
// `enable=0` and, in the model, `ctrl=auto` count as not configured, because such lines stay for
// ever. Texts that ParseHostTable does not take are never the same.
bool SameHostTable(const Knob& knob, std::string_view wanted, std::string_view observed);

// One line for each device that differs; see WritesFor.
std::vector<std::string> HostTableWrites(const Knob& knob,
                                         std::string_view wanted,
                                         std::string_view observed,
                                         bool reset_other_rows);

}  // namespace reeve::format
