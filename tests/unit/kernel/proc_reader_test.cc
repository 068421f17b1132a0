// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/proc_reader.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace reeve::kernel {
namespace {

TEST(ProcReader, FindsOurselvesAndOurChild) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  ProcReader reader;

  const auto all = reader.List();
  const auto stat = reader.Stat(child);

  ASSERT_TRUE(all.has_value());
  const auto is_child = [&](const ProcessStat& process) { return process.pid == child; };
  EXPECT_EQ(std::ranges::count_if(*all, is_child), 1);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->ppid, ::getpid());
  EXPECT_GT(stat->starttime, 0U);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(reader.Stat(child).error().kind, ErrorKind::kGone);
  EXPECT_EQ(reader.CgroupOf(child).error().kind, ErrorKind::kGone);
}

TEST(ProcReader, ReadsWhereAProcessIs) {
  const support::TempDir proc;
  proc.Write("7/cgroup", "1:name=systemd:/x\n0::/system.slice/cron.service\n");
  proc.Write("8/cgroup", "0::/gone (deleted)\n");
  ProcReader reader(proc.path());

  EXPECT_EQ(reader.CgroupOf(7)->path, "/system.slice/cron.service");
  EXPECT_TRUE(reader.CgroupOf(8)->deleted);
}

TEST(ProcReader, PassesOverWhatIsNoProcessOrHasEnded) {
  const support::TempDir proc;
  proc.Write("sys/kernel/x", "");
  proc.Write("9/cgroup", "");  // ended: no stat any more
  ProcReader reader(proc.path());

  const auto all = reader.List();

  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(all->empty());
  EXPECT_FALSE(ProcReader(proc / "none").List().has_value());
}

}  // namespace
}  // namespace reeve::kernel
