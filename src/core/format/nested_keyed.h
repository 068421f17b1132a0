// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/usage.h"

namespace reeve::format {

// "NAME KEY=VALUE KEY=VALUE" a line: io.stat, memory.numa_stat, the pressure files. All are views
// into the text.
struct NestedRow {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> columns;
};

// A word without '=' begins a row wherever it stands: kernels around 5.15 leave out the newline
// behind a device that has no figures, and 6.1 prints such a device with a line of its own.
//   errors   Invalid when a column has no row, or a word begins with '='; the subject is `what`
Result<std::vector<NestedRow>> ParseNestedKeyed(std::string_view what, std::string_view text);

// Devices without a single known figure are left out; columns of policies ("cost.usage") are passed
// over.
//   errors   Invalid for a known column that is no number, or a repeated device
Result<IoStat> ParseIoStat(std::string_view text);

//   errors   Invalid without a line `some` or `full`, or with one that lacks an average or the
//   total
Result<Pressure> ParsePressure(std::string_view text);

}  // namespace reeve::format
