// SPDX-License-Identifier: Apache-2.0
#include "core/engine/applier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/observe.h"
#include "core/engine/planning.h"
#include "support/fake_cgroup_fs.h"
#include "support/held_slow_writer.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using support::HeldSlowWriter;
using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::uint64_t kPage = 4096;

// A tree with two branches whose memory.max goes down and whose pids.max changes.
class SlowApplierTest : public ::testing::Test {
 protected:
  SlowApplierTest() : slow_(fs_) {
    ApplyAll(fs_, PlanFor("8192", "10"), kPage);
    plan_ = PlanFor("4096", "20");
    applier_.emplace(fs_, plan_, kPage, std::set<std::size_t>(), &slow_);
    fs_.ClearJournal();
  }

  Plan PlanFor(const std::string& memory, const std::string& pids) {
    Observer observer(fs_);
    return ObserveAndPlan(observer,
                          DesiredTree({{"a", {{"memory.max", memory}, {"pids.max", pids}}},
                                       {"a/x", {{"pids.max", pids}}},
                                       {"b", {{"memory.max", memory}, {"pids.max", pids}}}}),
                          {})
        .plan;
  }

  void StepAll(Instant now) {
    while (!applier_->done() && applier_->Step(now)) {
    }
  }

  std::size_t Count(Outcome::Kind kind) { return applier_->report().Count(kind); }

  FakeCgroupFs fs_;
  HeldSlowWriter slow_;
  Plan plan_;
  std::optional<Applier> applier_;
};

TEST_F(SlowApplierTest, AWriteThatEndsAtOnceKeepsTheOrder) {
  StepAll(1s);

  ASSERT_TRUE(applier_->done());
  EXPECT_TRUE(applier_->report().ok());
  std::vector<std::string> done;
  for (const auto& entry : fs_.journal()) done.push_back(entry.ToString());
  EXPECT_THAT(done,
              ElementsAre("write b memory.max 4096",
                          "write a memory.max 4096",
                          "write a pids.max 20",
                          "write a/x pids.max 20",
                          "write b pids.max 20"));
  EXPECT_THAT(slow_.writes(), ElementsAre("b memory.max 4096", "a memory.max 4096"));
}

TEST_F(SlowApplierTest, WhileOneHangsTheOtherBranchesGoOn) {
  slow_.Hold();

  StepAll(1s);

  EXPECT_FALSE(applier_->done());
  EXPECT_TRUE(applier_->owns_write());
  // b hangs: its own values wait in their order, and a's blocking write waits for the writer with
  // all that comes after it on its branch.
  EXPECT_EQ(fs_.Text("b", "pids.max"), "10");
  EXPECT_EQ(fs_.Text("a", "pids.max"), "10");
  ASSERT_TRUE(applier_->NextWake().has_value());

  slow_.LetGo();
  StepAll(2s);
  EXPECT_TRUE(applier_->done());
  EXPECT_TRUE(applier_->report().ok());
  EXPECT_EQ(fs_.Text("a/x", "pids.max"), "20");
}

TEST_F(SlowApplierTest, WhatHasNothingToDoWithTheHangingWriteGoesOn) {
  ApplyAll(fs_, plan_, kPage);
  plan_ = PlanFor("4096", "30");
  applier_.emplace(fs_, plan_, kPage, std::set<std::size_t>(), &slow_);
  slow_.Hold();
  slow_.Start({*CgroupPath::Parse("b"), "memory.reclaim", "4096"});

  StepAll(1s);

  EXPECT_EQ(fs_.Text("a", "pids.max"), "30");
  EXPECT_EQ(fs_.Text("a/x", "pids.max"), "30");
  EXPECT_EQ(fs_.Text("b", "pids.max"), "20");
  EXPECT_FALSE(applier_->owns_write());
  slow_.LetGo();
  (void)slow_.Poll();
  StepAll(2s);
  EXPECT_EQ(fs_.Text("b", "pids.max"), "30");
  EXPECT_TRUE(applier_->report().ok());
}

TEST_F(SlowApplierTest, AHangingWriteIsBrokenOff) {
  slow_.Hold();
  StepAll(1s);

  StepAll(*applier_->NextWake());
  EXPECT_EQ(slow_.interrupts(), 1);
  slow_.LetGo();
  StepAll(13s);

  EXPECT_TRUE(applier_->done());
  EXPECT_TRUE(applier_->report().ok());
}

TEST_F(SlowApplierTest, OneThatCanNotBeBrokenOffIsWaitedForNoLonger) {
  slow_.Hold();
  slow_.set_interruptible(false);

  Instant now = 1s;
  for (int i = 0; i < 5 && !applier_->done(); ++i) {
    StepAll(now);
    if (!applier_->done()) now = *applier_->NextWake();
  }

  ASSERT_TRUE(applier_->done());
  EXPECT_LE(now, 20s);
  EXPECT_EQ(Count(Outcome::Kind::kFailed), 1U);
  EXPECT_EQ(Count(Outcome::Kind::kSkipped), plan_.actions.size() - 1);
  EXPECT_FALSE(applier_->owns_write());
  EXPECT_NE(slow_.in_flight(), nullptr);
}

TEST_F(SlowApplierTest, WhatIsNewCanNotBlockAndIsWrittenDirectly) {
  FakeCgroupFs fs;
  HeldSlowWriter slow(fs);
  Observer observer(fs);
  const Plan plan =
      ObserveAndPlan(observer, DesiredTree({{"n", {{"memory.max", "4096"}}}}), {}).plan;
  Applier applier(fs, plan, kPage, {}, &slow);
  while (!applier.done()) ASSERT_TRUE(applier.Step(1s));

  EXPECT_TRUE(applier.report().ok());
  EXPECT_THAT(slow.writes(), IsEmpty());
}

}  // namespace
}  // namespace reeve::engine
