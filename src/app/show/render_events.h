// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "app/show/printing.h"
#include "core/engine/event_log.h"

namespace reeve::show {

// Tells when an event was by the wall clock: the engine's clock and the wall clock at one and the same moment.
struct ClockPair {
  engine::Instant engine{0};
  std::int64_t epoch_usec = 0;

  // Microseconds since the epoch.
  std::int64_t At(engine::Instant moment) const;
};

// "13:51:40.112  drift      web cpu.max 200000 100000 -> max 100000  by pid 8812 bash (root, login alice)"; no newline.
std::string EventLine(const engine::Event& event, const ClockPair& clock);

// {"number", "time", "kind", "cgroup", "key", "from", "to", "by", "took_seconds", "place", "text"} on one line, no
// newline. time is seconds since the epoch.
std::string EventJsonLine(const engine::Event& event, const ClockPair& clock);

}  // namespace reeve::show
