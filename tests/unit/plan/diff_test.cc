// SPDX-License-Identifier: Apache-2.0
#include "core/plan/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/trees.h"
#include "unit/plan/make_it.h"

namespace reeve::plan {
namespace {

using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ObservedTree;
using testing::PlanLines;
using ::testing::SizeIs;

TEST(Diff, AnEmptyTreeIsBuiltDownwardWithTheMarkBeforeTheValues) {
  const Desired desired = DesiredTree({{"web/api", {{"memory.max", "1048576"}}}});
  EXPECT_THAT(PlanLines(MakeIt(desired, ObservedTree({})), true),
              ElementsAre("enable memory in .",
                          "create web",
                          "mark web created",
                          "enable memory in web",
                          "create web/api",
                          "mark web/api created memory.max",
                          "set web/api memory.max=1048576"));
}

TEST(Diff, F104WhatAnotherManagerMadeIsLeftToHim) {
  const Desired desired = DesiredTree({{"init.scope", {{"pids.max", "100"}}},
                                       {"kubepods.slice/pod1", {{"pids.max", "100"}}},
                                       {"kubepods.slice/new", {{"pids.max", "100"}}},
                                       {"web", {{"pids.max", "100"}}}});
  const Observed observed =
      ObservedTree({{"init.scope", {.files = {{"pids.max", "max"}}, .ours = false}},
                    {"kubepods.slice", {.ours = false}},
                    {"kubepods.slice/pod1", {.files = {{"pids.max", "max"}}, .ours = false}},
                    {"web", {.files = {{"pids.max", "max"}}}}});

  const Plan plan = MakeIt(desired, observed);

  EXPECT_THAT(PlanLines(plan), ElementsAre("set web pids.max=100"));
  std::vector<std::string> refused;
  for (const Refusal& refusal : plan.refusals) refused.push_back(refusal.path.text());
  EXPECT_THAT(
      refused,
      ElementsAre("init.scope", "kubepods.slice", "kubepods.slice/new", "kubepods.slice/pod1"));
  EXPECT_THAT(plan.refusals[0].which_means, HasSubstr("it is systemd's"));
  EXPECT_FALSE(plan.AsDescribed());
}

TEST(Diff, F104ANameAloneIsNobodys) {
  const Desired desired = DesiredTree({{"docker", {{"pids.max", "100"}}}});
  EXPECT_THAT(MakeIt(desired, ObservedTree({})).refusals, IsEmpty());
  const Observed ours = ObservedTree({{"docker", {.files = {{"pids.max", "max"}}}}});
  EXPECT_THAT(PlanLines(MakeIt(desired, ours)), ElementsAre("set docker pids.max=100"));
}

TEST(Diff, AConvergedTreePlansNothing) {
  const Desired desired =
      DesiredTree({{"web", {{"memory.max", "1048577"}, {"cpu.max", "max 100000"}}}});
  // 1048577 is not a whole number of pages: the kernel rounds down.
  const Observed observed =
      ObservedTree({{"web", {.files = {{"memory.max", "1048576"}, {"cpu.max", "max 100000"}}}}});

  const Plan plan = MakeIt(desired, observed);

  EXPECT_THAT(PlanLines(plan, true), IsEmpty());
  EXPECT_TRUE(plan.AsDescribed());
}

TEST(Diff, LoweringMemoryMaxAboveItsUseIsOneWrite) {
  const Plan plan =
      MakeIt(DesiredTree({{"web", {{"memory.max", "8192"}}}}),
             ObservedTree({{"web", {.files = {{"memory.max", "16384"}}, .memory_current = 4096}}}));

  EXPECT_THAT(PlanLines(plan), ElementsAre("set web memory.max=8192"));
  EXPECT_THAT(plan.care, IsEmpty());
}

TEST(Diff, F74_LoweringMemoryMaxBelowItsUseIsHeldBackAndSaid) {
  const Plan plan = MakeIt(DesiredTree({{"web", {{"memory.max", "8192"}, {"pids.max", "5"}}}}),
                           ObservedTree({{"web",
                                          {.files = {{"memory.max", "16384"}, {"pids.max", "9"}},
                                           .memory_current = 12288}}}));

  EXPECT_THAT(PlanLines(plan), ElementsAre("set web pids.max=5"));
  ASSERT_THAT(plan.held, SizeIs(1));
  EXPECT_EQ(plan.held[0].file, "memory.max");
  EXPECT_EQ(plan.held[0].reason, "12288 bytes are in use");
  ASSERT_THAT(plan.care, SizeIs(1));
  EXPECT_EQ(plan.care[0].danger, Danger::kKill);
  EXPECT_FALSE(plan.AsDescribed());
}

TEST(Diff, ShrinkKillLowersBelowUseAndStillWarns) {
  Desired desired = DesiredTree({{"web", {{"memory.max", "8192"}}}});
  desired.cgroups.begin()->second.shrink = Shrink::kKill;

  const Plan plan =
      MakeIt(desired,
             ObservedTree({{"web", {.files = {{"memory.max", "max"}}, .memory_current = 12288}}}));

  EXPECT_THAT(PlanLines(plan), ElementsAre("set web memory.max=8192"));
  ASSERT_THAT(plan.care, SizeIs(1));
  EXPECT_THAT(plan.care[0].message, HasSubstr("`shrink: kill`"));
}

TEST(Diff, AVerdictWithoutItsEvidenceAsksForItAndHoldsBack) {
  Observed observed = ObservedTree({{"web", {.files = {{"memory.max", "16384"}}}}});
  observed.cgroups.begin()->second.memory_current.reset();

  const PlanDraft draft =
      MakePlan(DesiredTree({{"web", {{"memory.max", "8192"}}}}), observed, PlanOptions{});

  EXPECT_THAT(draft.missing,
              ElementsAre(Evidence{*CgroupPath::Parse("web"), Evidence::Kind::kMemoryCurrent}));
  EXPECT_THAT(PlanLines(draft.plan), IsEmpty());
}

TEST(Diff, F75_BurstShrinksBeforeQuotaAndQuotaGrowsBeforeBurst) {
  const Plan shrink =
      MakeIt(DesiredTree({{"web", {{"cpu.max", "40000 100000"}, {"cpu.max.burst", "40000"}}}}),
             ObservedTree(
                 {{"web", {.files = {{"cpu.max", "90000 100000"}, {"cpu.max.burst", "90000"}}}}}));
  EXPECT_THAT(PlanLines(shrink),
              ElementsAre("set web cpu.max.burst=40000", "set web cpu.max=40000 100000"));

  const Plan grow =
      MakeIt(DesiredTree({{"web", {{"cpu.max", "90000 100000"}, {"cpu.max.burst", "90000"}}}}),
             ObservedTree(
                 {{"web", {.files = {{"cpu.max", "40000 100000"}, {"cpu.max.burst", "40000"}}}}}));
  EXPECT_THAT(PlanLines(grow),
              ElementsAre("set web cpu.max=90000 100000", "set web cpu.max.burst=90000"));
}

TEST(Diff, F75_SwapShrinksBeforeMaxAndGrowsAfterIt) {
  const testing::Files small = {{"memory.max", "8192"}, {"memory.swap.max", "8192"}};
  const testing::Files large = {{"memory.max", "16384"}, {"memory.swap.max", "16384"}};
  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({{"a", small}}), ObservedTree({{"a", {.files = large}}}))),
      ElementsAre("set a memory.swap.max=8192", "set a memory.max=8192"));
  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({{"a", large}}), ObservedTree({{"a", {.files = small}}}))),
      ElementsAre("set a memory.max=16384", "set a memory.swap.max=16384"));
}

TEST(Diff, F75_CpusetGrowsFromTheParentAndShrinksFromTheChild) {
  const std::map<std::string, testing::Files> wide = {{"a", {{"cpuset.cpus", "0-3"}}},
                                                      {"a/b", {{"cpuset.cpus", "2-3"}}}};
  const std::map<std::string, testing::Files> narrow = {{"a", {{"cpuset.cpus", "0-1"}}},
                                                        {"a/b", {{"cpuset.cpus", "1"}}}};
  const auto seen = [](const std::map<std::string, testing::Files>& tree) {
    std::map<std::string, testing::Seen> all;
    for (const auto& [path, files] : tree) all[path].files = files;
    return ObservedTree(all);
  };

  // 2-3 and 1 overlap nowhere, so the child passes through both while its parent holds both.
  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree(wide), seen(narrow))),
      ElementsAre("set a cpuset.cpus=0-3", "set a/b cpuset.cpus=1-3", "set a/b cpuset.cpus=2-3"));
  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree(narrow), seen(wide))),
      ElementsAre("set a/b cpuset.cpus=1-3", "set a/b cpuset.cpus=1", "set a cpuset.cpus=0-1"));
}

TEST(Diff, ProcessesOfACgroupThatBecomesInnerMoveToItsSelfLeafFirst) {
  const Desired desired =
      DesiredTree({{"web", {{"pids.max", "9"}}}, {"web/api", {{"memory.max", "8192"}}}});
  Observed observed = ObservedTree({{"web", {.files = {{"pids.max", "9"}}, .processes = {7, 8}}}});
  observed.root_subtree_control.Add(Controller::kMemory);

  EXPECT_THAT(PlanLines(MakeIt(desired, observed)),
              ElementsAre("create web/_self",
                          "move web -> web/_self",
                          "enable memory in web",
                          "create web/api",
                          "set web/api memory.max=8192"));
}

TEST(Diff, TheHierarchysOwnRootKeepsItsProcesses) {
  Observed observed = ObservedTree({});
  observed.root_is_hierarchy_root = true;
  observed.root_processes = {1, 2, 3};

  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({{"web", {{"pids.max", "9"}}}}), observed)),
              ElementsAre("enable pids in .", "create web", "set web pids.max=9"));
}

TEST(Diff, ARemovedCgroupsProcessesGoToTheNearestAncestorThatStays) {
  const Desired desired = DesiredTree({{"web", {}}, {"web/api", {{"pids.max", "9"}}}});
  const Observed observed =
      ObservedTree({{"web", {}},
                    {"web/api", {.files = {{"pids.max", "9"}}}},
                    {"web/old", {.files = {{"pids.max", "5"}}, .processes = {7}}}});

  const Plan plan = MakeIt(desired, observed);

  EXPECT_THAT(PlanLines(plan),
              ElementsAre("create web/_self", "move web/old -> web/_self", "remove web/old"));
  ASSERT_THAT(plan.care, SizeIs(1));
  EXPECT_EQ(plan.care[0].danger, Danger::kLost);
}

TEST(Diff, AWholeBranchIsTakenDownFromItsLeaves) {
  const Observed observed =
      ObservedTree({{"a", {}}, {"a/b", {}}, {"a/b/c", {.files = {{"pids.max", "5"}}}}});

  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({}), observed)),
      ElementsAre(
          "disable pids in a/b", "disable pids in a", "remove a/b/c", "remove a/b", "remove a"));
}

TEST(Diff, StrangersAreNeverRemovedAndKeepTheirParentAlive) {
  const Observed observed = ObservedTree({{"old", {.files = {{"pids.max", "5"}}}},
                                          {"old/theirs", {.ours = false}},
                                          {"theirs", {.ours = false}}});

  const Plan plan = MakeIt(DesiredTree({}), observed);

  EXPECT_THAT(PlanLines(plan), ElementsAre("set old pids.max=max"));
  ASSERT_THAT(plan.refusals, SizeIs(1));
  EXPECT_EQ(plan.refusals[0].errno_name, "EBUSY");
}

TEST(Diff, NothingIsRemovedAfterAnIncompleteLook) {
  Observed observed = ObservedTree({{"old", {.files = {{"pids.max", "5"}}}}});
  observed.complete = false;

  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({}), observed)), IsEmpty());
}

TEST(Diff, AKeyThatLeavesThePolicyIsResetAndThenForgotten) {
  const Plan plan =
      MakeIt(DesiredTree({{"web", {{"pids.max", "9"}}}}),
             ObservedTree({{"web", {.files = {{"pids.max", "9"}, {"cpu.max", "5000 10000"}}}}}));

  EXPECT_THAT(PlanLines(plan, true),
              ElementsAre("set web cpu.max=max 100000", "mark web created pids.max"));
  EXPECT_TRUE(plan.actions[0].reason.reset);
  EXPECT_THAT(plan.actions[1].needs, ElementsAre(0));
}

TEST(Diff, AnAdoptedCgroupLosesOurLimitsButStays) {
  const Observed observed =
      ObservedTree({{"web", {.files = {{"pids.max", "5"}}, .adopted = true, .processes = {7}}}});

  EXPECT_THAT(PlanLines(MakeIt(DesiredTree({}), observed), true),
              ElementsAre("set web pids.max=max", "mark web adopted"));
}

TEST(Diff, AForeignWriteIsDriftAndAnEditIsNot) {
  const Desired desired = DesiredTree({{"web", {{"pids.max", "9"}}}});
  const Desired edited = DesiredTree({{"web", {{"pids.max", "7"}}}});
  const Observed observed = ObservedTree({{"web", {.files = {{"pids.max", "max"}}}}});
  PlanOptions options;
  options.previous = &desired;

  EXPECT_TRUE(MakePlan(desired, observed, options).plan.actions.at(0).reason.drift);
  EXPECT_FALSE(MakePlan(edited, observed, options).plan.actions.at(0).reason.drift);
}

TEST(Diff, AFileTheKernelDoesNotHaveIsAGapAndTheRestGoesOn) {
  Observed observed = ObservedTree({{"web", {.files = {{"pids.max", "5"}}}}});
  observed.cgroups.begin()->second.files["cgroup.pressure"] = {
      "",
      std::make_shared<const Error>(Error{
          ErrorKind::kUnsupported, ENOENT, "web/cgroup.pressure", "this kernel does not have it"})};

  const Plan plan =
      MakeIt(DesiredTree({{"web", {{"pids.max", "9"}, {"cgroup.pressure", "0"}}}}), observed);

  EXPECT_THAT(PlanLines(plan), ElementsAre("set web pids.max=9"));
  ASSERT_THAT(plan.gaps, SizeIs(1));
  EXPECT_EQ(plan.gaps[0].file, "cgroup.pressure");
}

TEST(Diff, LiftingALimitIsSaid) {
  const Plan plan = MakeIt(DesiredTree({{"web", {{"pids.max", "max"}}}}),
                           ObservedTree({{"web", {.files = {{"pids.max", "5"}}}}}));

  ASSERT_THAT(plan.care, SizeIs(1));
  EXPECT_EQ(plan.care[0].danger, Danger::kUnlimit);
}

TEST(Diff, RoomForChildrenGrowsBeforeTheyAreMade) {
  const Plan plan = MakeIt(DesiredTree({{"a", {{"cgroup.max.descendants", "10"}}}, {"a/b", {}}}),
                           ObservedTree({{"a", {.files = {{"cgroup.max.descendants", "0"}}}}}));

  EXPECT_THAT(PlanLines(plan), ElementsAre("set a cgroup.max.descendants=10", "create a/b"));
}

TEST(Diff, AThreadedCgroupCanNotHandDownControllersAndThePlanSaysSo) {
  Observed observed = ObservedTree({{"a", {}}});
  observed.root_is_hierarchy_root = true;
  observed.cgroups.begin()->second.type = "threaded";

  const Plan plan = MakeIt(DesiredTree({{"a", {}}, {"a/b", {{"memory.max", "8192"}}}}), observed);

  ASSERT_THAT(plan.refusals, SizeIs(1));
  EXPECT_THAT(plan.refusals[0].which_means, HasSubstr("is a threaded cgroup"));
}

}  // namespace
}  // namespace reeve::plan
