// SPDX-License-Identifier: Apache-2.0
#include "core/format/unit_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/format/knob_text.h"
#include "unit/format/random_values.h"

namespace reeve::format {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const Knob& Row(std::string_view file) {
  return *FindKnob(file);
}

KnobValue Parsed(std::string_view file, std::string_view text) {
  return *ParseKnob(Row(file), text);
}

PropertyValues To(std::string_view file, std::string_view text) {
  return ToUnitProperties(Row(file), Parsed(file, text));
}

std::string From(std::string_view file, const PropertyValues& properties) {
  return FormatKnob(Row(file), FromUnitProperties(Row(file), properties));
}

std::string Kept(std::string_view file, std::string_view text) {
  return FormatKnob(Row(file), AsSystemdKeepsIt(Row(file), Parsed(file, text)));
}

// What systemd 252 wrote for these properties on kernel 6.1.
TEST(UnitText, QuotasAreWhatSystemdMakesOfThem) {
  const auto text = [](std::uint64_t per_second, std::uint64_t period) {
    return From("cpu.max", {{"CPUQuotaPerSecUSec", per_second}, {"CPUQuotaPeriodUSec", period}});
  };
  EXPECT_EQ(text(333'333, kUnitInfinity), "33333 100000");
  EXPECT_EQ(text(330'000, kUnitInfinity), "33000 100000");
  EXPECT_EQ(text(30'000, 10'000), "1000 33333");
  EXPECT_EQ(text(1'500'000, 1'001), "1501 1001");
  EXPECT_EQ(text(kUnitInfinity, 50'000), "max 100000");
  EXPECT_EQ(From("cpu.max", {}), "max 100000");
}

TEST(UnitText, QuotasAreWholePercentsBecauseAReloadKeepsNoMore) {
  EXPECT_THAT(
      To("cpu.max", "33333 100000"),
      UnorderedElementsAre(Pair("CPUQuotaPerSecUSec", PropertyValue(std::uint64_t{330'000})),
                           Pair("CPUQuotaPeriodUSec", PropertyValue(std::uint64_t{100'000}))));
  EXPECT_EQ(Kept("cpu.max", "33333 100000"), "33000 100000");
  EXPECT_EQ(Kept("cpu.max", "250000 100000"), "250000 100000");
  EXPECT_EQ(Kept("cpu.max", "1000 1000000"), "10000 1000000");
  EXPECT_EQ(Kept("cpu.max", "1501 1001"), "1501 1001");
  EXPECT_EQ(Kept("cpu.max", "max 50000"), "max 100000");
}

TEST(UnitText, IdleIsAWeight) {
  EXPECT_THAT(To("cpu.idle", "1"), ElementsAre(Pair("CPUWeight", PropertyValue(std::uint64_t{0}))));
  EXPECT_THAT(To("cpu.idle", "0"), ElementsAre(Pair("CPUWeight", PropertyValue(kUnitInfinity))));
  EXPECT_EQ(From("cpu.idle", {{"CPUWeight", std::uint64_t{0}}}), "1");
  EXPECT_EQ(From("cpu.weight", {{"CPUWeight", std::uint64_t{0}}}), "0");
  EXPECT_EQ(From("cpu.idle", {{"CPUWeight", std::uint64_t{50}}}), "0");
  EXPECT_EQ(From("cpu.weight", {{"CPUWeight", kUnitInfinity}}), "100");
}

TEST(UnitText, BytesAndTasksAreThemselves) {
  EXPECT_THAT(To("memory.max", "max"),
              ElementsAre(Pair("MemoryMax", PropertyValue(kUnitInfinity))));
  EXPECT_EQ(From("memory.low", {{"MemoryLow", std::uint64_t{4096}}}), "4096");
  EXPECT_EQ(From("pids.max", {{"TasksMax", kUnitInfinity}}), "max");
  EXPECT_EQ(From("memory.zswap.writeback", {{"MemoryZSwapWriteback", false}}), "0");
}

TEST(UnitText, ZeroIsRefusedInPlaces) {
  // One byte is no page.
  EXPECT_THAT(To("memory.max", "0"),
              ElementsAre(Pair("MemoryMax", PropertyValue(std::uint64_t{1}))));
  EXPECT_TRUE(SameValue(Row("memory.max"),
                        Limit(0),
                        FromUnitProperties(Row("memory.max"), To("memory.max", "0")),
                        4096));
  EXPECT_THAT(To("memory.swap.max", "0"),
              ElementsAre(Pair("MemorySwapMax", PropertyValue(std::uint64_t{0}))));
  EXPECT_EQ(WhySystemdRefuses(Row("pids.max"), Limit(0)), "systemd takes no TasksMax= below 1");
  EXPECT_EQ(WhySystemdRefuses(Row("pids.max"), Limit(1)), "");
}

TEST(UnitText, ListsOfCpusAreMasks) {
  const std::vector<std::uint8_t> mask = {0x0F, 0x01};
  EXPECT_THAT(To("cpuset.cpus", "0-3,8"), ElementsAre(Pair("AllowedCPUs", PropertyValue(mask))));
  EXPECT_EQ(From("cpuset.cpus", {{"AllowedCPUs", mask}}), "0-3,8");
  EXPECT_EQ(From("cpuset.mems", {{"AllowedMemoryNodes", std::vector<std::uint8_t>(8)}}), "");
}

TEST(UnitText, DeviceRowsAreNodes) {
  EXPECT_THAT(
      To("io.max", "8:0 rbps=1000 wbps=max riops=max wiops=7"),
      UnorderedElementsAre(
          Pair("IOReadBandwidthMax", PropertyValue(DeviceNumbers{{"/dev/block/8:0", 1000}})),
          Pair("IOWriteBandwidthMax",
               PropertyValue(DeviceNumbers{{"/dev/block/8:0", kUnitInfinity}})),
          Pair("IOReadIOPSMax", PropertyValue(DeviceNumbers{{"/dev/block/8:0", kUnitInfinity}})),
          Pair("IOWriteIOPSMax", PropertyValue(DeviceNumbers{{"/dev/block/8:0", 7}}))));
  EXPECT_THAT(
      To("io.weight", "8:0 300"),
      ElementsAre(Pair("IODeviceWeight", PropertyValue(DeviceNumbers{{"/dev/block/8:0", 300}}))));
  EXPECT_THAT(To("io.weight", "default 50"),
              UnorderedElementsAre(Pair("IOWeight", PropertyValue(std::uint64_t{50})),
                                   Pair("IODeviceWeight", PropertyValue(DeviceNumbers{}))));
  EXPECT_EQ(
      From("io.latency", {{"IODeviceLatencyTargetUSec", DeviceNumbers{{"/dev/block/8:0", 5000}}}}),
      "8:0 target=5000");
}

TEST(UnitText, NodesAreDevicesByWhateverName) {
  const auto device_of = [](std::string_view node) -> std::optional<std::string> {
    if (node == "/dev/sda" || node == "/dev/block/8:0") return "8:0";
    return std::nullopt;
  };
  const KnobValue value = FromUnitProperties(
      Row("io.max"),
      {{"IOReadBandwidthMax",
        DeviceNumbers{{"/dev/sda", 1000}, {"/dev/block/8:0", 2000}, {"/gone", 1}}}},
      device_of);
  EXPECT_EQ(FormatKnob(Row("io.max"), value), "8:0 rbps=2000 wbps=max riops=max wiops=max");
}

// Whatever a policy says: what systemd has made of it stays as it is, and is no more than was said.
TEST(UnitText, WhatSystemdKeepsItKeeps) {
  RandomValues random(20'260'411);
  for (const UnitProperty& property : AllUnitProperties()) {
    const Knob& knob = Row(property.file);
    for (int i = 0; i < 20'000; ++i) {
      const KnobValue wanted = random.Value(knob);
      const KnobValue kept = AsSystemdKeepsIt(knob, wanted);
      ASSERT_EQ(AsSystemdKeepsIt(knob, kept), kept) << knob.file << " " << FormatKnob(knob, wanted);
      if (!WhySystemdRefuses(knob, wanted).empty()) continue;
      const auto* cpu_max = std::get_if<CpuMax>(&wanted);
      if (cpu_max == nullptr) {
        ASSERT_TRUE(SameValue(knob, wanted, kept, 4096)) << FormatKnob(knob, wanted);
        continue;
      }
      const CpuMax now = std::get<CpuMax>(kept);
      ASSERT_EQ(now.quota.is_max(), cpu_max->quota.is_max());
      if (now.quota.is_max()) continue;
      const double wanted_cores =
          static_cast<double>(cpu_max->quota.value()) / static_cast<double>(cpu_max->period);
      const double kept_cores =
          static_cast<double>(now.quota.value()) / static_cast<double>(now.period);
      // The last microsecond of a quota comes and goes with rounding.
      ASSERT_LE(kept_cores, std::max(wanted_cores, 0.01) * 1.0011) << FormatKnob(knob, wanted);
      ASSERT_GE(kept_cores, wanted_cores * 0.998 - 0.01) << FormatKnob(knob, wanted);
    }
  }
}

}  // namespace
}  // namespace reeve::format
