// SPDX-License-Identifier: Apache-2.0
#include "core/format/flat_keyed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/kernel_data.h"

namespace reeve::format {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(FlatKeyed, KeysStandInTheFilesOrder) {
  EXPECT_THAT(*ParseFlatKeyed("cgroup.stat", "nr_descendants 3\nnr_dying_descendants 0\n"),
              ElementsAre(Pair("nr_descendants", 3U), Pair("nr_dying_descendants", 0U)));
  EXPECT_TRUE(ParseFlatKeyed("cpu.stat.local", "")->empty());
}

TEST(FlatKeyed, ALineThatIsNoKeyAndNumberIsAnError) {
  for (std::string_view text : {"anon",
                                "anon ",
                                " 5",
                                "anon -5",
                                "anon 5 6",
                                "anon 5\n\n",
                                "anon 0x5",
                                "anon 18446744073709551616",
                                "some avg10=0.00"}) {
    EXPECT_EQ(ParseFlatKeyed("memory.stat", text).error().kind, ErrorKind::kInvalid) << text;
  }
  EXPECT_EQ(ParseFlatKeyed("memory.stat", "anon 5\nx\x1b y\n").error().ToString(),
            "memory.stat: unexpected \"x\\x1b y\"");
}

TEST(FindFlatValue, FindsByNameWhereverItStands) {
  const std::string_view text = "anon 1\nanon_thp 2\nfile 3";

  EXPECT_EQ(FindFlatValue(text, "anon"), 1U);
  EXPECT_EQ(FindFlatValue(text, "anon_thp"), 2U);
  EXPECT_EQ(FindFlatValue(text, "file"), 3U);
  EXPECT_EQ(FindFlatValue(text, "thp"), std::nullopt);
  EXPECT_EQ(FindFlatValue(text, ""), std::nullopt);
  EXPECT_EQ(FindFlatValue("", "anon"), std::nullopt);
}

TEST(FlatKeyed, EveryKernelsFilesAreRead) {
  int files = 0;
  for (const char* folder : {"fresh", "used", "root"}) {
    for (const test::DataFile& file : test::FilesOfAllKernels(folder)) {
      const bool flat =
          file.file.ends_with(".stat") || file.file.find(".events") != std::string::npos;
      if (!flat || file.file == "io.stat") continue;
      ++files;
      const auto entries = ParseFlatKeyed(file.file, file.text);
      ASSERT_TRUE(entries.has_value()) << entries.error().ToString();
      for (const auto& entry : *entries)
        EXPECT_EQ(FindFlatValue(file.text, entry.first), entry.second);
    }
  }
  EXPECT_GT(files, 30);
}

TEST(CpuStat, YoungerKeysAreAbsentOnOlderKernels) {
  const CpuStat old_kernel = *ParseCpuStat(test::ReadData("6.1/used/cpu.stat"));
  const CpuStat new_kernel = *ParseCpuStat(test::ReadData("6.12/used/cpu.stat"));

  EXPECT_EQ(old_kernel.nice_usec, std::nullopt);
  EXPECT_EQ(new_kernel.nice_usec, 0U);
  EXPECT_GT(*old_kernel.nr_throttled, 0U);
  EXPECT_GT(old_kernel.usage_usec, 0U);
}

// A cgroup without the cpu controller: 6.18 with hugetlb only.
TEST(CpuStat, TheFirstThreeAreThereWithoutTheController) {
  const CpuStat stat = *ParseCpuStat(test::ReadData("6.18/fresh/cpu.stat"));

  EXPECT_EQ(stat.usage_usec, 0U);
  EXPECT_EQ(stat.nr_periods, std::nullopt);
}

TEST(CpuStat, AMissingKeyIsAnErrorAndNotZero) {
  EXPECT_EQ(ParseCpuStat("user_usec 1\nsystem_usec 2\n").error().ToString(),
            "cpu.stat: no line usage_usec");
  EXPECT_EQ(ParseCpuStat("").error().kind, ErrorKind::kInvalid);
}

TEST(MemoryEvents, ReadsWhatIsThere) {
  MemoryEvents events;
  events.low = 1;
  events.high = 2;
  events.max = 3;
  events.oom = 4;
  events.oom_kill = 5;

  const std::string text = "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n";
  EXPECT_EQ(*ParseMemoryEvents(text), events);
  events.oom_group_kill = 6;
  EXPECT_EQ(*ParseMemoryEvents("sock_throttled 9\n" + text + "oom_group_kill 6\n"), events);
  EXPECT_EQ(ParseMemoryEvents("low 1\n").error().ToString(), "memory.events: no line high");
}

TEST(MemoryStat, OlderKernelsLackKeys) {
  const MemoryStat stat = *ParseMemoryStat(test::ReadData("6.12/used/memory.stat"));

  EXPECT_EQ(stat.anon, 0U);
  EXPECT_EQ(stat.file, 90112U);
  EXPECT_EQ(stat.kernel, 8192U);
  EXPECT_EQ(stat.inactive_file, 16384U);
  EXPECT_EQ(stat.pgmajfault, 1U);
  EXPECT_EQ(stat.workingset_refault_file, 0U);
  EXPECT_EQ(ParseMemoryStat("anon 4096\nfile 8192\n")->kernel, std::nullopt);
  EXPECT_EQ(ParseMemoryStat("anon 4096\n").error().ToString(), "memory.stat: no line file");
}

TEST(SwapEvents, CountsWhatWasRefused) {
  EXPECT_EQ(*ParseSwapEvents("high 1\nmax 2\nfail 3\n"), (SwapEvents{2, 3}));
  EXPECT_EQ(ParseSwapEvents("high 1\nmax 2\n").error().ToString(),
            "memory.swap.events: no line fail");
}

// 6.12 has lines for each controller in between.
TEST(CgroupCounts, FindsTheTwoThatEveryKernelHas) {
  EXPECT_EQ(*ParseCgroupCounts("nr_descendants 3\nnr_subsys_cpu 1\nnr_dying_descendants 2\n"),
            (CgroupCounts{3, 2}));
  EXPECT_EQ(ParseCgroupCounts("nr_descendants 3\n").error().ToString(),
            "cgroup.stat: no line nr_dying_descendants");
}

TEST(PidsEvents, CountsForksThatFailed) {
  EXPECT_EQ(ParsePidsEvents(test::ReadData("6.1/used/pids.events"))->max, 1U);
  EXPECT_EQ(ParsePidsEvents("").error().ToString(), "pids.events: no line max");
}

TEST(CgroupEvents, FrozenIsAbsentBefore52) {
  EXPECT_EQ(*ParseCgroupEvents("populated 1\nfrozen 0\n"), (CgroupEvents{true, false}));
  EXPECT_EQ(*ParseCgroupEvents("populated 0\n"), (CgroupEvents{false, std::nullopt}));
  EXPECT_EQ(ParseCgroupEvents("frozen 1\n").error().ToString(), "cgroup.events: no line populated");
}

}  // namespace
}  // namespace reeve::format
