// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/usage.h"

namespace reeve::format {

// "KEY NUMBER" a line, in the file's order. The keys are views into the text.
using FlatKeyed = std::vector<std::pair<std::string_view, std::uint64_t>>;

//   errors   Invalid for a line that is no key and number; the subject is `what`. An empty file is
//   no error:
//            cpu.stat.local is empty where nothing can be throttled.
Result<FlatKeyed> ParseFlatKeyed(std::string_view what, std::string_view text);

// One key of such a file, without judging the rest; nullopt when it is not there. Keys are added by
// newer kernels in the middle, so lines must be found by name.
std::optional<std::uint64_t> FindFlatValue(std::string_view text, std::string_view key);

// The files with their keys. Keys that are not known are passed over.
//   errors   Invalid when a key that every kernel has is missing, or as above
Result<CpuStat> ParseCpuStat(std::string_view text);
Result<MemoryStat> ParseMemoryStat(std::string_view text);
Result<MemoryEvents> ParseMemoryEvents(std::string_view text);
Result<SwapEvents> ParseSwapEvents(std::string_view text);
Result<PidsEvents> ParsePidsEvents(std::string_view text);
Result<CgroupCounts> ParseCgroupCounts(std::string_view text);
Result<CgroupEvents> ParseCgroupEvents(std::string_view text);

}  // namespace reeve::format
