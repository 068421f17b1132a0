// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reeve {

// The one place that says the version; CMakeLists.txt reads this line.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace reeve
