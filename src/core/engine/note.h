// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace reeve::engine {

struct Event;

// Something worth a line in the log; written by the daemon, once.
struct Note {
  enum class Level { kInfo, kWarning, kError };

  Level level = Level::kInfo;
  std::string text;
  std::shared_ptr<const Event> event =
      nullptr;  // what it is about; null when it is about no one event
};

}  // namespace reeve::engine
