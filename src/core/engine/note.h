// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace reeve::engine {

// Something worth a line in the log; written by the daemon, once.
struct Note {
  enum class Level { kInfo, kWarning, kError };

  Level level = Level::kInfo;
  std::string text;
};

}  // namespace reeve::engine
