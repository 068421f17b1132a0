// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace reeve::engine {

// Time since any fixed point, from a clock that never jumps. The engine has no clock of its own, so
// that a month of drift can be tested in a millisecond.
using Instant = std::chrono::nanoseconds;

}  // namespace reeve::engine
