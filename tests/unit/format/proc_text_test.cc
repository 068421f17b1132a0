// SPDX-License-Identifier: Apache-2.0
#include "core/format/proc_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/format/mountinfo.h"
#include "support/kernel_data.h"

namespace reeve::format {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ProcStat, ReadsTheKernelsFields) {
  const ProcessStat stat = *ParseProcStat(test::ReadData("6.1/proc/stat_kthread"));

  EXPECT_EQ(stat.pid, 2);
  EXPECT_EQ(stat.comm, "kthreadd");
  EXPECT_EQ(stat.ppid, 0);
  EXPECT_EQ(stat.flags & 0x00200000U, 0x00200000U);
  EXPECT_EQ(stat.num_threads, 1);
}

// A process named itself "a) R 1 1<newline>2 (".
TEST(ProcStat, ANameCanNotForgeTheFieldsBehindIt) {
  for (const char* version : {"6.1", "6.12"}) {
    const ProcessStat stat =
        *ParseProcStat(test::ReadData(std::string(version) + "/proc/stat_hostile"));

    EXPECT_EQ(stat.comm, "a) R 1 1\n2 (");
    EXPECT_EQ(stat.state, 'S');
    EXPECT_NE(stat.ppid, 1);
    EXPECT_GT(stat.starttime, 0U);
  }
}

TEST(ProcStat, AZombieKeepsItsStartTime) {
  const ProcessStat alive = *ParseProcStat(test::ReadData("6.1/proc/stat_hostile"));
  const ProcessStat zombie = *ParseProcStat(test::ReadData("6.1/proc/stat_zombie"));

  EXPECT_EQ(zombie.state, 'Z');
  EXPECT_EQ(zombie.pid, alive.pid);
  EXPECT_EQ(zombie.starttime, alive.starttime);
}

TEST(ProcStat, AnyNameIsReadWhole) {
  const std::string tail =
      " S 2 3 4 0 -1 5 0 0 0 0 11 12 0 0 20 0 7 0 1234 2646016 221 18446744073709551615 0\n";
  for (const std::string& comm : {std::string(),
                                  std::string(")"),
                                  std::string("("),
                                  std::string(") ("),
                                  std::string("\n"),
                                  std::string(15, '\xff'),
                                  std::string(" x ")}) {
    std::string text = "10 (";
    text += comm;
    text += ')';
    text += tail;
    const auto stat = ParseProcStat(text);
    ASSERT_TRUE(stat.has_value()) << comm;
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->pid, 10);
    EXPECT_EQ(stat->ppid, 2);
    EXPECT_EQ(stat->pgrp, 3);
    EXPECT_EQ(stat->session, 4);
    EXPECT_EQ(stat->flags, 5U);
    EXPECT_EQ(stat->utime, 11U);
    EXPECT_EQ(stat->stime, 12U);
    EXPECT_EQ(stat->num_threads, 7);
    EXPECT_EQ(stat->starttime, 1234U);
  }
}

TEST(ProcStat, WhatNoKernelPrintsIsAnError) {
  for (std::string_view text : {"",
                                "1 (x) S 2",
                                "1 x S 2 3",
                                "1 ) (",
                                "x (x) S 2 3 4 0 -1 5 0 0 0 0 11 12 0 0 20 0 7 0 1234",
                                "1 (x) SS 2 3 4 0 -1 5 0 0 0 0 11 12 0 0 20 0 7 0 1234",
                                "1 (x) S 2 3 4 0 -1 5 0 0 0 0 11 12 0 0 20 0 7 0 -1234"}) {
    EXPECT_EQ(ParseProcStat(text).error().kind, ErrorKind::kInvalid) << text;
  }
}

TEST(ProcCgroup, TheUnifiedLineCounts) {
  EXPECT_EQ(*ParseProcCgroup("2:cpuacct:/x\n1:name=systemd:/y\n0::/web/api\n"),
            (ProcessCgroup{"/web/api", false}));
  EXPECT_EQ(*ParseProcCgroup("0::/\n"), (ProcessCgroup{"/", false}));
  EXPECT_EQ(*ParseProcCgroup("0::/../outside\n"), (ProcessCgroup{"/../outside", false}));
}

// The kernel says the same of a removed cgroup and of a living one with that name.
TEST(ProcCgroup, DeletedIsNoPartOfThePath) {
  EXPECT_EQ(*ParseProcCgroup(test::ReadData("6.1/proc/cgroup_named_deleted")),
            (ProcessCgroup{"/busy c", true}));
  EXPECT_EQ(*ParseProcCgroup(test::ReadData("6.1/proc/cgroup_deleted")),
            (ProcessCgroup{"/busy c (deleted)", true}));
}

TEST(ProcCgroup, WithoutCgroup2ThereIsNone) {
  EXPECT_EQ(ParseProcCgroup("2:cpuacct:/x\n").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(ParseProcCgroup("").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(ParseProcCgroup("0::web\n").error().kind, ErrorKind::kInvalid);
}

TEST(PidList, KeepsOrderAndRepetitions) {
  EXPECT_THAT(*ParsePidList("7\n3\n7\n0\n"), ElementsAre(7, 3, 7, 0));
  EXPECT_THAT(*ParsePidList(""), IsEmpty());
  EXPECT_THAT(*ParsePidList("4194304"), ElementsAre(4'194'304));
}

TEST(PidList, ALineThatIsNoPidIsAnError) {
  for (std::string_view text : {"-5\n", "abc\n", "1 2\n", "1\n\n2\n", "4194305\n", "0x7\n"}) {
    EXPECT_EQ(ParsePidList(text).error().kind, ErrorKind::kInvalid) << text;
  }
}

TEST(MountInfo, RealMountsWithHostileNames) {
  for (const char* version : {"6.1", "6.12"}) {
    const auto mounts = ParseMountInfo(test::ReadData(std::string(version) + "/proc/mountinfo"));
    ASSERT_TRUE(mounts.has_value());

    const Mount& shared = *(mounts->end() - 2);
    EXPECT_EQ(shared.mount_point, "/tmp/new\nline");
    EXPECT_EQ(shared.source, "we ird#source");
    EXPECT_THAT(shared.tags, ElementsAre("shared:1"));
    EXPECT_EQ(mounts->back().mount_point, "/tmp/a b\t\\c#d");
    EXPECT_EQ(mounts->back().device, shared.device);
  }
}

}  // namespace
}  // namespace reeve::format
