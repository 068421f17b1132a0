// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/base/units.h"

namespace reeve::io {

// Seconds since the epoch, by the wall clock: for dates that people wrote (`expires`), never for
// durations.
std::int64_t EpochSeconds();

// The same in microseconds, for showing when something was.
std::int64_t EpochMicroseconds();

// Time since some fixed point, for durations: never set, and goes on while the machine is suspended
// (CLOCK_BOOTTIME).
Usec BootTime();

// The same without suspend (CLOCK_MONOTONIC), as systemd's notify protocol wants it.
Usec MonotonicTime();

// "2026-11-21T21:23:04Z"; "?" for a time no calendar has.
std::string FormatUtc(std::int64_t epoch_seconds);

// The random id the kernel gave this boot, as in /proc/sys/kernel/random/boot_id; "" when it can
// not be read.
std::string BootId();

}  // namespace reeve::io
