// SPDX-License-Identifier: Apache-2.0
// The engine over systemd's units instead of a tree of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/engine.h"
#include "support/fake_units.h"
#include "support/held_slow_writer.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeUnits;
using support::HeldSlowWriter;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::uint64_t kPage = 4096;
constexpr const char* kDb = "postgresql.service";

Desired UnitsOf(const std::map<std::string, testing::Files>& units,
                OnDrift on_drift = OnDrift::kReport) {
  Desired desired = testing::DesiredTree(units);
  desired.root_subtree_control = {};
  for (auto& entry : desired.cgroups) entry.second.on_drift = on_drift;
  return desired;
}

class Units : public ::testing::Test {
 protected:
  void Settle() {
    int steps = 0;
    while (engine_.Step(now_)) ASSERT_LT(++steps, 2000);
  }

  // A generation, and what systemd has of it then.
  void Enforce(Desired desired) {
    engine_.SetDesired(std::move(desired));
    Settle();
  }

  void LookAgain() {
    now_ += 1s;
    engine_.MarkDirty();
    Settle();
  }

  std::string Notes() {
    std::string all;
    for (const Note& note : engine_.TakeNotes()) all += note.text + "\n";
    return all;
  }

  FakeUnits fs_;
  HeldSlowWriter slow_{fs_};
  Engine engine_{fs_, kPage, plan::Ground::kUnits};
  Instant now_ = 1s;

  void SetUp() override { engine_.UseSlowWriter(slow_); }
};

TEST_F(Units, OnlyWhatIsNamedIsWrittenAndAllOfItSlowly) {
  fs_.Start(kDb);
  fs_.Start("cron.service");

  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}, {"cpu.weight", "800"}}}}));

  EXPECT_TRUE(engine_.as_described());
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "8589934592");
  EXPECT_EQ(fs_.Text(kDb, "cpu.weight"), "800");
  EXPECT_THAT(slow_.writes(), SizeIs(2));
  EXPECT_THAT(fs_.journal(),
              ElementsAre("mark postgresql.service",
                          "write postgresql.service memory.max 8589934592",
                          "write postgresql.service cpu.weight 800"));
  fs_.ClearJournal();
  LookAgain();
  EXPECT_THAT(fs_.journal(), IsEmpty());
}

TEST_F(Units, AUnitThatIsNotLoadedIsPending) {
  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}}}}));

  EXPECT_THAT(fs_.journal(), IsEmpty());
  ASSERT_THAT(engine_.plan().gaps, SizeIs(1));
  EXPECT_EQ(engine_.plan().gaps[0].kind, Gap::Kind::kPending);
  EXPECT_TRUE(engine_.as_described());

  fs_.Start(kDb);
  LookAgain();

  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "8589934592");
  EXPECT_THAT(engine_.plan().gaps, IsEmpty());
}

TEST_F(Units, AKeyThatIsGivenUpGetsBackWhatWasFound) {
  fs_.Start(kDb);
  fs_.SetProperty(kDb, "memory.max", "4294967296");
  Enforce(UnitsOf({{kDb,
                    {{"memory.max", "8589934592"},
                     {"cpu.weight", "800"},
                     {"io.max", "8:0 rbps=1000 wbps=max riops=max wiops=max"}}}}));
  EXPECT_EQ(fs_.Text(kDb, "io.max"), "8:0 rbps=1000 wbps=max riops=max wiops=max");

  Enforce(UnitsOf({{kDb, {{"pids.max", "100"}}}}));
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "4294967296");
  EXPECT_EQ(fs_.Text(kDb, "cpu.weight"), "[not set]");
  EXPECT_EQ(fs_.Text(kDb, "io.max"), "");

  Enforce(UnitsOf({}));
  EXPECT_EQ(fs_.Text(kDb, "pids.max"), "max");
  EXPECT_TRUE(engine_.as_described());
}

TEST_F(Units, ALimitIsNotGivenBackBelowWhatIsInUse) {
  fs_.Start(kDb);
  fs_.SetProperty(kDb, "memory.max", "4294967296");
  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}}}}));
  fs_.Use(kDb, 6442450944);

  Enforce(UnitsOf({}));
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "8589934592");
  EXPECT_THAT(engine_.plan().held, SizeIs(1));

  fs_.Use(kDb, 0);
  LookAgain();
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "4294967296");
}

// F63
TEST_F(Units, WhatOthersSetIsReportedAndStays) {
  fs_.Start(kDb);
  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}}}}));

  fs_.SetProperty(kDb, "memory.max", "1073741824");
  LookAgain();

  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "1073741824");
  EXPECT_FALSE(engine_.as_described());
  EXPECT_THAT(Notes(), HasSubstr("left so (on_drift: report)"));
}

TEST_F(Units, WhatOthersSetIsPutBackWhereThePolicySaysSo) {
  fs_.Start(kDb);
  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}}}}, OnDrift::kRepair));

  fs_.RawWrite(kDb, "memory.max", "max");
  LookAgain();
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "8589934592");

  fs_.SetProperty(kDb, "memory.max", "17179869184");
  LookAgain();
  EXPECT_EQ(fs_.Text(kDb, "memory.max"), "8589934592");
  EXPECT_EQ(engine_.repaired(), 2U);
}

TEST_F(Units, ARawWriteIsDriftUntilSystemdUndoesIt) {
  fs_.Start(kDb);
  Enforce(UnitsOf({{kDb, {{"memory.max", "8589934592"}}}}));

  fs_.RawWrite(kDb, "memory.max", "max");
  LookAgain();
  EXPECT_THAT(engine_.plan().drifted, SizeIs(1));

  fs_.DaemonReload();
  LookAgain();
  EXPECT_TRUE(engine_.as_described());
}

TEST_F(Units, AUnitThatComesUnderAnOldPolicyIsSetAndNotReported) {
  fs_.Start("app-worker@1.service");
  const std::map<std::string, testing::Files> both = {
      {"app-worker@1.service", {{"pids.max", "100"}}},
      {"app-worker@2.service", {{"pids.max", "100"}}}};
  Enforce(UnitsOf(both));

  fs_.Start("app-worker@2.service");
  LookAgain();

  EXPECT_EQ(fs_.Text("app-worker@2.service", "pids.max"), "100");
}

TEST_F(Units, AUnitThatStopsAndStartsKeepsItsLimits) {
  fs_.Start(kDb);
  Enforce(UnitsOf({{kDb, {{"pids.max", "100"}}}}));
  fs_.ClearJournal();

  fs_.Stop(kDb);
  LookAgain();
  EXPECT_TRUE(engine_.as_described());
  fs_.Start(kDb);
  LookAgain();

  EXPECT_EQ(fs_.Text(kDb, "pids.max"), "100");
  EXPECT_THAT(fs_.journal(), IsEmpty());
}

// A transient unit takes what was set with it.
TEST_F(Units, AUnitThatIsMadeAnewIsSetAnew) {
  fs_.Start("run-7.scope");
  Enforce(UnitsOf({{"run-7.scope", {{"pids.max", "100"}}}}));

  fs_.Vanish("run-7.scope");
  fs_.Start("run-7.scope");
  LookAgain();

  EXPECT_EQ(fs_.Text("run-7.scope", "pids.max"), "100");
}

TEST_F(Units, WhatSystemdCanNotExpressIsUnsupported) {
  fs_.Start(kDb);
  fs_.Lacks("memory.zswap.max");

  Enforce(UnitsOf({{kDb, {{"memory.zswap.max", "0"}, {"pids.max", "100"}}}}));

  EXPECT_EQ(fs_.Text(kDb, "pids.max"), "100");
  ASSERT_THAT(engine_.plan().gaps, SizeIs(1));
  EXPECT_EQ(engine_.plan().gaps[0].kind, Gap::Kind::kUnsupported);
}

// F96
TEST_F(Units, ASystemdThatDoesNotAnswerIsWaitedForWithoutStandingStill) {
  fs_.Start(kDb);
  slow_.Hold();
  slow_.set_interruptible(false);
  engine_.SetDesired(UnitsOf({{kDb, {{"pids.max", "100"}, {"cpu.weight", "50"}}}}));
  Settle();
  EXPECT_THAT(slow_.writes(), SizeIs(1));
  ASSERT_TRUE(engine_.NextWake());

  now_ = 20s;
  Settle();
  now_ = 40s;
  Settle();
  EXPECT_FALSE(engine_.as_described());
  EXPECT_THAT(Notes(), HasSubstr("systemd has not come back"));

  slow_.LetGo();
  Settle();
  now_ = 120s;
  Settle();
  EXPECT_TRUE(engine_.as_described());
  EXPECT_EQ(fs_.Text(kDb, "cpu.weight"), "50");
}

TEST_F(Units, AfterARestartWhatDiffersIsDrift) {
  fs_.Start(kDb);
  Enforce(UnitsOf({{kDb, {{"pids.max", "100"}}}}));
  fs_.SetProperty(kDb, "pids.max", "7");
  Engine next(fs_, kPage, plan::Ground::kUnits);
  next.AssumeInForce(std::make_shared<const Desired>(UnitsOf({{kDb, {{"pids.max", "100"}}}})));

  next.SetDesired(UnitsOf({{kDb, {{"pids.max", "100"}}}}));
  while (next.Step(2s)) {
  }

  EXPECT_EQ(fs_.Text(kDb, "pids.max"), "7");
  EXPECT_THAT(next.plan().drifted, SizeIs(1));
}

}  // namespace
}  // namespace reeve::engine
