// SPDX-License-Identifier: Apache-2.0
// Strangers inside our cgroups keep what they are given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan/diff.h"
#include "support/trees.h"
#include "unit/plan/make_it.h"

namespace reeve::plan {
namespace {

using testing::DesiredTree;
using ::testing::ElementsAre;
using testing::ObservedTree;
using testing::PlanLines;
using ::testing::SizeIs;

TEST(Removal, AStrangerInALeafKeepsItsControllersAndTheSelfLeafBesideIt) {
  const Observed observed = ObservedTree({{"web", {}},
                                          {"web/_self", {.processes = {7}}},
                                          {"web/api", {.files = {{"memory.max", "8192"}}}},
                                          {"web/theirs", {.ours = false, .processes = {9}}}});

  const Plan plan = MakeIt(DesiredTree({{"web", {}}}), observed);

  EXPECT_THAT(PlanLines(plan), ElementsAre("remove web/api"));
}

TEST(Removal, TheyAreTakenAwayOnceTheStrangerIsGone) {
  const Observed observed = ObservedTree({{"web", {}},
                                          {"web/_self", {.processes = {7}}},
                                          {"web/api", {.files = {{"memory.max", "8192"}}}}});

  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({{"web", {}}}), observed)),
      ElementsAre(
          "disable memory in web", "remove web/api", "move web/_self -> web", "remove web/_self"));
}

TEST(Removal, ProcessesGoToTheSelfLeafOfACgroupThatHandsDownForAStranger) {
  const Observed observed =
      ObservedTree({{"web", {}},
                    {"web/api", {.files = {{"memory.max", "8192"}}, .processes = {7}}},
                    {"web/theirs", {.ours = false}}});

  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({{"web", {}}}), observed)),
              ElementsAre("create web/_self", "move web/api -> web/_self", "remove web/api"));
}

// The kernel would refuse: `a/b` goes on handing memory down to the stranger.
TEST(Removal, WhatAStrangerIsGivenIsKeptOnTheWholeWayDown) {
  const Observed observed = ObservedTree({{"a", {}},
                                          {"a/b", {}},
                                          {"a/b/old", {.files = {{"memory.max", "8192"}}}},
                                          {"a/b/theirs", {.ours = false}}});

  const Plan plan = MakeIt(DesiredTree({{"a", {{"pids.max", "5"}}}}), observed);

  EXPECT_THAT(PlanLines(plan),
              ElementsAre("enable pids in .", "set a pids.max=5", "remove a/b/old"));
  ASSERT_THAT(plan.refusals, SizeIs(1));
  EXPECT_EQ(plan.refusals[0].path.text(), "a/b");
}

TEST(Removal, WhatTheStrangerIsNotGivenIsTakenAway) {
  const Observed observed = ObservedTree({{"a", {}},
                                          {"a/b", {}},
                                          {"a/b/c", {.files = {{"memory.max", "max"}}}},
                                          {"a/b/c/theirs", {.ours = false}}});

  const Plan plan = MakeIt(DesiredTree({{"a", {}}}), observed);

  EXPECT_THAT(PlanLines(plan), ElementsAre("disable memory in a/b", "disable memory in a"));
  EXPECT_THAT(plan.refusals, SizeIs(2));
}

}  // namespace
}  // namespace reeve::plan
