// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/fake_cgroup_fs.h"
#include "support/faulty_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using support::FaultyCgroupFs;
using ::testing::AllOf;
using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::uint64_t kPage = 4096;

// Steps until the engine rests; more than any of these trees needs means that it never will.
void Settle(Engine& engine, Instant now) {
  int steps = 0;
  while (engine.Step(now)) ASSERT_LT(++steps, 2000);
}

std::string AllNotes(Engine& engine) {
  std::string all;
  for (const Note& note : engine.TakeNotes()) all += note.text + "\n";
  return all;
}

Desired Web(const std::string& pids_max = "100") {
  return DesiredTree({{"web", {{"pids.max", pids_max}, {"memory.max", "67108864"}}}});
}

TEST(Engine, BuildsWhatIsDesiredAndThenRests) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);

  engine.SetDesired(Web());
  Settle(engine, 1s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
  EXPECT_EQ(fs.Text("web", "memory.max"), "67108864");
  EXPECT_TRUE(engine.as_described());
  fs.ClearJournal();
  Settle(engine, 2s);
  EXPECT_THAT(fs.journal(), IsEmpty());
}

TEST(Engine, APlanForAnotherTreeKnowsWhichKeysWeSet) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  const Desired without = DesiredTree({{"web", {{"pids.max", "100"}}}});
  engine.SetDesired(without);
  Settle(engine, 1s);
  EXPECT_TRUE(engine.PlanFor(without, nullptr).empty());
  engine.SetDesired(Web());
  Settle(engine, 2s);
  fs.ClearJournal();

  const Desired before = Web();
  const Plan plan = engine.PlanFor(without, &before);

  EXPECT_FALSE(plan.empty()) << "memory.max is ours to reset";
  EXPECT_THAT(fs.journal(), IsEmpty());
}

TEST(Engine, AControllerThatIsTakenAwayInTheMiddleOfAnApplyIsNoFailure) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  engine.SetDesired(Web("200"));
  ASSERT_TRUE(engine.Step(2s)) << "it looks, and plans to set pids.max";
  fs.ForeignWrite("", "cgroup.subtree_control", "-pids");

  Settle(engine, 2s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "200");
  EXPECT_TRUE(engine.as_described());
  EXPECT_THAT(AllNotes(engine), ::testing::Not(HasSubstr("not as described")));
}

// F89: what can be made but not be read looks as if it were not there.
TEST(Engine, WithoutDescriptorsItWaitsInsteadOfTryingForEver) {
  FakeCgroupFs fs;
  FaultyCgroupFs faulty(fs, FaultyCgroupFs::Calls::kLooks);
  Engine engine(faulty, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  fs.ForeignWrite("web", "pids.max", "7");
  faulty.FailFrom(0, EMFILE);
  faulty.Restart();
  engine.MarkDirty();

  int steps = 0;
  while (engine.Step(2s)) ASSERT_LT(++steps, 100);

  EXPECT_FALSE(engine.as_described());
  ASSERT_TRUE(engine.NextWake());
  faulty.Heal();
  Settle(engine, *engine.NextWake());
  Settle(engine, *engine.NextWake());
  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
}

TEST(Engine, ASecondPassOverAConvergedTreeWritesNothing) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  fs.ClearJournal();

  engine.MarkDirty();
  Settle(engine, 2s);

  EXPECT_THAT(fs.journal(), IsEmpty());
}

TEST(Engine, AForeignWriteIsPutBackAndNamedWithItsPlace) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  engine.TakeNotes();

  fs.ForeignWrite("web", "pids.max", "max");
  engine.MarkDirty(*CgroupPath::Parse("web"));
  Settle(engine, 2s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
  EXPECT_EQ(engine.repaired(), 1U);
  EXPECT_THAT(AllNotes(engine), HasSubstr("drift: web pids.max back to 100 (was max)"));
}

TEST(Engine, AForeignRmdirIsRebuilt) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);

  fs.ForeignRmdir("web");
  engine.TakeNotes();
  engine.MarkDirty(CgroupPath());
  Settle(engine, 2s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
  EXPECT_THAT(AllNotes(engine), HasSubstr("drift: web was removed by somebody else, made again"));
}

TEST(Engine, AnotherCgroupOfTheSameNameIsGovernedButNeverRemoved) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);

  fs.ForeignRmdir("web");
  fs.ForeignMkdir("web");
  engine.MarkDirty();
  Settle(engine, 2s);
  EXPECT_EQ(fs.Text("web", "pids.max"), "100");

  engine.SetDesired(DesiredTree({}));
  Settle(engine, 3s);
  EXPECT_TRUE(fs.Exists("web"));
  EXPECT_EQ(fs.Text("web", "pids.max"), "max");
}

TEST(Engine, ControllersTakenAwayComeBackWithTheirLimits) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);

  fs.ForeignWrite("", "cgroup.subtree_control", "-memory");
  engine.MarkDirty();
  Settle(engine, 2s);

  EXPECT_EQ(fs.Text("web", "memory.max"), "67108864");
}

TEST(Engine, ACgroupThatLeavesThePolicyIsRemovedAndItsProcessesLive) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  const auto pid = fs.Spawn("web");

  engine.SetDesired(DesiredTree({{"other", {{"pids.max", "5"}}}}));
  Settle(engine, 2s);

  EXPECT_FALSE(fs.Exists("web"));
  EXPECT_TRUE(fs.kernel().Alive(pid));
  EXPECT_EQ(fs.kernel().CgroupOf(pid), fs.Absolute("_self"));
  fs.ClearJournal();
  engine.MarkDirty();
  Settle(engine, 3s);
  EXPECT_THAT(fs.journal(), IsEmpty());
}

TEST(Engine, F74_AHeldTighteningIsLookedAtAgainWithoutAnEvent) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);
  const auto pid = fs.Spawn("web", 32U << 20);

  engine.SetDesired(DesiredTree({{"web", {{"pids.max", "100"}, {"memory.max", "16777216"}}}}));
  Settle(engine, 2s);

  EXPECT_TRUE(fs.kernel().Alive(pid));
  EXPECT_EQ(fs.Text("web", "memory.max"), "67108864");
  EXPECT_FALSE(engine.as_described());
  EXPECT_THAT(AllNotes(engine), HasSubstr("held back"));
  ASSERT_TRUE(engine.NextWake().has_value());

  fs.kernel().Exit(pid);
  Settle(engine, *engine.NextWake());
  EXPECT_EQ(fs.Text("web", "memory.max"), "16777216");
  EXPECT_TRUE(engine.as_described());
}

TEST(Engine, F55_AFailingWriteCostsOnlyItselfAndIsTriedLaterAndLater) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  // Four CPUs: the kernel refuses this list with ERANGE whenever it is tried.
  engine.SetDesired(DesiredTree({{"web", {{"cpuset.cpus", "77"}, {"pids.max", "100"}}}}));
  Settle(engine, 1s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
  EXPECT_THAT(AllNotes(engine), AllOf(HasSubstr("set web cpuset.cpus"), HasSubstr("ERANGE")));
  EXPECT_EQ(*engine.NextWake(), Instant(3s));

  fs.ClearJournal();
  engine.MarkDirty();
  Settle(engine, 2s);
  EXPECT_THAT(fs.journal(), IsEmpty()) << "not due yet";
  Settle(engine, 3s);
  EXPECT_EQ(fs.journal().size(), 1U);
  EXPECT_EQ(*engine.NextWake(), Instant(7s));
  EXPECT_THAT(AllNotes(engine), ::testing::Not(HasSubstr("not as described"))) << "said once";
}

TEST(Engine, ANewGenerationEndsTheOldOneInTheMiddle) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  for (int i = 0; i < 3; ++i) engine.Step(1s);

  engine.SetDesired(DesiredTree({{"other", {{"pids.max", "5"}}}}));
  Settle(engine, 2s);

  EXPECT_THAT(fs.Tree(), ElementsAre("other"));
}

TEST(Engine, AnUnreadableTreeRemovesNothing) {
  FakeCgroupFs world;
  FaultyCgroupFs fs(world);
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);

  fs.Restart();
  fs.FailFrom(0, EIO);
  engine.SetDesired(DesiredTree({}));
  Settle(engine, 2s);
  EXPECT_TRUE(world.Exists("web"));
  EXPECT_THAT(AllNotes(engine), HasSubstr("could not be read whole"));

  fs.Heal();
  Settle(engine, *engine.NextWake());
  EXPECT_FALSE(world.Exists("web"));
}

TEST(Engine, TheSafetyPassFindsWhatNoEventTold) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web());
  Settle(engine, 1s);

  fs.ForeignWrite("web", "pids.max", "max");
  Settle(engine, *engine.NextWake());

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
}

FakeCgroupFs::Options Kernel(int version) {
  FakeCgroupFs::Options options;
  options.kernel.version = version;
  return options;
}

// Under cpu.idle a weight reads 0 on 6.1 and 1 later; the policy says nothing of cpu.idle.
TEST(Engine, AStrangersIdleIsDriftOfACgroupThatHasAWeight) {
  for (const int version : {601, 612, 702}) {
    for (const char* weight : {"1", "50", "300"}) {
      FakeCgroupFs fs(Kernel(version));
      Engine engine(fs, kPage);
      engine.SetDesired(DesiredTree({{"web", {{"cpu.weight", weight}}}}));
      Settle(engine, 1s);
      engine.TakeNotes();

      fs.ForeignWrite("web", "cpu.idle", "1");
      engine.MarkDirty();
      Settle(engine, 2s);

      EXPECT_EQ(fs.Text("web", "cpu.idle"), "0") << version;
      EXPECT_EQ(fs.Text("web", "cpu.weight"), weight) << version;
      EXPECT_THAT(AllNotes(engine), HasSubstr("drift: web cpu.idle back to 0")) << version;
      EXPECT_TRUE(engine.as_described());
      fs.ClearJournal();
      engine.MarkDirty();
      Settle(engine, 3s);
      EXPECT_THAT(fs.journal(), IsEmpty());
    }
  }
}

TEST(Engine, AnIdleThatThePolicyWantsIsLeftAloneAndSoIsAStrangersWithoutAWeight) {
  for (const int version : {601, 612}) {
    FakeCgroupFs fs(Kernel(version));
    Engine engine(fs, kPage);
    engine.SetDesired(DesiredTree({{"a", {{"cpu.weight", "300"}, {"cpu.max", "5000 10000"}}}}));
    Settle(engine, 1s);
    engine.SetDesired(DesiredTree({{"a", {{"cpu.idle", "1"}}}, {"b", {{"cpu.max", "max 10000"}}}}));
    Settle(engine, 2s);
    EXPECT_EQ(fs.Text("a", "cpu.idle"), "1");
    EXPECT_TRUE(engine.as_described());

    fs.ForeignWrite("b", "cpu.idle", "1");
    fs.ClearJournal();
    engine.MarkDirty();
    Settle(engine, 3s);

    EXPECT_THAT(fs.journal(), IsEmpty()) << version;
    EXPECT_EQ(fs.Text("b", "cpu.idle"), "1");
  }
}

// Before 7.0 the kernel says ENOSPC; the write waits until nobody is there, and is not forgotten.
TEST(Engine, AListOfCpusIsGivenBackWhenNobodyLivesThereAnyMore) {
  FakeCgroupFs fs(Kernel(612));
  Engine engine(fs, kPage);
  engine.SetDesired(DesiredTree({{"web", {{"cpuset.cpus", "0-1"}, {"pids.max", "9"}}}}));
  Settle(engine, 1s);
  const std::int64_t pid = fs.Spawn("web");
  fs.ClearJournal();

  Desired without = Web();
  without.root_subtree_control.Add(Controller::kCpuset);
  engine.SetDesired(without);
  Settle(engine, 2s);
  EXPECT_EQ(fs.Text("web", "cpuset.cpus"), "0-1");
  EXPECT_FALSE(engine.as_described());
  EXPECT_THAT(AllNotes(engine), HasSubstr("ENOSPC"));
  for (const auto& entry : fs.journal()) EXPECT_NE(entry.file, "cpuset.cpus");

  fs.kernel().Exit(pid);
  Settle(engine, 60s);
  EXPECT_EQ(fs.Text("web", "cpuset.cpus"), "");
  EXPECT_TRUE(engine.as_described());
}

TEST(Engine, AStrangersLimitsStayWhenACgroupAroundThemBecomesALeaf) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(DesiredTree({{"web", {}}, {"web/api", {{"memory.max", "67108864"}}}}));
  Settle(engine, 1s);
  fs.ForeignMkdir("web/theirs");
  fs.ForeignWrite("web/theirs", "memory.max", "4096000");
  fs.ForeignWrite("web/theirs", "cgroup.subtree_control", "+memory");
  const std::int64_t pid = fs.Spawn("web/api");

  engine.SetDesired(DesiredTree({{"web", {}}}));
  engine.MarkDirty();
  Settle(engine, 2s);

  EXPECT_EQ(fs.Text("web/theirs", "memory.max"), "4096000");
  EXPECT_EQ(fs.Text("web/theirs", "cgroup.subtree_control"), "memory");
  EXPECT_EQ(fs.kernel().CgroupOf(pid), fs.Absolute("web/_self"));
  EXPECT_FALSE(fs.Exists("web/api"));
  EXPECT_TRUE(engine.as_described()) << AllNotes(engine);
}

TEST(Engine, F104WhatAReeveInsideMadeIsAStrangers) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(DesiredTree({{"tenant", {{"memory.max", "67108864"}}}}));
  Settle(engine, 1s);
  // As one writes it whose managed root is `tenant`.
  fs.ForeignWrite("tenant", "cgroup.subtree_control", "+memory");
  fs.ForeignMkdir("tenant/job");
  ASSERT_TRUE(
      fs.WriteMark(*CgroupPath::Parse("tenant/job"), "reeve/1\ncreated\npath job\nset memory.max\n")
          .has_value());
  fs.ForeignWrite("tenant/job", "memory.max", "4096000");

  engine.MarkDirty();
  Settle(engine, 2s);
  EXPECT_EQ(fs.Text("tenant", "cgroup.subtree_control"), "memory");
  EXPECT_TRUE(engine.as_described()) << AllNotes(engine);

  engine.SetDesired(DesiredTree({{"web", {}}}));
  Settle(engine, 3s);
  EXPECT_EQ(fs.Text("tenant/job", "memory.max"), "4096000");
  EXPECT_EQ(fs.Text("tenant", "memory.max"), "max") << "its own limit is lifted";
}

TEST(Engine, AThreadedDomainOfThePolicyStaysAsItIs) {
  FakeCgroupFs fs;
  const Desired desired = DesiredTree(
      {{"web", {}}, {"web/t", {{"cgroup.type", "threaded"}, {"cpu.max", "5000 10000"}}}});
  Engine engine(fs, kPage);
  engine.SetDesired(desired);
  Settle(engine, 1s);
  EXPECT_EQ(fs.Text("web/t", "cgroup.type"), "threaded");
  const std::int64_t pid = fs.Spawn("web");
  fs.ClearJournal();

  engine.MarkDirty();
  engine.SetDesired(desired);
  Settle(engine, 2s);

  EXPECT_THAT(fs.journal(), IsEmpty());
  EXPECT_TRUE(engine.as_described());
  EXPECT_EQ(fs.kernel().CgroupOf(pid), fs.Absolute("web"));
}

TEST(Engine, AStrangersThreadsBelowTheManagedRootAreForeseen) {
  FakeCgroupFs fs;
  fs.ForeignWrite("", "cgroup.subtree_control", "");
  fs.ForeignMkdir("theirs");
  fs.ForeignWrite("theirs", "cgroup.type", "threaded");
  Engine engine(fs, kPage);

  engine.SetDesired(Web());
  Settle(engine, 1s);

  EXPECT_EQ(fs.Text("web", "pids.max"), "100");
  EXPECT_FALSE(engine.as_described());
  EXPECT_THAT(AllNotes(engine), HasSubstr("`theirs` is threaded, which makes the managed root"));
  EXPECT_TRUE(engine.last_report().ok());

  fs.ForeignRmdir("theirs");
  engine.MarkDirty();
  Settle(engine, 2s);
  EXPECT_EQ(fs.Text("web", "memory.max"), "67108864");
  EXPECT_TRUE(engine.as_described());
}

}  // namespace
}  // namespace reeve::engine
