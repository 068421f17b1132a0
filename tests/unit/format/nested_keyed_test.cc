// SPDX-License-Identifier: Apache-2.0
#include "core/format/nested_keyed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/kernel_data.h"

namespace reeve::format {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(NestedKeyed, ARowIsANameWithColumns) {
  const std::vector<NestedRow> rows =
      *ParseNestedKeyed("memory.numa_stat", "anon N0=1 N1=2\nfile N0=\n");

  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "anon");
  EXPECT_THAT(rows[0].columns, ElementsAre(Pair("N0", "1"), Pair("N1", "2")));
  EXPECT_THAT(rows[1].columns, ElementsAre(Pair("N0", "")));
}

TEST(NestedKeyed, AColumnWithoutARowIsAnError) {
  EXPECT_EQ(ParseNestedKeyed("io.stat", "rbytes=1\n").error().ToString(),
            "io.stat: unexpected \"rbytes=1\"");
  EXPECT_FALSE(ParseNestedKeyed("io.stat", "8:0 a=1\nb=2\n").has_value());
  EXPECT_FALSE(ParseNestedKeyed("io.stat", "8:0 =1\n").has_value());
}

TEST(IoStat, ReadsRealFiguresBesideAPolicysColumns) {
  const DeviceIo expected{16'777'216, 3'276'800, 256, 50, 0, 0};

  const IoStat stat = *ParseIoStat(test::ReadData("6.1/used/io.stat"));

  EXPECT_THAT(stat, ElementsAre(Pair("254:0", expected)));
  EXPECT_EQ(*ParseIoStat(test::ReadData("6.12/used/io.stat")), stat);
}

// 6.1 after a device was used by nobody, and older kernels that leave out the newline.
TEST(IoStat, ADeviceWithoutFiguresIsNoDevice) {
  EXPECT_TRUE(ParseIoStat("254:0  cost.usage=0\n")->empty());
  EXPECT_TRUE(ParseIoStat("254:0 \n")->empty());
  EXPECT_THAT(*ParseIoStat("8:16 8:0 rbytes=5 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n"),
              ElementsAre(Pair("8:0", DeviceIo{5, 0, 1, 0, 0, 0})));
}

TEST(IoStat, AFigureThatIsNoNumberIsAnError) {
  EXPECT_EQ(ParseIoStat("8:0 rbytes=-1\n").error().ToString(), "io.stat: unexpected \"rbytes=-1\"");
  EXPECT_EQ(ParseIoStat("8:0 rbytes=1\n8:0 rbytes=2\n").error().ToString(),
            "io.stat: unexpected \"8:0\"");
  EXPECT_TRUE(ParseIoStat("8:0 cost.vrate=100.00 depth=max\n").has_value());
}

TEST(ParsePressure, AveragesAreHundredthsOfAPercent) {
  const Pressure pressure = *ParsePressure(
      "some avg10=2.78 avg60=0.67 avg300=0.14 total=540643\n"
      "full avg10=0.00 avg60=100.00 avg300=0.00 total=7\n");

  EXPECT_EQ(pressure.some, (Pressure::Line{278, 67, 14, 540'643}));
  EXPECT_EQ(*pressure.full, (Pressure::Line{0, 100'00, 0, 7}));
}

TEST(ParsePressure, OneLineIsEnough) {
  EXPECT_EQ(ParsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n")->full, std::nullopt);
  EXPECT_EQ(ParsePressure("full avg10=0.00 avg60=0.00 avg300=0.00 total=9\n")->full->total, 9U);
}

TEST(ParsePressure, EveryKernelsFilesAreRead) {
  int files = 0;
  for (const char* folder : {"fresh", "used", "root"}) {
    for (const test::DataFile& file : test::FilesOfAllKernels(folder)) {
      if (!file.file.ends_with(".pressure") || file.file == "cgroup.pressure") continue;
      ++files;
      EXPECT_TRUE(ParsePressure(file.text).has_value()) << file.version << " " << file.file;
    }
  }
  EXPECT_GT(files, 10);
}

TEST(ParsePressure, NothingIsInvented) {
  for (std::string_view text : {"",
                                "some avg10=0.00 avg60=0.00 total=1\n",
                                "some\n",
                                "some avg10=x avg60=0.00 avg300=0.00 total=1\n",
                                "some avg10=0.00 avg10=0.00 avg300=0.00 total=-1\n",
                                "populated 1\n"}) {
    EXPECT_EQ(ParsePressure(text).error().kind, ErrorKind::kInvalid) << text;
  }
}

}  // namespace
}  // namespace reeve::format
