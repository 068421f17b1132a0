// SPDX-License-Identifier: Apache-2.0
// Staged shrinks as the engine does them, on the fake kernel (F74).
#include "core/engine/shrinker.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/engine.h"
#include "support/fake_cgroup_fs.h"
#include "support/held_slow_writer.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using support::HeldSlowWriter;
using ::testing::Contains;
using testing::DesiredTree;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = 1U << 20;
constexpr std::uint64_t kPage = 4096;

class ShrinkerTest : public ::testing::Test {
 protected:
  explicit ShrinkerTest(FakeCgroupFs::Options options = {})
      : fs_(std::move(options)), slow_(fs_), engine_(fs_, kPage) {
    engine_.UseSlowWriter(slow_);
  }

  static Desired Web(std::uint64_t mib, const testing::Files& more = {}) {
    testing::Files files{{"memory.max", std::to_string(mib * kMiB)}};
    files.insert(more.begin(), more.end());
    return DesiredTree({{"web", files}});
  }

  // The engine's own time goes by, and the workload does its part every 100 ms.
  void Pass(Instant length) {
    const Instant end = now_ + length;
    for (; now_ < end; now_ += 100ms) {
      int steps = 0;
      while (engine_.Step(now_)) ASSERT_LT(++steps, 2000);
      for (Note& note : engine_.TakeNotes()) notes_ += note.text + "\n";
      workload_();
    }
  }

  void Begin(std::uint64_t mib) {
    engine_.SetDesired(Web(mib));
    Pass(1s);
    notes_.clear();
  }

  std::string Max() { return fs_.Text("web", "memory.max"); }

  std::string High() { return fs_.Text("web", "memory.high"); }

  std::string Mark() { return **fs_.ReadMark(*CgroupPath::Parse("web")); }

  FakeCgroupFs fs_;
  HeldSlowWriter slow_;
  Engine engine_;
  Instant now_{1s};
  std::string notes_;
  std::function<void()> workload_ = [] {};
};

TEST_F(ShrinkerTest, CacheIsGivenBackInSlicesAndTheLimitIsWrittenWithoutAKill) {
  Begin(2000);
  const auto pid = fs_.Spawn("web", 100 * kMiB);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(2s);
  ASSERT_EQ(engine_.shrinks().size(), 1U);
  EXPECT_EQ(engine_.shrinks()[0].target, 256 * kMiB);
  EXPECT_EQ(engine_.shrinks()[0].from, 1000 * kMiB);
  EXPECT_LT(engine_.shrinks()[0].now, 1000 * kMiB);
  EXPECT_EQ(engine_.shrinks()[0].state, ShrinkCourse::State::kReclaiming);
  EXPECT_EQ(Max(), std::to_string(2000 * kMiB));
  EXPECT_NE(High(), "max");
  EXPECT_EQ(std::to_string(engine_.shrinks()[0].brake.value().value()), High());
  EXPECT_EQ(
      std::get<std::string>(
          engine_.desired().cgroups.at(*CgroupPath::Parse("web")).knobs.at("memory.high").value),
      High());
  EXPECT_THAT(Mark(), HasSubstr("set memory.high max"));

  Pass(60s);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_EQ(High(), "max");
  EXPECT_THAT(Mark(), Not(HasSubstr("memory.high")));
  EXPECT_TRUE(fs_.kernel().Alive(pid));
  EXPECT_THAT(fs_.Text("web", "memory.events"), HasSubstr("oom_kill 0"));
  EXPECT_TRUE(engine_.as_described());
  EXPECT_THAT(engine_.shrinks(), IsEmpty());
  EXPECT_THAT(slow_.writes(), Contains(StartsWith("web memory.reclaim ")));
}

TEST_F(ShrinkerTest, WhoeverEndsInOrderLeavesNoBrakeBehind) {
  Begin(2000);
  (void)fs_.WriteFile(*CgroupPath::Parse("web"), "memory.high", std::to_string(1500 * kMiB));
  Pass(1s);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);
  engine_.SetDesired(Web(256));
  Pass(2s);
  ASSERT_LT(std::stoull(High()), 1000 * kMiB);

  engine_.LetGo();

  EXPECT_EQ(High(), std::to_string(1500 * kMiB));
  EXPECT_THAT(Mark(), HasSubstr(fmt::format("set memory.high {}", 1500 * kMiB)))
      << "the next one gives that back, too";
}

TEST_F(ShrinkerTest, IsSaidWhenItBeginsAndWhenItIsDoneAndNotInBetween) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(60s);

  EXPECT_THAT(notes_,
              StartsWith("web memory.max goes down from 2097152000 to 268435456 in slices"));
  EXPECT_THAT(notes_, HasSubstr("web memory.max is down at 268435456, from 900 MiB in use"));
  EXPECT_THAT(notes_, Not(HasSubstr("not as described")));
  EXPECT_THAT(notes_, Not(HasSubstr("drift")));
  EXPECT_LE(std::count(notes_.begin(), notes_.end(), '\n'), 4) << notes_;
}

TEST_F(ShrinkerTest, WhatCanNotBeGivenBackWaitsAndIsSaidOnce) {
  Begin(2000);
  const auto pid = fs_.Spawn("web", 1024 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(10min);

  EXPECT_EQ(Max(), std::to_string(2000 * kMiB));
  EXPECT_EQ(High(), "max");
  EXPECT_TRUE(fs_.kernel().Alive(pid));
  ASSERT_EQ(engine_.shrinks().size(), 1U);
  EXPECT_EQ(engine_.shrinks()[0].state, ShrinkCourse::State::kWaiting);
  EXPECT_EQ(engine_.shrinks()[0].reason, "nothing more can be reclaimed");
  EXPECT_FALSE(engine_.shrinks()[0].brake.has_value());
  EXPECT_THAT(notes_, HasSubstr("web memory.max waits at 2097152000, wanted 268435456"));
  const auto first = notes_.find("waits at");
  EXPECT_EQ(notes_.find("waits at", first + 1), std::string::npos) << notes_;

  fs_.kernel().Exit(pid);
  Pass(1min);
  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
}

TEST_F(ShrinkerTest, WhatIsInUseAllTheTimeIsNotTakenForLong) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 1024 * kMiB);
  // As much as the brake lets it have; the fake's kernel has no reclaim that hurts.
  workload_ = [&] { fs_.kernel().UseCache(fs_.Absolute("web"), 1024 * kMiB); };

  engine_.SetDesired(Web(256));
  Pass(20s);

  EXPECT_EQ(Max(), std::to_string(2000 * kMiB));
  EXPECT_EQ(High(), "max");
  EXPECT_THAT(notes_, HasSubstr("were wanted back at once"));
}

TEST_F(ShrinkerTest, PressureLetsTheBrakeGo) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 1024 * kMiB);
  workload_ = [&] { fs_.kernel().StallForMemory(fs_.Absolute("web"), 60'000, 20'000); };

  engine_.SetDesired(Web(256));
  Pass(5s);

  EXPECT_EQ(High(), "max");
  EXPECT_THAT(notes_, HasSubstr("pressure some"));
  workload_ = [] {};
  Pass(2min);
  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
}

TEST_F(ShrinkerTest, ARepairIsStagedToo) {
  Begin(256);
  fs_.ForeignWrite("web", "memory.max", "max");
  const auto pid = fs_.Spawn("web", 50 * kMiB);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.MarkDirty(*CgroupPath::Parse("web"));
  Pass(1s);
  EXPECT_EQ(Max(), "max");
  EXPECT_EQ(engine_.shrinks().size(), 1U);
  Pass(60s);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_TRUE(fs_.kernel().Alive(pid));
  EXPECT_THAT(notes_, HasSubstr("drift: web memory.max back to 268435456"));
}

TEST_F(ShrinkerTest, AnEditThatTookItsTimeIsNoDrift) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(60s);

  EXPECT_EQ(engine_.repaired(), 0U);
}

TEST_F(ShrinkerTest, AHighOfThePolicyComesBackAfterwards) {
  const testing::Files high{{"memory.high", std::to_string(1500 * kMiB)}};
  engine_.SetDesired(Web(2000, high));
  Pass(1s);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.SetDesired(Web(256, high));
  Pass(3s);
  EXPECT_NE(High(), std::to_string(1500 * kMiB));
  Pass(60s);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_EQ(High(), std::to_string(1500 * kMiB));
  EXPECT_TRUE(engine_.as_described());
}

TEST_F(ShrinkerTest, ALowerHighThatCameWithTheLowerMaxWaitsWithIt) {
  Begin(2000);
  fs_.Spawn("web", 1024 * kMiB);

  engine_.SetDesired(Web(256, {{"memory.high", std::to_string(200 * kMiB)}}));
  Pass(30s);

  EXPECT_EQ(High(), "max") << "those inside would stand nearly still for nothing";
}

TEST_F(ShrinkerTest, BothComeDownWhenTheUseDoes) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 1024 * kMiB);

  engine_.SetDesired(Web(256, {{"memory.high", std::to_string(200 * kMiB)}}));
  Pass(60s);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_EQ(High(), std::to_string(200 * kMiB));
  EXPECT_TRUE(engine_.as_described());
}

TEST_F(ShrinkerTest, AnotherReeveLetsTheBrakeOfACrashedOneGo) {
  Begin(2000);
  fs_.ForeignWrite("web", "memory.high", std::to_string(1900 * kMiB));
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);
  engine_.SetDesired(Web(256));
  Pass(3s);
  ASSERT_NE(High(), std::to_string(1900 * kMiB));

  HeldSlowWriter slow(fs_);
  Engine next(fs_, kPage);
  next.UseSlowWriter(slow);
  next.SetDesired(Web(2000));
  int steps = 0;
  while (next.Step(now_)) ASSERT_LT(++steps, 2000);

  EXPECT_EQ(High(), std::to_string(1900 * kMiB)) << "what was found, not the default";
  EXPECT_TRUE(next.as_described());
}

TEST_F(ShrinkerTest, APolicyThatIsTakenBackEndsIt) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);
  engine_.SetDesired(Web(256));
  Pass(3s);
  ASSERT_NE(High(), "max");

  engine_.SetDesired(Web(2000));
  Pass(2s);

  EXPECT_EQ(High(), "max");
  EXPECT_THAT(engine_.shrinks(), IsEmpty());
  EXPECT_TRUE(engine_.as_described());
}

TEST_F(ShrinkerTest, ACgroupThatGoesMeanwhileEndsIt) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);
  engine_.SetDesired(Web(256));
  Pass(2s);

  fs_.ForeignRmdir("web");
  engine_.MarkDirty(CgroupPath());
  Pass(2s);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_EQ(High(), "max");
  EXPECT_THAT(engine_.shrinks(), IsEmpty());
}

TEST_F(ShrinkerTest, ASliceThatHangsIsBrokenOffAndStopsNobodyElse) {
  Begin(2000);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);
  engine_.SetDesired(Web(256));
  while (slow_.in_flight() == nullptr || slow_.in_flight()->file != "memory.reclaim") {
    slow_.Hold();
    if (slow_.in_flight() != nullptr && slow_.in_flight()->file != "memory.reclaim") slow_.LetGo();
    now_ += 10ms;
    engine_.Step(now_);
  }

  Desired both = Web(256);
  both.cgroups.merge(DesiredTree({{"other", {{"pids.max", "7"}}}}).cgroups);
  both.root_subtree_control.Add(Controller::kPids);
  engine_.SetDesired(both);
  Pass(1s);
  EXPECT_EQ(fs_.Text("other", "pids.max"), "7");
  EXPECT_EQ(slow_.interrupts(), 0);
  Pass(15s);
  EXPECT_GE(slow_.interrupts(), 1);
}

TEST_F(ShrinkerTest, WithoutASlowWriterItWaitsAsBefore) {
  FakeCgroupFs fs;
  Engine engine(fs, kPage);
  engine.SetDesired(Web(2000));
  while (engine.Step(1s)) {
  }
  fs.kernel().FillCache(fs.Absolute("web"), 900 * kMiB);
  engine.SetDesired(Web(256));
  for (Instant now = 2s; now < 100s; now += 1s) {
    while (engine.Step(now)) {
    }
  }
  EXPECT_EQ(fs.Text("web", "memory.max"), std::to_string(2000 * kMiB));
  EXPECT_EQ(fs.Text("web", "memory.high"), "max");
}

class OldKernelTest : public ShrinkerTest {
 protected:
  OldKernelTest() : ShrinkerTest(Old()) {}

  static FakeCgroupFs::Options Old() {
    FakeCgroupFs::Options options;
    options.kernel.without_files = {"memory.reclaim", "memory.pressure"};
    return options;
  }
};

TEST_F(OldKernelTest, TheBrakeAloneBringsItDown) {
  Begin(2000);
  const auto pid = fs_.Spawn("web", 50 * kMiB);
  fs_.kernel().FillCache(fs_.Absolute("web"), 900 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(2min);

  EXPECT_EQ(Max(), std::to_string(256 * kMiB));
  EXPECT_EQ(High(), "max");
  EXPECT_TRUE(fs_.kernel().Alive(pid));
}

TEST_F(OldKernelTest, WhatCanNotBeGivenBackIsNotLeftUnderTheBrake) {
  Begin(2000);
  fs_.Spawn("web", 900 * kMiB);

  engine_.SetDesired(Web(256));
  Pass(20s);

  EXPECT_EQ(Max(), std::to_string(2000 * kMiB));
  EXPECT_EQ(High(), "max");
}

}  // namespace
}  // namespace reeve::engine
