// SPDX-License-Identifier: Apache-2.0
#include "core/engine/lift.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/applier.h"
#include "core/engine/planning.h"
#include "support/fake_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void Put(FakeCgroupFs& fs, const std::map<std::string, testing::Files>& cgroups) {
  const Desired desired = DesiredTree(cgroups);
  Observer observer(fs);
  const Planned planned = ObserveAndPlan(observer, desired, {});
  const ApplyReport report = ApplyAll(fs, planned.plan, 4096);
  for (const Outcome& outcome : report.outcomes) {
    ASSERT_EQ(outcome.kind, Outcome::Kind::kDone) << outcome.error->ToString();
  }
  fs.ClearJournal();
}

TEST(LiftEverything, SetsLimitsToTheirLoosestAndLeavesTheRest) {
  FakeCgroupFs fs;
  Put(fs,
      {{"web", {{"memory.max", "1073741824"}, {"cpu.max", "50000 200000"}, {"cpu.weight", "20"}}},
       {"web/api", {{"pids.max", "100"}, {"memory.high", "max"}, {"memory.low", "4096"}}},
       {"disk", {{"io.max", "8:0 rbps=1048576 wbps=max riops=max wiops=10"}}}});
  const std::int64_t inside = fs.Spawn("web/api");

  const LiftReport report = LiftEverything(fs);

  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_EQ(report.governed, 3U);
  EXPECT_EQ(report.cgroups, 3U);
  EXPECT_EQ(report.values, 4U);
  EXPECT_EQ(report.loose_already, 1U);
  EXPECT_EQ(fs.Text("web", "memory.max"), "max");
  EXPECT_EQ(fs.Text("web", "cpu.max"), "max 200000");
  EXPECT_EQ(fs.Text("web", "cpu.weight"), "20");
  EXPECT_EQ(fs.Text("web/api", "pids.max"), "max");
  EXPECT_EQ(fs.Text("web/api", "memory.low"), "4096");
  EXPECT_EQ(fs.Text("disk", "io.max"), "");
  EXPECT_THAT(*fs.ReadProcesses(*CgroupPath::Parse("web/api")), ElementsAre(inside));
  EXPECT_EQ(LiftEverything(fs).values, 0U);
}

TEST(LiftEverything, GoesFromTheOutermostCgroupInwards) {
  FakeCgroupFs fs;
  Put(fs,
      {{"a", {{"pids.max", "5"}}},
       {"a/b", {{"pids.max", "5"}}},
       {"a/b/c", {{"pids.max", "5"}}},
       {"z", {{"pids.max", "5"}}}});

  LiftEverything(fs);

  std::vector<std::string> order;
  for (const auto& entry : fs.journal()) order.push_back(entry.ToString());
  EXPECT_THAT(order,
              ElementsAre("write a pids.max max",
                          "write z pids.max max",
                          "write a/b pids.max max",
                          "write a/b/c pids.max max"));
}

TEST(LiftEverything, TouchesNothingWithoutOurMarkAndNoKeyThatItDoesNotName) {
  FakeCgroupFs fs;
  Put(fs, {{"web", {{"pids.max", "5"}}}});
  fs.ForeignWrite("web", "cgroup.max.depth", "3");
  fs.ForeignMkdir("theirs");
  fs.ForeignWrite("theirs", "pids.max", "7");
  fs.ForeignMkdir("newer");
  fs.ForeignWrite("newer", "pids.max", "7");
  ASSERT_TRUE(fs.WriteMark(*CgroupPath::Parse("newer"), "reeve/2\nset pids.max\n").has_value());

  const LiftReport report = LiftEverything(fs);

  EXPECT_EQ(report.governed, 1U);
  EXPECT_EQ(fs.Text("web", "cgroup.max.depth"), "3");
  EXPECT_EQ(fs.Text("theirs", "pids.max"), "7");
  EXPECT_EQ(fs.Text("newer", "pids.max"), "7");
  ASSERT_EQ(report.failures.size(), 1U);  // said, because it is somebody's who may expect it
}

TEST(LiftEverything, GivesBackCpusButNotThoseOfPartitions) {
  FakeCgroupFs fs;
  Put(fs, {{"a", {{"cpuset.cpus", "0"}}}});
  fs.Spawn("a");
  LiftEverything(fs);
  EXPECT_EQ(fs.Text("a", "cpuset.cpus"), fs.Text("", "cpuset.cpus.effective"));

  FakeCgroupFs::Options options;
  options.managed_root = "";  // below another cgroup no partition comes true
  FakeCgroupFs with_partition(options);
  Put(with_partition, {{"a", {{"cpuset.cpus", "0"}, {"cpuset.cpus.partition", "root"}}}});
  const LiftReport report = LiftEverything(with_partition);
  EXPECT_EQ(with_partition.Text("a", "cpuset.cpus"), "0");
  EXPECT_THAT(report.kept, ElementsAre(HasSubstr("a cpuset.cpus: ")));
}

TEST(LiftEverything, SaysWhoStandsStill) {
  FakeCgroupFs fs;
  Put(fs, {{"a", {{"cgroup.freeze", "1"}, {"pids.max", "9"}}}});

  const LiftReport report = LiftEverything(fs);

  EXPECT_THAT(report.frozen, ElementsAre(*CgroupPath::Parse("a")));
  EXPECT_EQ(fs.Text("a", "cgroup.freeze"), "1");
}

TEST(LiftEverything, GoesOnBehindWhatFails) {
  FakeCgroupFs fs;
  Put(fs, {{"a", {{"pids.max", "5"}}}, {"b", {{"pids.max", "5"}}}});
  fs.set_read_only(true);

  const LiftReport report = LiftEverything(fs);

  EXPECT_EQ(report.values, 0U);
  EXPECT_EQ(report.failures.size(), 2U);
}

}  // namespace
}  // namespace reeve::engine
