// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/result.h"

namespace reeve::format {

// No interface or proc file that is parsed here is longer; what is, was not written by a kernel.
inline constexpr std::size_t kLongestText = std::size_t{1} << 20U;

// Invalid: what `what` (a file or a line's kind) holds is not understood at `token`. The token is
// escaped and cut, because it may come from whoever chose a cgroup's or process's name.
Error UnexpectedText(std::string_view what, std::string_view token);

// Invalid when the text is longer than kLongestText.
Result<> CheckLength(std::string_view what, std::string_view text);

}  // namespace reeve::format
