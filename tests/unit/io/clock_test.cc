// SPDX-License-Identifier: Apache-2.0
#include "edge/io/clock.h"

#include <limits>

#include <gtest/gtest.h>

namespace reeve::io {
namespace {

TEST(Clock, WritesTimesInUtc) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(1'795'296'184), "2026-11-21T21:23:04Z");
  EXPECT_EQ(FormatUtc(std::numeric_limits<std::int64_t>::max()), "?");
}

// F85, F86: time stands still between two calls or sleeps with the machine; it never runs back.
TEST(Clock, BootTimeNeverRunsBackwardsAndCountsSuspend) {
  const Usec first = BootTime();
  const Usec monotonic = MonotonicTime();

  EXPECT_GE(BootTime(), first);
  EXPECT_GE(BootTime(), monotonic);
}

TEST(Clock, TheBootIdIsTheSameTwice) {
  EXPECT_EQ(BootId(), BootId());
  EXPECT_EQ(BootId().size(), 36U);
}

}  // namespace
}  // namespace reeve::io
