// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/format/knob_text.h"

namespace reeve::format {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Knob& Row(std::string_view file) {
  return *FindKnob(file);
}

// What takes a file from one kernel text to another.
std::vector<std::string> Writes(std::string_view file,
                                std::string_view from,
                                std::string_view to,
                                bool reset_other_rows = true) {
  const KnobValue observed = *ParseKnob(Row(file), from);
  return WritesFor(Row(file), *ParseKnob(Row(file), to), &observed, reset_other_rows);
}

TEST(WritesFor, OneNumberIsOneWrite) {
  EXPECT_THAT(Writes("memory.max", "max", "67108864"), ElementsAre("67108864"));
  EXPECT_THAT(Writes("memory.max", "67108864", "max"), ElementsAre("max"));
  EXPECT_THAT(Writes("cpu.weight.nice", "0", "-5"), ElementsAre("-5"));
  EXPECT_THAT(Writes("cpu.uclamp.min", "0.00", "33.05"), ElementsAre("33.05"));
  EXPECT_THAT(Writes("cpu.max", "max 100000", "50000 20000"), ElementsAre("50000 20000"));
  EXPECT_THAT(Writes("cpu.max", "50000 20000", "max 100000"), ElementsAre("max 100000"));
  EXPECT_THAT(
      Writes("cpuset.cpus.partition", "root invalid (Parent is not a partition root)", "root"),
      ElementsAre("root"));
}

TEST(WritesFor, NothingIsWrittenForWhatIsAlreadySo) {
  EXPECT_THAT(Writes("memory.max", "max", "max"), IsEmpty());
  EXPECT_THAT(Writes("cpuset.cpus", "0-1", "0,1"), IsEmpty());
  EXPECT_THAT(Writes("io.weight", "default 100", ""), IsEmpty());
  EXPECT_THAT(Writes("io.max", "", "8:0 rbps=max wbps=max riops=max wiops=max"), IsEmpty());
}

// An empty write does nothing to cpuset.cpus, and sets memory.max to 0.
TEST(WritesFor, TheEmptySetIsANewline) {
  EXPECT_THAT(Writes("cpuset.cpus", "0-3", ""), ElementsAre("\n"));
  EXPECT_THAT(Writes("cpuset.cpus", "", "0-3,8"), ElementsAre("0-3,8"));
}

TEST(WritesFor, ARowIsWrittenWithAllItsColumns) {
  const Table wanted{{{"8:0", {{"wiops", Limit(200)}}}}};

  EXPECT_THAT(WritesFor(Row("io.max"), wanted, nullptr, true),
              ElementsAre("8:0 rbps=max wbps=max riops=max wiops=200"));
}

// A write keeps the columns it does not name, so a column that left must be named.
TEST(WritesFor, AColumnThatLeftThePolicyIsTakenBack) {
  EXPECT_THAT(Writes("io.max",
                     "8:0 rbps=1000 wbps=max riops=max wiops=200",
                     "8:0 rbps=max wbps=max riops=max wiops=200"),
              ElementsAre("8:0 rbps=max wbps=max riops=max wiops=200"));
}

TEST(WritesFor, OnlyRowsThatDifferAreWrittenOneAWrite) {
  EXPECT_THAT(Writes("io.max",
                     "8:0 rbps=1 wbps=max\n8:16 rbps=2 wbps=max\n8:32 rbps=3",
                     "8:0 rbps=1\n8:16 rbps=7\n8:48 wiops=9"),
              ElementsAre("8:16 rbps=7 wbps=max riops=max wiops=max",
                          "8:48 rbps=max wbps=max riops=max wiops=9",
                          "8:32 rbps=max wbps=max riops=max wiops=max"));
}

TEST(WritesFor, OtherRowsAreLeftAloneUnlessAskedFor) {
  EXPECT_THAT(Writes("io.max", "8:0 rbps=1000", "", false), IsEmpty());
  EXPECT_THAT(Writes("io.weight", "default 60\n8:0 70", "8:16 5", false), ElementsAre("8:16 5"));
  EXPECT_THAT(Writes("io.max", "8:0 rbps=1000", "8:0 rbps=max", false),
              ElementsAre("8:0 rbps=max wbps=max riops=max wiops=max"));
}

TEST(WritesFor, EveryKindOfTableHasAWayBack) {
  EXPECT_THAT(Writes("io.weight", "default 60\n8:0 70", ""),
              ElementsAre("8:0 default", "default 100"));
  EXPECT_THAT(Writes("io.bfq.weight", "default 60", "default 100"), ElementsAre("default 100"));
  EXPECT_THAT(Writes("io.latency", "8:0 target=5000", ""), ElementsAre("8:0 target=0"));
  EXPECT_THAT(Writes("io.latency", "8:0 target=5000", "8:0 target=max"),
              ElementsAre("8:0 target=0"));
  EXPECT_THAT(Writes("rdma.max", "mlx5_0 hca_handle=2 hca_object=max", ""),
              ElementsAre("mlx5_0 hca_handle=max hca_object=max"));
  EXPECT_THAT(Writes("misc.max", "sev 4\nsev_es max", ""), ElementsAre("sev max"));
  EXPECT_THAT(Writes("dmem.max", "vram0 4096", ""), ElementsAre("vram0 max"));
  EXPECT_THAT(Writes("dmem.min", "vram0 4096\nvram1 0", ""), ElementsAre("vram0 0"));
  EXPECT_THAT(Writes("io.cost.qos", "8:0 enable=1 ctrl=auto\n8:16 enable=0", ""),
              ElementsAre("8:0 enable=0"));
  EXPECT_THAT(Writes("io.cost.model", "8:0 ctrl=user model=linear rbps=5", ""),
              ElementsAre("8:0 ctrl=auto"));
}

TEST(WritesFor, AColumnOfANewerKernelIsLeftAloneUnlessThePolicyNamesIt) {
  EXPECT_THAT(Writes("io.max", "8:0 rbps=1 wbps=max riops=max wiops=max dbps=5", "8:0 rbps=1"),
              IsEmpty());
  EXPECT_THAT(Writes("io.max", "8:0 rbps=1 dbps=5", "8:0 rbps=1 dbps=6"),
              ElementsAre("8:0 rbps=1 wbps=max riops=max wiops=max dbps=6"));
  EXPECT_THAT(Writes("io.max", "8:0 dbps=5", ""), IsEmpty());
}

TEST(WritesFor, HostTablesWriteOnlyWhatIsNamed) {
  EXPECT_THAT(Writes("io.cost.qos", "8:0 enable=1 rpct=95.00 rlat=5000", "8:0 enable=1 rpct=95"),
              IsEmpty());
  EXPECT_THAT(Writes("io.cost.qos", "8:0 enable=1 rpct=95.00 rlat=5000", "8:0 enable=1 rpct=90"),
              ElementsAre("8:0 enable=1 rpct=90.00"));
}

// Together they would be all or nothing.
TEST(WritesFor, ControllersAreHandedDownOneByOne) {
  EXPECT_THAT(Writes("cgroup.subtree_control", "cpu io", "cpu memory pids"),
              ElementsAre("+memory", "+pids", "-io"));
  EXPECT_THAT(Writes("cgroup.subtree_control", "cpu io", "cpu", false), IsEmpty());
}

// The kernel knows no way back, so nothing is tried.
TEST(WritesFor, AThreadedCgroupStaysThreaded) {
  EXPECT_THAT(Writes("cgroup.type", "domain", "threaded"), ElementsAre("threaded"));
  EXPECT_THAT(Writes("cgroup.type", "threaded", "domain"), IsEmpty());
}

TEST(WritesFor, NoWriteIsEverEmptyOrHasASuffix) {
  const Table io{{{"8:0", {{"rbps", Limit(std::uint64_t{1} << 40U)}}}}};
  EXPECT_THAT(WritesFor(Row("io.max"), io, nullptr, true),
              ElementsAre("8:0 rbps=1099511627776 wbps=max riops=max wiops=max"));
  for (const Knob& knob : AllKnobs()) {
    const KnobValue fallback = DefaultValue(knob);
    for (const std::string& line : WritesFor(knob, std::string("x"), &fallback, true)) {
      EXPECT_FALSE(line.empty()) << knob.file;
    }
  }
}

}  // namespace
}  // namespace reeve::format
