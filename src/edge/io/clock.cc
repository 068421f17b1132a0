// SPDX-License-Identifier: Apache-2.0
#include "edge/io/clock.h"

#include <ctime>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::io {
namespace {

Usec Now(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) +
         std::chrono::duration_cast<Usec>(std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

std::int64_t EpochSeconds() {
  return ::time(nullptr);
}

std::int64_t EpochMicroseconds() {
  return Now(CLOCK_REALTIME).count();
}

Usec BootTime() {
  return Now(CLOCK_BOOTTIME);
}

Usec MonotonicTime() {
  return Now(CLOCK_MONOTONIC);
}

std::string FormatUtc(std::int64_t epoch_seconds) {
  const std::time_t time = epoch_seconds;
  std::tm parts = {};
  if (::gmtime_r(&time, &parts) == nullptr) return "?";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                     parts.tm_year + 1900,
                     parts.tm_mon + 1,
                     parts.tm_mday,
                     parts.tm_hour,
                     parts.tm_min,
                     parts.tm_sec);
}

std::string BootId() {
  const auto text = ReadWholeFile("/proc/sys/kernel/random/boot_id", 64);
  return text.has_value() ? std::string(Trim(*text)) : "";
}

}  // namespace reeve::io
