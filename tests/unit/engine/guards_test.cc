// SPDX-License-Identifier: Apache-2.0
#include "core/engine/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace reeve::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CgroupPath Path(const std::string& text) {
  return *CgroupPath::Parse(text);
}

DesiredKnob Knob(const std::string& file, KnobValue value) {
  DesiredKnob knob;
  knob.knob = FindKnob(file);
  knob.value = std::move(value);
  return knob;
}

// `count` cgroups c0, c1, ... with a pids.max each.
Desired Tree(int count, std::uint64_t pids_max = 100) {
  Desired desired;
  for (int i = 0; i < count; ++i) {
    DesiredCgroup cgroup;
    cgroup.path = Path(fmt::format("c{}", i));
    cgroup.knobs.emplace("pids.max", Knob("pids.max", Limit(pids_max)));
    desired.cgroups.emplace(cgroup.path, std::move(cgroup));
  }
  return desired;
}

void Change(Desired& desired, int count) {
  for (int i = 0; i < count; ++i) {
    desired.cgroups.at(Path(fmt::format("c{}", i))).knobs.at("pids.max").value = Limit(7'000);
  }
}

std::vector<std::string> Names(const std::vector<GuardHit>& hits) {
  std::vector<std::string> names;
  for (const GuardHit& hit : hits) names.push_back(hit.name);
  return names;
}

class GuardsTest : public ::testing::Test {
 protected:
  std::vector<GuardHit> Ask() {
    GuardQuestion question;
    question.before = before ? &*before : nullptr;
    question.after = &after;
    question.plan = &plan;
    question.selves = selves;
    question.unit_selves = unit_selves;
    question.units_before = &units_before;
    question.units_after = &units_after;
    question.count_processes = [this] { return processes; };
    return AskGuards(question, limits, accepted);
  }

  std::optional<Desired> before = Tree(100);
  Desired after = Tree(100);
  Plan plan;
  std::set<CgroupPath> selves;
  std::set<CgroupPath> unit_selves;
  Desired units_before;
  Desired units_after;
  std::size_t processes = 0;
  GuardLimits limits;
  std::set<std::string> accepted;
};

TEST_F(GuardsTest, LetAUsualEditPass) {
  Change(after, 25);
  EXPECT_THAT(Ask(), IsEmpty());
}

TEST_F(GuardsTest, HoldBackWhenMoreThanAQuarterChanges) {
  Change(after, 26);
  const auto hits = Ask();
  ASSERT_THAT(Names(hits), ElementsAre("max_change"));
  EXPECT_EQ(hits[0].message, "26 of 100 cgroups change (26 %), allowed 25 %");
}

TEST_F(GuardsTest, HoldBackWhenMoreThanOneInTwentyGoes) {
  after = Tree(95);
  EXPECT_THAT(Ask(), IsEmpty());
  after = Tree(94);
  EXPECT_THAT(Names(Ask()), ElementsAre("max_remove"));
}

TEST_F(GuardsTest, UnitsCountLikeCgroups) {
  units_before = Tree(100);
  units_after = Tree(80);
  const auto hits = Ask();
  ASSERT_THAT(Names(hits), ElementsAre("max_remove"));
  EXPECT_THAT(hits[0].message, HasSubstr("20 of 200"));
}

TEST_F(GuardsTest, WhoAsksIsNotLockedOutByTheLimitOfASlice) {
  units_after.cgroups[Path("user.slice")].knobs.emplace("memory.max",
                                                        Knob("memory.max", Limit(1U << 20)));
  EXPECT_THAT(Ask(), IsEmpty());

  unit_selves = {Path("user.slice"), Path("user-1000.slice")};

  EXPECT_THAT(Names(Ask()), ElementsAre("self_lockout"));
}

TEST_F(GuardsTest, AFewCgroupsCanAlwaysBeEdited) {
  before = Tree(6);
  after = Tree(1);
  EXPECT_THAT(Ask(), IsEmpty());
  after = Tree(0);
  EXPECT_THAT(Names(Ask()), ElementsAre("max_remove"));
}

TEST_F(GuardsTest, WhatIsAcceptedPassesAndOnlyThat) {
  after = Tree(60);
  Change(after, 60);
  EXPECT_THAT(Names(Ask()), ElementsAre("max_remove", "max_change"));
  accepted = {"max_remove"};
  EXPECT_THAT(Names(Ask()), ElementsAre("max_change"));
  accepted = {"max_remove", "max_change"};
  EXPECT_THAT(Ask(), IsEmpty());
}

TEST_F(GuardsTest, TheFirstGenerationIsExemptFromShares) {
  before.reset();
  EXPECT_THAT(Ask(), IsEmpty());
}

TEST_F(GuardsTest, HoldBackWhenAQuarterOfTheProcessesMoves) {
  Action move;
  move.path = Path("c1");
  move.kind = MoveProcesses{Path("c2"), 30};
  plan.actions.push_back(move);
  processes = 200;
  EXPECT_THAT(Ask(), IsEmpty());
  processes = 100;
  EXPECT_THAT(Names(Ask()), ElementsAre("max_move"));
}

struct Lockout {
  const char* name;
  const char* file;
  KnobValue value;
};

class LockoutTest : public GuardsTest, public ::testing::WithParamInterface<Lockout> {};

TEST_P(LockoutTest, NobodyIsLockedOutWhoMustGoOn) {
  before.reset();
  after = Tree(1);
  after.cgroups.at(Path("c0"))
      .knobs.emplace(GetParam().file, Knob(GetParam().file, GetParam().value));
  EXPECT_THAT(Ask(), IsEmpty()) << "nobody of importance sits there";

  selves = {Path("c0/below")};
  after.cgroups.at(Path("c0"))
      .knobs.insert_or_assign(GetParam().file, Knob(GetParam().file, GetParam().value));
  const auto hits = Ask();
  ASSERT_THAT(Names(hits), ElementsAre("self_lockout"));
  EXPECT_THAT(hits[0].message, HasSubstr(GetParam().file));
}

INSTANTIATE_TEST_SUITE_P(Knobs,
                         LockoutTest,
                         ::testing::Values(Lockout{"memory", "memory.max", Limit(1U << 20)},
                                           Lockout{"frozen", "cgroup.freeze", Limit(1)},
                                           Lockout{"cpu", "cpu.max", CpuMax{Limit(1000), 1000000}}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace reeve::engine
