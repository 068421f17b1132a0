// SPDX-License-Identifier: Apache-2.0
#include "app/show/live_tree.h"

#include <gtest/gtest.h>

#include "support/fake_cgroup_fs.h"

namespace reeve::show {
namespace {

using support::FakeCgroupFs;

CgroupPath Path(const std::string& text) {
  return *CgroupPath::Parse(text);
}

// A clock on which the wait takes one second, in which `meanwhile` happens.
SampleClock OneSecond(const std::function<void()>& meanwhile) {
  auto now = std::make_shared<double>(0);
  return {[now] { return *now; },
          [now, meanwhile] {
            meanwhile();
            *now += 1;
          }};
}

std::int64_t Born(FakeCgroupFs& fs, const std::string& path) {
  std::int64_t pid = 0;
  EXPECT_EQ(fs.kernel().Spawn(fs.Absolute(path), &pid), 0);
  return pid;
}

TEST(LiveTree, ReadsUseAndLimits) {
  FakeCgroupFs fs;
  fs.ForeignWrite("", "cgroup.subtree_control", "+cpu +memory +pids");
  fs.ForeignMkdir("web");
  fs.ForeignWrite("web", "cpu.max", "200000 100000");
  fs.ForeignWrite("web", "memory.max", "8388608");
  const std::int64_t pid = Born(fs, "web");
  fs.kernel().Allocate(pid, 1 << 20);

  const LiveTree tree = ReadLiveTree(fs, OneSecond([&] { fs.kernel().UseCpu(pid, 1'500'000); }));

  const LiveCgroup& web = tree.cgroups.at(Path("web"));
  EXPECT_TRUE(tree.complete);
  EXPECT_FALSE(web.ours);
  EXPECT_EQ(web.processes, 1U);
  EXPECT_DOUBLE_EQ(*web.cpu_cores, 1.5);
  EXPECT_EQ(web.cpu_max, (CpuMax{Limit(200'000), 100'000}));
  EXPECT_EQ(web.memory_current, 1U << 20);
  EXPECT_EQ(web.memory_max, Limit(8388608));
  EXPECT_EQ(web.memory_high, Limit::Max());
  EXPECT_EQ(web.pids_current, 1U);
  EXPECT_EQ(web.cpu_stalled, 0U);
}

TEST(LiveTree, SumsProcessesUpwards) {
  FakeCgroupFs fs;
  fs.ForeignMkdir("a");
  fs.ForeignMkdir("a/b");
  Born(fs, "a/b");
  Born(fs, "a/b");

  const LiveTree tree = ReadLiveTree(fs, OneSecond([] {}));

  EXPECT_EQ(tree.cgroups.at(Path("a")).processes, 2U);
  EXPECT_EQ(tree.cgroups.at(CgroupPath()).processes, 2U);
}

TEST(LiveTree, KnowsOurCgroupsByTheirMark) {
  FakeCgroupFs fs;
  fs.ForeignMkdir("web");
  ASSERT_TRUE(fs.WriteMark(Path("web"), "reeve/1\npath web\n").has_value());

  EXPECT_TRUE(ReadLiveTree(fs, OneSecond([] {})).cgroups.at(Path("web")).ours);
}

TEST(LiveTree, HasNoFigureForACgroupThatGoesMeanwhile) {
  FakeCgroupFs fs;
  fs.ForeignMkdir("web");

  const LiveTree tree = ReadLiveTree(fs, OneSecond([&] { fs.ForeignRmdir("web"); }));

  EXPECT_FALSE(tree.cgroups.at(Path("web")).cpu_cores.has_value());
}

TEST(LiveTree, LeavesOutWhatTheKernelHasNoFileFor) {
  FakeCgroupFs::Options options;
  options.kernel.controllers = {Controller::kCpu};
  options.kernel.psi = false;
  FakeCgroupFs fs(options);
  fs.ForeignWrite("", "cgroup.subtree_control", "+cpu");
  fs.ForeignMkdir("web");

  const LiveCgroup web = ReadLiveTree(fs, OneSecond([] {})).cgroups.at(Path("web"));

  EXPECT_FALSE(web.memory_current.has_value());
  EXPECT_FALSE(web.memory_max.has_value());
  EXPECT_FALSE(web.pids_max.has_value());
  EXPECT_FALSE(web.cpu_stalled.has_value());
  EXPECT_TRUE(web.cpu_max.has_value());
}

TEST(LiveTree, CallsNearEnoughALimit) {
  LiveCgroup c;
  EXPECT_FALSE(IsAtLimit(c));
  c.memory_current = 97;
  c.memory_max = Limit(100);
  EXPECT_FALSE(IsAtLimit(c));
  c.memory_current = 98;
  EXPECT_TRUE(IsAtLimit(c));
  c.memory_max = Limit::Max();
  EXPECT_FALSE(IsAtLimit(c));
  c.throttled = true;
  EXPECT_TRUE(IsAtLimit(c));
}

}  // namespace
}  // namespace reeve::show
