// SPDX-License-Identifier: Apache-2.0
#include "core/format/unit_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::format {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kPage = 4096;

const Knob& KnobOf(std::string_view file) {
  return *FindKnob(file);
}

std::vector<PropertySetting> Written(std::string_view file,
                                     std::string_view text,
                                     const PropertyValues& now = {}) {
  const auto settings = UnitFileWrite(KnobOf(file), text, now);
  EXPECT_TRUE(settings.has_value()) << settings.error().ToString();
  return settings.has_value() ? *settings : std::vector<PropertySetting>();
}

PropertySetting Number(const char* property, std::uint64_t number) {
  return {property, number};
}

PropertySetting Devices(const char* property, DeviceNumbers devices) {
  return {property, std::move(devices)};
}

TEST(UnitFile, AWeightThatNobodySetIsNoNumber) {
  EXPECT_EQ(UnitFileText(KnobOf("cpu.weight"), {{"CPUWeight", kUnitInfinity}}), "[not set]");
  EXPECT_EQ(UnitFileText(KnobOf("cpu.weight"), {{"CPUWeight", std::uint64_t{100}}}), "100");
  EXPECT_EQ(UnitFileText(KnobOf("io.weight"),
                         {{"IOWeight", kUnitInfinity}, {"IODeviceWeight", DeviceNumbers()}}),
            "[not set]");
  EXPECT_THAT(Written("cpu.weight", "[not set]"), ElementsAre(Number("CPUWeight", kUnitInfinity)));
}

TEST(UnitFile, AQuotaIsWrittenWithItsPeriodAndTakenBackWithIt) {
  EXPECT_THAT(
      Written("cpu.max", "25000 50000"),
      ElementsAre(Number("CPUQuotaPerSecUSec", 500'000), Number("CPUQuotaPeriodUSec", 50'000)));
  EXPECT_THAT(Written("cpu.max", "max 100000"),
              ElementsAre(Number("CPUQuotaPerSecUSec", kUnitInfinity),
                          Number("CPUQuotaPeriodUSec", kUnitInfinity)));
}

TEST(UnitFile, OneRowOfATableLeavesTheOthers) {
  EXPECT_THAT(Written("io.max", "8:0 rbps=1000 wbps=max riops=max wiops=max"),
              ElementsAre(Devices("IOReadBandwidthMax", {{"/dev/block/8:0", 1000}})));
}

TEST(UnitFile, ARowThatGoesIsTakenBackInEveryColumnThatItHad) {
  const PropertyValues now = {{"IOWriteIOPSMax", DeviceNumbers{{"/dev/block/8:0", 5}}}};

  EXPECT_THAT(Written("io.max", "8:0 rbps=max wbps=max riops=max wiops=max", now),
              ElementsAre(Devices("IOWriteIOPSMax", {{"/dev/block/8:0", kUnitInfinity}})));
}

TEST(UnitFile, AWeightOfADeviceGoesTogetherWithTheOthersWhichComeBack) {
  const PropertyValues now = {
      {"IODeviceWeight", DeviceNumbers{{"/dev/block/8:0", 50}, {"/dev/block/8:16", 60}}}};

  EXPECT_THAT(Written("io.weight", "8:0 default", now),
              ElementsAre(Devices("IODeviceWeight", {}),
                          Devices("IODeviceWeight", {{"/dev/block/8:16", 60}})));
  EXPECT_THAT(Written("io.weight", "default 200", now), ElementsAre(Number("IOWeight", 200)));
}

TEST(UnitFile, WhatSystemdCanNotExpressIsUnsupported) {
  const auto settings = UnitFileWrite(KnobOf("cgroup.freeze"), "1", {});

  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().kind, ErrorKind::kUnsupported);
}

TEST(UnitFile, WhatIsNoValueIsInvalid) {
  const auto settings = UnitFileWrite(KnobOf("memory.max"), "much", {});

  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().kind, ErrorKind::kInvalid);
}

TEST(UnitFile, TheKernelAgreesUpToItsRoundings) {
  const PropertyValues max = {{"MemoryMax", std::uint64_t{10'000}}};
  EXPECT_TRUE(KernelAgrees(KnobOf("memory.max"), max, "8192\n", kPage));
  EXPECT_FALSE(KernelAgrees(KnobOf("memory.max"), max, "max\n", kPage));
  EXPECT_TRUE(KernelAgrees(KnobOf("cpu.weight"), {{"CPUWeight", kUnitInfinity}}, "100\n", kPage));
}

// Kernels differ in what an idle cgroup's weight reads.
TEST(UnitFile, AnIdleUnitHasNoWeightToDisagreeAbout) {
  EXPECT_TRUE(KernelAgrees(KnobOf("cpu.weight"), {{"CPUWeight", std::uint64_t{0}}}, "1\n", kPage));
}

}  // namespace
}  // namespace reeve::format
