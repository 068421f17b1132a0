// SPDX-License-Identifier: Apache-2.0
#include "app/show/human.h"

#include <gtest/gtest.h>

namespace reeve::show {
namespace {

std::string Text(const std::string& file, std::string_view kernel_text) {
  return HumanText(FindKnob(file), kernel_text);
}

TEST(HumanBytes, TakesTheUnitThatIsExact) {
  EXPECT_EQ(HumanBytes(0), "0");
  EXPECT_EQ(HumanBytes(512), "512");
  EXPECT_EQ(HumanBytes(4096), "4KiB");
  EXPECT_EQ(HumanBytes(8ULL << 30U), "8GiB");
  EXPECT_EQ(HumanBytes(1536ULL << 20U), "1536MiB");
  EXPECT_EQ(HumanBytes(40'000'000), "40MB");
  EXPECT_EQ(HumanBytes(12'025'908'428), "11.2GiB");
}

TEST(ShortBytes, FitsIntoFiveColumns) {
  EXPECT_EQ(ShortBytes(0), "0");
  EXPECT_EQ(ShortBytes(900), "900");
  EXPECT_EQ(ShortBytes(1ULL << 30U), "1G");
  EXPECT_EQ(ShortBytes(2'040'109'465), "1.9G");
  EXPECT_EQ(ShortBytes(212ULL << 30U), "212G");
}

TEST(HumanText, ReadsWhatTheKernelPrints) {
  EXPECT_EQ(Text("cpu.max", "200000 100000"), "2 cores");
  EXPECT_EQ(Text("cpu.max", "100000 100000"), "1 core");
  EXPECT_EQ(Text("cpu.max", "50000 100000"), "0.5 cores");
  EXPECT_EQ(Text("cpu.max", "200000 50000"), "4 cores every 50ms");
  EXPECT_EQ(Text("cpu.max", "max 100000"), "max");
  EXPECT_EQ(Text("cpu.max.burst", "20000"), "20ms");
  EXPECT_EQ(Text("memory.max", "8589934592"), "8GiB");
  EXPECT_EQ(Text("memory.max", "max"), "max");
  EXPECT_EQ(Text("pids.max", "2000"), "2000");
  EXPECT_EQ(Text("memory.oom.group", "1"), "true");
  EXPECT_EQ(Text("cpuset.cpus", "0-3,8"), "0-3,8");
  EXPECT_EQ(Text("io.max", "259:0 rbps=40000000 wbps=max riops=max wiops=500"),
            "259:0 rbps=40MB/s wbps=max riops=max wiops=500/s");
}

TEST(HumanText, ShowsWhatItCanNotReadAsItStands) {
  EXPECT_EQ(Text("memory.max", "a lot"), "a lot");
  EXPECT_EQ(Text("memory.max", "-"), "-");
  EXPECT_EQ(HumanText(nullptr, "4096"), "4096");
  EXPECT_EQ(HumanText(nullptr, ""), "empty");
}

TEST(HumanMessage, TurnsOnlyNumbersOfBytesIntoUnits) {
  const std::string message =
      "memory.max 17179869184 -> 8589934592, but 12025908428 bytes are in use";

  EXPECT_EQ(HumanMessage(FindKnob("memory.max"), message),
            "memory.max 16GiB -> 8GiB, but 11.2GiB are in use");
  EXPECT_EQ(HumanMessage(FindKnob("memory.max"), "(8192) of 20-a.yaml:4097 by pid 4097x"),
            "(8KiB) of 20-a.yaml:4097 by pid 4097x");
  EXPECT_EQ(HumanMessage(FindKnob("cpu.max"), "cpu.max 250000 100000 is lifted after 2 tries"),
            "cpu.max 2.5 cores is lifted after 2 tries");
  EXPECT_EQ(HumanMessage(FindKnob("pids.max"), "8192 tasks run"), "8192 tasks run");
}

}  // namespace
}  // namespace reeve::show
