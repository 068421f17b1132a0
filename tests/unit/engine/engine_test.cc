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

}  // namespace
}  // namespace reeve::engine
