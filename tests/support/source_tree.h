// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace reeve::support {

// The top of the tree that the tests were compiled in; where a guest sees it elsewhere,
// REEVE_SOURCE_DIR of the environment says where.
std::filesystem::path SourceTree();

}  // namespace reeve::support
