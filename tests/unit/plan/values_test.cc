// SPDX-License-Identifier: Apache-2.0
// Values that stand in each other's way, or in the way of those inside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan/diff.h"
#include "support/trees.h"
#include "unit/plan/make_it.h"

namespace reeve::plan {
namespace {

using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ObservedTree;
using testing::PlanLines;
using ::testing::SizeIs;

const Controller kCpuset = Controller::kCpuset;

Desired WithCpuset(const std::map<std::string, testing::Files>& tree) {
  Desired desired = DesiredTree(tree);
  desired.root_subtree_control.Add(kCpuset);
  return desired;
}

TEST(Values, AListOfCpusIsNotEmptiedWhileSomebodyLivesInside) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    const Observed observed = ObservedTree(
        {{"a", {.files = {{file, "0-1"}}}}, {"a/b", {.ours = false, .processes = {7}}}});

    const Plan plan = MakeIt(WithCpuset({{"a", {{file, ""}}}}), observed);

    EXPECT_THAT(PlanLines(plan, true), IsEmpty());
    ASSERT_THAT(plan.held, SizeIs(1));
    EXPECT_EQ(plan.held[0].file, file);
    EXPECT_EQ(plan.held[0].now, "0-1");
    EXPECT_THAT(plan.held[0].reason, HasSubstr("ENOSPC"));
    EXPECT_FALSE(plan.AsDescribed());
  }
}

TEST(Values, WhoLivesInsideIsAskedOnlyToEmptyAList) {
  Observed observed = ObservedTree({{"a", {.files = {{"cpuset.cpus", "0-1"}}}}});
  observed.cgroups.begin()->second.populated.reset();

  const PlanDraft empties = MakePlan(WithCpuset({{"a", {{"cpuset.cpus", ""}}}}), observed, {});
  const PlanDraft shrinks = MakePlan(WithCpuset({{"a", {{"cpuset.cpus", "1"}}}}), observed, {});

  EXPECT_THAT(empties.missing,
              ElementsAre(Evidence{*CgroupPath::Parse("a"), Evidence::Kind::kPopulated}));
  EXPECT_THAT(PlanLines(empties.plan), IsEmpty());
  EXPECT_THAT(shrinks.missing, IsEmpty());
}

TEST(Values, AnEmptyCgroupGivesItsCpusBack) {
  EXPECT_THAT(PlanLines(MakeIt(WithCpuset({{"a", {{"cpuset.cpus", ""}}}}),
                               ObservedTree({{"a", {.files = {{"cpuset.cpus", "0-1"}}}}}))),
              ElementsAre("set a cpuset.cpus=\n"));
}

TEST(Values, KernelsFromSevenOnLetAPopulatedCgroupGiveItsCpusBack) {
  Desired desired = WithCpuset({{"a", {{"cpuset.cpus", ""}}}});
  desired.populated_cpuset_empties = true;

  EXPECT_THAT(
      PlanLines(MakeIt(
          desired, ObservedTree({{"a", {.files = {{"cpuset.cpus", "0-1"}}, .processes = {7}}}}))),
      ElementsAre("set a cpuset.cpus=\n"));
}

TEST(Values, F78AListThatWaitsForItsCpusStaysAsItStands) {
  const Observed observed = ObservedTree({{"a", {.files = {{"cpuset.cpus", "1"}}}}});
  Desired desired = WithCpuset({{"a", {}}});
  EXPECT_THAT(PlanLines(MakeIt(desired, observed)), Not(IsEmpty())) << "it left the policy";

  Gap gap;
  gap.kind = Gap::Kind::kPending;
  gap.path = *CgroupPath::Parse("a");
  gap.file = "cpuset.cpus";
  desired.gaps.push_back(gap);

  EXPECT_THAT(PlanLines(MakeIt(desired, observed)), IsEmpty());
}

TEST(Values, AListThatLeftThePolicyIsRememberedUntilItCanBeEmptied) {
  const Observed observed = ObservedTree(
      {{"a", {.files = {{"cpuset.cpus", "0-1"}, {"pids.max", "5"}}, .processes = {7}}}});

  const Plan plan = MakeIt(WithCpuset({{"a", {}}}), observed);

  EXPECT_THAT(PlanLines(plan, true),
              ElementsAre("set a pids.max=max", "mark a created cpuset.cpus"));
  EXPECT_THAT(plan.held, SizeIs(1));
}

TEST(Values, AListThatGoesWithItsControllerNeedsNoWrite) {
  const Observed observed =
      ObservedTree({{"a", {}}, {"a/b", {.files = {{"cpuset.cpus", "0-1"}}, .processes = {7}}}});

  const Plan plan = MakeIt(WithCpuset({{"a", {}}, {"a/b", {}}}), observed);

  EXPECT_THAT(PlanLines(plan, true), ElementsAre("disable cpuset in a", "mark a/b created"));
  EXPECT_THAT(plan.held, IsEmpty());
}

TEST(Values, AStrangersIdleIsSwitchedOffBeforeTheWeightIsPutBack) {
  const Desired desired = DesiredTree({{"a", {{"cpu.weight", "50"}}}});
  PlanOptions options;
  options.previous = &desired;
  for (const char* weight : {"0", "1"}) {
    Observed observed = ObservedTree({{"a", {.files = {{"cpu.weight", weight}}}}});
    observed.cgroups.begin()->second.files["cpu.idle"] = {"1", nullptr};

    const Plan plan = MakePlan(desired, observed, options).plan;

    EXPECT_THAT(PlanLines(plan, true), ElementsAre("set a cpu.idle=0", "set a cpu.weight=50"));
    ASSERT_THAT(plan.actions, SizeIs(2));
    EXPECT_TRUE(plan.actions[0].reason.drift);
  }
}

TEST(Values, AWeightOfOneUnderAStrangersIdleIsNotInForce) {
  Observed observed = ObservedTree({{"a", {.files = {{"cpu.weight", "1"}}}}});
  observed.cgroups.begin()->second.files["cpu.idle"] = {"1", nullptr};

  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({{"a", {{"cpu.weight", "1"}}}}), observed)),
              ElementsAre("set a cpu.idle=0", "set a cpu.weight=1"));
}

TEST(Values, AWeightThatLeftThePolicyIsNotResetUnderAStrangersIdle) {
  Observed observed = ObservedTree({{"a", {.files = {{"cpu.weight", "0"}}}}});
  observed.cgroups.begin()->second.files["cpu.idle"] = {"1", nullptr};

  EXPECT_THAT(PlanLines(MakeIt(WithCpuset({{"a", {}}}), observed), true),
              ElementsAre("enable cpuset in .", "mark a created"));
}

TEST(Values, AWeightThatGetsItsOtherNameIsNotReset) {
  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({{"a", {{"cpu.weight.nice", "5"}}}}),
                               ObservedTree({{"a", {.files = {{"cpu.weight", "300"}}}}}))),
              ElementsAre("set a cpu.weight.nice=5"));
}

TEST(Values, WhatARawKeyFoundIsRememberedWhenAnotherKeyLeavesAtTheSameTime) {
  Observed observed = ObservedTree({{"a", {.files = {{"pids.max", "5"}}}}});
  observed.cgroups.begin()->second.files["x.new"] = {"found", nullptr};

  const Plan plan = MakeIt(DesiredTree({{"a", {{"x.new", "mine"}}}}), observed);

  std::vector<std::string> originals;
  for (const Action& action : plan.actions) {
    const auto* write = std::get_if<WriteMark>(&action.kind);
    if (write != nullptr) originals.push_back(write->mark.keys.at("x.new"));
  }
  EXPECT_THAT(originals, ElementsAre("found", "found"));
}

}  // namespace
}  // namespace reeve::plan
