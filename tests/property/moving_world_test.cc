// SPDX-License-Identifier: Apache-2.0
// F58 to F61, F68, F69: the world moves just before each call that reeve makes. Nobody is harmed, nothing of others
// is taken, and a few passes later everything is as desired.
#include <gtest/gtest.h>

#include <ostream>

#include <fmt/format.h>

#include "core/engine/applier.h"
#include "core/engine/planning.h"
#include "property/random_world.h"
#include "support/faulty_cgroup_fs.h"

namespace reeve::property {
namespace {

using support::FakeCgroupFs;
using support::FaultyCgroupFs;

Trees Before() {
  return {{"old", {{"pids.max", "50"}}},
          {"web", {{"memory.max", "209715200"}, {"cpuset.cpus", "0-3"}}},
          {"work", {{"pids.max", "100"}}}};
}

Trees After() {
  return {{"new", {{"pids.max", "30"}}},
          {"web", {{"memory.max", "104857600"}, {"cpuset.cpus", "2-5"}}},
          {"work", {{"pids.max", "200"}}},
          {"work/api", {{"memory.high", "52428800"}, {"cpu.weight", "50"}}}};
}

struct World {
  FakeCgroupFs fs{EveryFile()};
  Inhabitants inhabitants;
  Desired desired;

  explicit World(bool accounts) : desired(DesiredOf(After(), accounts)) {
    Apply(fs, DesiredOf(Before(), accounts));
    for (const char* path : {"old", "web", "work"}) {
      inhabitants.processes.push_back(fs.Spawn(path, 10U << 20));
    }
    fs.ForeignMkdir("theirs");
    inhabitants.foreign["theirs"] = fs.Spawn("theirs");
  }

  static std::size_t Apply(port::CgroupFs& fs, const Desired& desired) {
    engine::Observer observer(fs);
    Plan plan = engine::ObserveAndPlan(observer, desired, {}).plan;
    engine::ApplyAll(fs, plan, support::kPageSize);
    return plan.actions.size();
  }
};

// What somebody does; false when the kernel did not let them.
using Deed = bool (*)(World&);

bool EnterWork(World& world) {
  std::int64_t pid = 0;
  if (world.fs.kernel().Spawn(world.fs.Absolute("work"), &pid) != 0) return false;
  world.inhabitants.processes.push_back(pid);
  return true;
}

bool EverybodyForks(World& world) {
  for (std::int64_t parent : std::vector<std::int64_t>(world.inhabitants.processes)) {
    std::int64_t child = 0;
    if (world.fs.kernel().Fork(parent, &child) == 0) world.inhabitants.processes.push_back(child);
  }
  return true;
}

bool EverybodyDies(World& world) {
  for (std::int64_t pid : world.inhabitants.processes) world.fs.kernel().Exit(pid);
  world.inhabitants.processes.clear();
  return true;
}

bool TakeNewAway(World& world) {
  return world.fs.kernel().Rmdir(world.fs.Absolute("new")) == 0;
}

bool MakeNewAgain(World& world) {
  if (world.fs.kernel().Rmdir(world.fs.Absolute("new")) != 0) return false;
  world.fs.ForeignMkdir("new");
  return true;
}

bool MakeNewFirst(World& world) {
  if (world.fs.kernel().Mkdir(world.fs.Absolute("new")) != 0) return false;
  world.inhabitants.processes.push_back(world.fs.Spawn("new"));
  return true;
}

bool MakeApiFirst(World& world) {
  return world.fs.kernel().Mkdir(world.fs.Absolute("work/api")) == 0;
}

bool SetMemory(World& world) {
  return world.fs.kernel().Write(world.fs.Absolute("web"), "memory.max", "150M") == 0;
}

bool TakeControllersAway(World& world) {
  return world.fs.kernel().Write(
             world.fs.Absolute("work"), "cgroup.subtree_control", "-cpu -memory -pids -io") == 0;
}

bool FreezeWeb(World& world) {
  return world.fs.kernel().Write(world.fs.Absolute("web"), "cgroup.freeze", "1") == 0;
}

struct Move {
  const char* name;
  Deed deed;
};

void PrintTo(const Move& move, std::ostream* out) {
  *out << move.name;
}

class MovingWorld : public ::testing::TestWithParam<std::tuple<Move, bool>> {};

TEST_P(MovingWorld, ConvergesAndHarmsNobody) {
  const auto& [move, accounts] = GetParam();
  std::size_t calls = 0;
  {
    World world(accounts);
    FaultyCgroupFs counting(world.fs);
    World::Apply(counting, world.desired);
    calls = counting.calls();
  }
  std::size_t happened = 0;
  for (std::size_t n = 0; n < calls; ++n) {
    SCOPED_TRACE(fmt::format("before call {}", n));
    World world(accounts);
    FaultyCgroupFs moving(world.fs);
    moving.Before(n, [&, deed = std::get<0>(GetParam()).deed] { happened += deed(world) ? 1 : 0; });
    World::Apply(moving, world.desired);

    std::size_t planned = 1;
    for (int pass = 0; pass < 4 && planned != 0; ++pass) {
      planned = World::Apply(world.fs, world.desired);
    }

    ASSERT_EQ(planned, 0U);
    ASSERT_EQ(Differences(world.fs, world.desired, world.inhabitants), "");
    ASSERT_EQ(Harm(world.fs, world.inhabitants), "");
  }
  EXPECT_GT(happened, 0U);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<Move, bool>>& info) {
  return std::string(std::get<0>(info.param).name) + (std::get<1>(info.param) ? "_Accounts" : "");
}

INSTANTIATE_TEST_SUITE_P(
    All,
    MovingWorld,
    ::testing::Combine(::testing::Values(Move{"F61_AProcessEntersAnInnerCgroup", EnterWork},
                                         Move{"F31_EverybodyForks", EverybodyForks},
                                         Move{"EverybodyDies", EverybodyDies},
                                         Move{"F59_ACgroupIsRemoved", TakeNewAway},
                                         Move{"F60_ACgroupIsMadeAgain", MakeNewAgain},
                                         Move{"ACgroupIsMadeFirst", MakeNewFirst},
                                         Move{"AnInnersChildIsMadeFirst", MakeApiFirst},
                                         Move{"F62_ALimitIsWritten", SetMemory},
                                         Move{"F58_ControllersAreTakenAway", TakeControllersAway},
                                         Move{"ACgroupIsFrozen", FreezeWeb}),
                       ::testing::Bool()),
    NameOf);

// A cgroup that somebody made at the very moment when reeve wanted to stays theirs.
TEST(MovingWorld, WhatOthersMadeFirstIsNeverRemoved) {
  const std::size_t calls = [] {
    World counted(true);
    FaultyCgroupFs counting(counted.fs);
    World::Apply(counting, counted.desired);
    return counting.calls();
  }();
  for (std::size_t n = 0; n < calls; ++n) {
    SCOPED_TRACE(fmt::format("before call {}", n));
    World raced(true);
    bool theirs = false;
    FaultyCgroupFs moving(raced.fs);
    moving.Before(n, [&] { theirs = MakeApiFirst(raced); });
    World::Apply(moving, raced.desired);
    for (int pass = 0; pass < 4; ++pass) World::Apply(raced.fs, raced.desired);

    for (int pass = 0; pass < 3; ++pass) World::Apply(raced.fs, DesiredOf(Before(), true));

    ASSERT_EQ(raced.fs.Exists("work/api"), theirs);
  }
}

// Where nothing but threaded controllers is handed down, the kernel lets processes into an inner cgroup, and its
// children can take in nobody any more.
TEST(MovingWorld, F68_AProcessInAnInnerCgroupOfThreadedControllersFindsAHome) {
  const Desired desired = DesiredOf({{"a", {}}, {"a/b", {{"pids.max", "50"}}}}, false);
  FakeCgroupFs fs(EveryFile());
  World::Apply(fs, desired);
  const std::int64_t pid = fs.Spawn("a");
  ASSERT_EQ(fs.Text("a", "cgroup.type"), "domain threaded");

  World::Apply(fs, desired);
  World::Apply(fs, desired);

  EXPECT_EQ(fs.Text("a", "cgroup.type"), "domain");
  EXPECT_EQ(fs.kernel().CgroupOf(pid), fs.Absolute("a/_self"));
  EXPECT_EQ(fs.Text("a/b", "pids.max"), "50");
  EXPECT_EQ(World::Apply(fs, desired), 0U);
}

// Threaded cgroups of others below ours are left as they are.
TEST(MovingWorld, F69_ThreadedCgroupsOfOthersStay) {
  World world(true);
  World::Apply(world.fs, world.desired);
  world.fs.ForeignMkdir("theirs/workers");
  world.fs.ForeignWrite("theirs/workers", "cgroup.type", "threaded");

  World::Apply(world.fs, world.desired);

  EXPECT_EQ(World::Apply(world.fs, world.desired), 0U);
  EXPECT_EQ(world.fs.Text("theirs", "cgroup.type"), "domain threaded");
  EXPECT_EQ(world.fs.Text("theirs/workers", "cgroup.type"), "threaded");
  EXPECT_EQ(Harm(world.fs, world.inhabitants), "");
}

// F71: rmdir is refused for a while, because the dead are not gone yet.
TEST(MovingWorld, F71_WhatCanNotBeRemovedNowIsRemovedLater) {
  World world(true);
  FaultyCgroupFs slow(world.fs, FaultyCgroupFs::Calls::kChanges);
  World::Apply(slow, world.desired);
  const std::size_t changes = slow.calls();
  for (std::size_t n = 0; n < changes; ++n) {
    World again(true);
    FaultyCgroupFs busy(again.fs, FaultyCgroupFs::Calls::kChanges);
    busy.FailOnce(n, EBUSY);
    World::Apply(busy, again.desired);
    if (!busy.hit().starts_with("remove")) continue;

    EXPECT_TRUE(again.fs.Exists("old"));
    World::Apply(again.fs, again.desired);

    EXPECT_FALSE(again.fs.Exists("old"));
    EXPECT_EQ(Harm(again.fs, again.inhabitants), "");
    return;
  }
  FAIL() << "nothing was removed";
}

}  // namespace
}  // namespace reeve::property
