// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reeve::engine {

// Whether a write to this interface file of a cgroup in use may keep the writer waiting for longer
// than a loop may stand still.
bool MayBlock(std::string_view file);

}  // namespace reeve::engine
