// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/format/knob_text.h"

namespace reeve::format {
namespace {

bool Same(std::string_view file,
          std::string_view wanted,
          std::string_view observed,
          std::uint64_t page_size = 4096) {
  const Knob& knob = *FindKnob(file);
  return SameValue(knob, *ParseKnob(knob, wanted), *ParseKnob(knob, observed), page_size);
}

TEST(SameValue, BytesAreRoundedDownToAPage) {
  EXPECT_TRUE(Same("memory.max", "67108865", "67108864"));
  EXPECT_TRUE(Same("memory.max", "4095", "0"));
  EXPECT_FALSE(Same("memory.max", "4096", "0"));
  EXPECT_FALSE(Same("memory.max", "67108864", "67112960"));
  EXPECT_TRUE(Same("memory.max", "131071", "65536", 65536));
  EXPECT_FALSE(Same("memory.max", "131071", "65536", 4096));
}

TEST(SameValue, WhatIsBeyondThePageCounterIsMax) {
  EXPECT_TRUE(Same("memory.max", "9223372036854771712", "max"));
  EXPECT_FALSE(Same("memory.max", "9223372036854771711", "max"));
  EXPECT_TRUE(Same("memory.max", "18446744073709551615", "max"));
}

TEST(SameValue, HugePagesAreRoundedToTheirOwnSize) {
  EXPECT_TRUE(Same("hugetlb.2MB.max", "5000000", "4194304"));
  EXPECT_TRUE(Same("hugetlb.1GB.rsvd.max", "5000000", "0"));
  EXPECT_FALSE(Same("hugetlb.2MB.max", "5000000", "0"));
  EXPECT_TRUE(Same("hugetlb.1GB.max", "9223372036854771712", "max"));
}

TEST(SameValue, TheLargestOfAShortCounterIsMax) {
  EXPECT_TRUE(Same("cgroup.max.depth", "2147483647", "max"));
  EXPECT_TRUE(
      Same("rdma.max", "mlx5_0 hca_handle=2147483647", "mlx5_0 hca_handle=max hca_object=max"));
  EXPECT_TRUE(
      Same("io.max", "8:0 riops=4294967296 rbps=5", "8:0 rbps=5 wbps=max riops=max wiops=max"));
  EXPECT_FALSE(Same("io.max", "8:0 rbps=4294967296", ""));
  EXPECT_FALSE(Same("pids.max", "2147483647", "max"));
}

TEST(SameValue, ACapacityThatRoundsToAllOfItIsMax) {
  EXPECT_TRUE(Same("cpu.uclamp.max", "100.00", "max"));
  EXPECT_TRUE(Same("cpu.uclamp.max", "99.96", "max"));
  EXPECT_FALSE(Same("cpu.uclamp.max", "99.95", "max"));
  EXPECT_FALSE(Same("cpu.uclamp.min", "20.00", "20.01"));
}

TEST(SameValue, ThePeriodCounts) {
  EXPECT_FALSE(Same("cpu.max", "50000 100000", "50000 200000"));
  EXPECT_FALSE(Same("cpu.max", "max 100000", "max 50000"));
}

TEST(SameValue, AColumnAtMaxIsNoColumn) {
  EXPECT_TRUE(Same("io.max", "8:0 rbps=1000", "8:0 rbps=1000 wbps=max riops=max wiops=max"));
  EXPECT_TRUE(Same("io.max", "8:0 rbps=max", ""));
  EXPECT_FALSE(Same("io.max", "8:0 rbps=1000", "8:0 rbps=1000 wbps=5 riops=max wiops=max"));
}

TEST(SameValue, ARowThatWasNotWantedIsDrift) {
  EXPECT_FALSE(Same("io.max", "8:0 rbps=1000", "8:0 rbps=1000\n8:16 rbps=5"));
  EXPECT_FALSE(Same("io.weight", "default 50", "default 50\n8:0 100"));
  EXPECT_TRUE(Same("misc.max", "sev 4", "sev 4\nsev_es max"));
  EXPECT_TRUE(Same("dmem.min", "", "vram0 0"));
  EXPECT_FALSE(Same("dmem.min", "", "vram0 max"));
}

TEST(SameValue, TheDefaultWeightIsThere) {
  EXPECT_TRUE(Same("io.weight", "8:0 70", "default 100\n8:0 70"));
  EXPECT_FALSE(Same("io.weight", "8:0 70", "default 60\n8:0 70"));
  EXPECT_TRUE(Same("io.weight", "50", "default 50"));
}

TEST(SameValue, ATargetOfZeroIsNone) {
  EXPECT_TRUE(Same("io.latency", "8:0 target=0", ""));
  EXPECT_TRUE(Same("io.latency", "8:0 target=max", ""));
  EXPECT_FALSE(Same("io.latency", "8:0 target=1", ""));
}

TEST(SameValue, ListsAreSets) {
  EXPECT_TRUE(Same("cpuset.cpus", "3,1,0,2", "0-3"));
  EXPECT_TRUE(Same("cpuset.cpus", "0-2,1-3,3", "0-3"));
  EXPECT_FALSE(Same("cpuset.cpus", "0-3", "0-2"));
  EXPECT_FALSE(Same("cpuset.cpus", "", "0-3"));
}

TEST(SameValue, AnInvalidPartitionIsNotInForce) {
  EXPECT_TRUE(Same("cpuset.cpus.partition", "root", "root\n"));
  EXPECT_FALSE(
      Same("cpuset.cpus.partition", "root", "root invalid (Parent is not a partition root)"));
}

TEST(SameValue, ADomainStaysOneWhateverItsNeighboursMakeOfIt) {
  EXPECT_TRUE(Same("cgroup.type", "domain", "domain threaded"));
  EXPECT_FALSE(Same("cgroup.type", "threaded", "domain threaded"));
  EXPECT_FALSE(Same("cgroup.type", "domain", "threaded"));
}

TEST(SameValue, WhatAWeightReadsUnderIdleIsNotInForce) {
  EXPECT_FALSE(Same("cpu.weight", "300", "0"));
  EXPECT_FALSE(Same("cpu.weight", "300", "1"));
}

TEST(SameValue, HostTablesCompareWhatIsNamed) {
  EXPECT_TRUE(
      Same("io.cost.qos", "8:0 enable=1 rpct=95", "8:0 enable=1 ctrl=auto rpct=95.00 rlat=1"));
  EXPECT_FALSE(Same("io.cost.qos", "8:0 enable=1", ""));
  EXPECT_TRUE(Same("io.cost.qos", "", "8:0 enable=0 ctrl=auto rpct=0.00"));
  EXPECT_FALSE(Same("io.cost.qos", "", "8:0 enable=1"));
}

TEST(SameValue, DifferentShapesAreNeverTheSame) {
  EXPECT_FALSE(SameValue(*FindKnob("cpu.max"), CpuMax{}, Limit::Max(), 4096));
}

}  // namespace
}  // namespace reeve::format
