// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sample.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_cgroup_fs.h"
#include "support/faulty_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr ControllerSet kAll = {
    Controller::kCpu, Controller::kMemory, Controller::kIo, Controller::kPids};

FakeCgroupFs Tree(FakeCgroupFs::Options options = {}) {
  FakeCgroupFs fs(std::move(options));
  fs.ForeignWrite("", "cgroup.subtree_control", "+cpu +memory +io +pids");
  fs.ForeignMkdir("web");
  return fs;
}

SampleTarget Target(std::string_view path, ControllerSet controllers = kAll) {
  auto names = std::make_shared<CgroupNames>();
  names->path = *CgroupPath::Parse(path);
  return {std::move(names), controllers, std::nullopt};
}

TEST(Sample, ReadsUseAndLimits) {
  FakeCgroupFs fs = Tree();
  fs.ForeignWrite("web", "memory.max", "16777216");
  fs.ForeignWrite("web", "cpu.max", "50000 100000");
  fs.ForeignWrite("web", "io.max", "8:0 rbps=1048576");
  const std::int64_t pid = fs.Spawn("web", 1048576);
  fs.kernel().UseCpu(pid, 1'500'000);

  const UsageSnapshot snapshot = Sample(fs, {Target("web")});

  EXPECT_EQ(snapshot.unreadable, 0U);
  ASSERT_EQ(snapshot.cgroups.size(), 1U);
  const CgroupUsage& web = snapshot.cgroups[0];
  EXPECT_EQ(web.names->path.text(), "web");
  EXPECT_EQ(web.id, fs.Stat(*CgroupPath::Parse("web"))->id);
  EXPECT_EQ(web.cpu->usage_usec, 1'500'000U);
  EXPECT_EQ(web.memory_current, 1048576U);
  EXPECT_EQ(web.memory->anon, 1048576U);
  EXPECT_EQ(web.memory_events->oom_kill, 0U);
  EXPECT_EQ(web.pids_current, 1U);
  EXPECT_EQ(web.events->populated, true);
  EXPECT_EQ(web.counts->nr_descendants, 0U);
  EXPECT_EQ(web.cpu_pressure->some.total, 0U);
  EXPECT_EQ(web.limits.cpu_max, (CpuMax{Limit(50000), 100000}));
  EXPECT_EQ(web.limits.memory_max, Limit(16777216));
  EXPECT_EQ(web.limits.memory_high, Limit::Max());
  EXPECT_EQ(web.limits.io_max.rows.at("8:0").at("rbps"), Limit(1048576));
}

TEST(Sample, WhatThisKernelLacksIsAbsentAndNoFailure) {
  FakeCgroupFs::Options options;
  options.kernel.psi = false;
  options.kernel.swap = false;
  options.kernel.without_files = {"memory.peak", "pids.peak"};
  FakeCgroupFs fs = Tree(options);

  const UsageSnapshot snapshot = Sample(fs, {Target("web")});

  EXPECT_EQ(snapshot.unreadable, 0U);
  const CgroupUsage& web = snapshot.cgroups.at(0);
  EXPECT_EQ(web.cpu_pressure, std::nullopt);
  EXPECT_EQ(web.swap_current, std::nullopt);
  EXPECT_EQ(web.limits.swap_max, std::nullopt);
  EXPECT_EQ(web.memory_peak, std::nullopt);
  EXPECT_EQ(web.pids_peak, std::nullopt);
  EXPECT_EQ(web.memory_current, 0U);
}

TEST(Sample, FilesOfControllersThatAreNotHandedDownAreNotAskedFor) {
  FakeCgroupFs fs = Tree();
  support::FaultyCgroupFs counting(fs);

  Sample(counting, {Target("web", {Controller::kPids})});

  EXPECT_EQ(counting.calls(), 1U + 6U + 4U);  // Stat, the files of all cgroups, pids.*
}

TEST(Sample, ACgroupThatIsGoneHasNoRow) {
  FakeCgroupFs fs = Tree();

  const UsageSnapshot snapshot = Sample(fs, {Target("gone"), Target("web")});

  ASSERT_EQ(snapshot.cgroups.size(), 1U);
  EXPECT_EQ(snapshot.cgroups[0].names->path.text(), "web");
  EXPECT_EQ(snapshot.unreadable, 0U);
}

// Whenever it goes, there is no row with half of its figures.
TEST(Sample, ACgroupThatGoesInTheMiddleHasNoRow) {
  FakeCgroupFs whole = Tree();
  support::FaultyCgroupFs counting(whole);
  Sample(counting, {Target("web")});
  ASSERT_GT(counting.calls(), 20U);
  for (std::size_t n = 0; n < counting.calls(); ++n) {
    FakeCgroupFs fs = Tree();
    support::FaultyCgroupFs moving(fs);
    moving.Before(n, [&] { fs.ForeignRmdir("web"); });
    const UsageSnapshot snapshot = Sample(moving, {Target("web")});
    EXPECT_TRUE(snapshot.cgroups.empty()) << n;
    EXPECT_EQ(snapshot.unreadable, 0U) << n;
  }
}

TEST(Sample, WhatCanNotBeReadIsAbsentAndCounted) {
  FakeCgroupFs whole = Tree();
  support::FaultyCgroupFs counting(whole);
  Sample(counting, {Target("web")});
  for (std::size_t n = 0; n < counting.calls(); ++n) {
    FakeCgroupFs fs = Tree();
    support::FaultyCgroupFs faulty(fs);
    faulty.FailOnce(n, EIO);
    const UsageSnapshot snapshot = Sample(faulty, {Target("web")});
    ASSERT_EQ(snapshot.cgroups.size(), 1U) << n;
    EXPECT_EQ(snapshot.unreadable, 1U) << faulty.hit();
    EXPECT_EQ(snapshot.first_error->errno_value, EIO) << faulty.hit();
  }
}

TEST(Sample, ABirthIsOfOneLifeOnly) {
  FakeCgroupFs fs = Tree();
  SampleTarget target = Target("web");
  target.birth = Birth{fs.Stat(target.names->path)->id, 1'700'000'000'000'000};
  EXPECT_EQ(Sample(fs, {target}).cgroups[0].born_usec, 1'700'000'000'000'000U);

  fs.ForeignRmdir("web");
  fs.ForeignMkdir("web");

  EXPECT_EQ(Sample(fs, {target}).cgroups[0].born_usec, std::nullopt);
}

TEST(SampleTargets, InnerCgroupsAreToldFromLeaves) {
  Desired desired = testing::DesiredTree({{"web/api", {{"memory.max", "1048576"}}},
                                          {"web-old", {{"pids.max", "5"}}},
                                          {"web/db", {{"cpu.weight", "50"}}}});
  DesiredCgroup& api = desired.cgroups.at(*CgroupPath::Parse("web/api"));
  api.labels = {{"tenant", "acme"}, {"team", "blue"}};
  api.mark.file = std::make_shared<const SourceFile>(SourceFile{"10-web.yaml", "", 1, ""});
  api.mark.line = 3;

  std::map<std::string, const SampleTarget*> found;
  const std::vector<SampleTarget> targets = SampleTargets(desired);
  for (const SampleTarget& target : targets) found[target.names->path.text()] = &target;

  ASSERT_EQ(found.size(), 4U);
  EXPECT_TRUE(found["web"]->names->inner);
  EXPECT_FALSE(found["web-old"]->names->inner);
  EXPECT_FALSE(found["web/api"]->names->inner);
  EXPECT_EQ(found["web/api"]->names->tenant, "acme");
  EXPECT_EQ(found["web/api"]->names->policy, "10-web.yaml");
  EXPECT_THAT(found["web/api"]->names->labels, ElementsAre(Pair("team", "blue")));
  EXPECT_TRUE(found["web/api"]->controllers.Has(Controller::kMemory));
  EXPECT_TRUE(found["web"]->controllers.Has(Controller::kPids));
}

TEST(DeviceNames, ANameThatTwoDevicesClaimIsNeithers) {
  HostFacts facts;
  facts.devices = {{"/dev/sda", {"8:0", "sda"}},
                   {"/dev/sda1", {"8:0", "sda"}},
                   {"8:0", {"8:0", "sda"}},
                   {"/dev/x", {"259:0", "twin"}},
                   {"/dev/y", {"259:1", "twin"}}};

  EXPECT_THAT(DeviceNames(facts), UnorderedElementsAre(Pair("8:0", "sda")));
}

}  // namespace
}  // namespace reeve::engine
