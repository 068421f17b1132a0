// SPDX-License-Identifier: Apache-2.0
#include "core/engine/way_up.h"

#include <gtest/gtest.h>

#include "support/fake_cgroup_fs.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

class WayUpTest : public ::testing::Test {
 protected:
  WayUpTest() {
    fs_.ForeignWrite("", "cgroup.subtree_control", "+cpu +memory +pids");
    fs_.ForeignMkdir("a");
    fs_.ForeignWrite("a", "cgroup.subtree_control", "+cpu +memory +pids");
    for (const char* path : {"a/b", "a/busy", "a/idle"}) fs_.ForeignMkdir(path);
  }

  FakeCgroupFs fs_;
};

TEST_F(WayUpTest, GoesFromTheCgroupToTheManagedRoot) {
  fs_.ForeignWrite("a", "memory.max", "8192");
  fs_.ForeignWrite("a/b", "pids.max", "5");

  const WayUp way = ReadWayUp(fs_, Path("a/b"), "/cg/reeve", {"pids.max"});

  ASSERT_EQ(way.size(), 3U);
  EXPECT_EQ(way[0].name, "a/b");
  EXPECT_EQ(way[0].usage.limits.pids_max, Limit(5));
  EXPECT_EQ(way[0].files.at("pids.max"), "5");
  EXPECT_EQ(way[1].name, "a");
  EXPECT_EQ(way[1].usage.limits.memory_max, Limit(8192));
  EXPECT_EQ(way[2].name, "/cg/reeve");
  EXPECT_NE(way[0].usage.id, way[1].usage.id);
}

TEST_F(WayUpTest, WeighsAgainstThoseInWhichSomebodyLives) {
  fs_.ForeignWrite("a/b", "cpu.weight", "300");
  fs_.ForeignWrite("a/idle", "cpu.weight", "1000");
  fs_.Spawn("a/busy");

  const WayUp way = ReadWayUp(fs_, Path("a/b"), "/cg/reeve", {});

  EXPECT_EQ(way[0].cpu_weight, 300U);
  EXPECT_EQ(way[0].cpu_weights, 400U);  // with the 100 of `busy`
  EXPECT_FALSE(way[2].cpu_weight.has_value());
}

TEST_F(WayUpTest, WhatIsNotThereHasNoWay) {
  EXPECT_TRUE(ReadWayUp(fs_, Path("gone"), "/cg/reeve", {}).empty());
}

TEST_F(WayUpTest, LooksBeforeAreOfTheSameLife) {
  const WayUp first = ReadWayUp(fs_, Path("a/b"), "/cg/reeve", {});
  fs_.ForeignRmdir("a/b");
  fs_.ForeignMkdir("a/b");
  WayUp second = ReadWayUp(fs_, Path("a/b"), "/cg/reeve", {});

  AddBefore(first, 2.5, second);

  EXPECT_FALSE(second[0].before.has_value());
  ASSERT_TRUE(second[1].before.has_value());
  EXPECT_EQ(second[1].seconds, 2.5);
}

}  // namespace
}  // namespace reeve::engine
