// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/engine/event_log.h"
#include "core/engine/instant.h"

namespace reeve::daemon {

// What a person reads on their terminal after reeve took back what they wrote by hand.
std::string TerminalText(const engine::Event& repair);

// Tells people, on the terminal they did it from, that their change by hand was put back. Daemons
// have no terminal and are not told; `mesg n` is respected.
class TerminalTeller {
 public:
  // All repairs since the last call.
  void Tell(const engine::EventLog& events);

 private:
  std::uint64_t told_ = 0;                       // number of the last event looked at
  std::map<std::string, engine::Instant> last_;  // by terminal
};

}  // namespace reeve::daemon
