// SPDX-License-Identifier: Apache-2.0
// The only object that is compiled with the path of the clone, so that all others are the same in
// every clone and a compiler cache has them.
#include "support/source_tree.h"

#include <cstdlib>

namespace reeve::support {

std::filesystem::path SourceTree() {
  const char* moved = std::getenv("REEVE_SOURCE_DIR");
  return moved == nullptr ? REEVE_SOURCE_DIR : moved;
}

}  // namespace reeve::support
