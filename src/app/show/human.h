// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/knob.h"
#include "core/model/knob_value.h"

namespace reeve::show {

// Values in the units people think in. Tables only: JSON has both, `--raw` the kernel's.

// "8GiB", "40MB" when that is exact; else the nearest with one decimal: "11.2GiB".
std::string HumanBytes(std::uint64_t bytes);

// At most four characters and a letter, for columns: "212G", "1.9G", "0".
std::string ShortBytes(std::uint64_t bytes);

// "2 cores", "0.5 cores", "1 core": a share of CPU time, at most three decimals.
std::string HumanCores(std::uint64_t quota_usec, std::uint64_t period_usec);

// "5ms", "10s", "2m"; the largest unit that divides it.
std::string HumanDuration(std::uint64_t usec);

// Any interface file's value: "2 cores every 50ms", "259:0 rbps=40MB/s wbps=max", "true", "0-3,8".
// Rows of a table are separated by line breaks.
std::string HumanValue(const Knob& knob, const KnobValue& value);

// The same for the kernel's text of it. What can not be read as the file's value is shown as it
// stands, and so are "" ("empty"), "-" (nothing there) and every text of an unknown file.
std::string HumanText(const Knob* knob, std::string_view kernel_text);

// A message about a file with its numbers in human units. Bytes from 4096 on: "8589934592 -> 4294967296,
// 5000000000 bytes are in use" becomes "8GiB -> 4GiB, 5GB are in use". CPU: "50000 100000" is "0.5 cores".
std::string HumanMessage(const Knob* knob, std::string_view message);

}  // namespace reeve::show
