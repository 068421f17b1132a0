// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::format {

// Files with a line for each device, resource or region; `knob` must be of a table kind. As the
// kernel prints them: "8:0 rbps=1048576 wbps=max", "default 100", "8:0 target=5000", "sev 10".
//   keeps    columns that are not in the row's `words` (a newer kernel's)
//   errors   Invalid for a repeated row or column, a row that is no device number where one
//   belongs, a value
//            that is no number; the subject is the file
Result<Table> ParseTable(const Knob& knob, std::string_view text);

// Lines in the kernel's order ("default" first), joined by newlines, all columns of `words` written
// out.
std::string FormatTable(const Knob& knob, const Table& table);

// One line: also what the kernel takes as one write.
std::string FormatRow(const Knob& knob, std::string_view name, const TableRow& row);

// The write that takes a row back to a fresh cgroup's: "8:0 rbps=max ...", "8:0 default", "8:0
// target=0".
std::string FormatRowReset(const Knob& knob, std::string_view name, const TableRow& observed);

}  // namespace reeve::format
