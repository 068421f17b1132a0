// SPDX-License-Identifier: Apache-2.0
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
using testing::ObservedTree;
using testing::PlanLines;
using ::testing::SizeIs;

const testing::Files kThreaded = {{"cgroup.type", "threaded"}};

testing::Seen Threads(bool ours) {
  return {.files = ours ? kThreaded : testing::Files(), .ours = ours, .type = "threaded"};
}

Observed InDomain(const std::map<std::string, testing::Seen>& tree) {
  Observed observed = ObservedTree(tree);
  observed.root_type = "domain threaded";
  return observed;
}

// Its processes have threads in `t`; moved away they would be refused, with the controllers off.
TEST(Threads, AThreadedDomainThatIsWantedKeepsItsProcesses) {
  const Desired desired = DesiredTree(
      {{"web", {}}, {"web/t", {{"cgroup.type", "threaded"}, {"cpu.max", "50000 100000"}}}});
  const Observed observed =
      ObservedTree({{"web", {.processes = {7}, .type = "domain threaded"}},
                    {"web/t",
                     {.files = {{"cgroup.type", "threaded"}, {"cpu.max", "50000 100000"}},
                      .type = "threaded"}}});

  const Plan plan = MakeIt(desired, observed);

  EXPECT_THAT(PlanLines(plan, true), IsEmpty());
  EXPECT_TRUE(plan.AsDescribed());
}

TEST(Threads, AThreadedChildIsMadeBesideTheProcessesOfItsDomain) {
  const Desired desired = DesiredTree(
      {{"web", {}}, {"web/t", {{"cgroup.type", "threaded"}, {"cpu.max", "50000 100000"}}}});

  EXPECT_THAT(PlanLines(MakeIt(desired, ObservedTree({{"web", {.processes = {7}}}}))),
              ElementsAre("enable cpu in .",
                          "enable cpu in web",
                          "create web/t",
                          "set web/t cgroup.type=threaded",
                          "set web/t cpu.max=50000 100000"));
}

TEST(Threads, DomainControllersAreTakenAwayBeforeAChildBecomesThreaded) {
  const Observed observed = ObservedTree({{"web", {}},
                                          {"web/old", {.files = {{"memory.max", "8192"}}}},
                                          {"web/t", {.files = {{"cgroup.type", "domain"}}}}});

  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({{"web", {}}, {"web/t", kThreaded}}), observed)),
      ElementsAre("disable memory in web", "set web/t cgroup.type=threaded", "remove web/old"));
}

TEST(Threads, AThreadedCgroupHandsDownThreadedControllers) {
  const Desired desired =
      DesiredTree({{"web", {}},
                   {"web/t", kThreaded},
                   {"web/t/u", {{"cgroup.type", "threaded"}, {"pids.max", "5"}}}});
  Observed observed =
      ObservedTree({{"web", {.type = "domain threaded"}}, {"web/t", Threads(true)}});
  observed.root_subtree_control.Add(Controller::kPids);

  EXPECT_THAT(PlanLines(MakeIt(desired, observed)),
              ElementsAre("enable pids in web",
                          "enable pids in web/t",
                          "create web/t/u",
                          "set web/t/u cgroup.type=threaded",
                          "set web/t/u pids.max=5"));
}

TEST(Threads, AStrangersThreadsBelowTheRootTakeTheOthersDomainControllersAway) {
  const Plan plan = MakeIt(DesiredTree({{"web", {{"memory.max", "8192"}, {"pids.max", "5"}}}}),
                           InDomain({{"theirs", Threads(false)}}));

  EXPECT_THAT(PlanLines(plan), ElementsAre("enable pids in .", "create web", "set web pids.max=5"));
  ASSERT_THAT(plan.refusals, SizeIs(2));
  EXPECT_EQ(plan.refusals[0].errno_name, "EOPNOTSUPP");
  EXPECT_EQ(plan.refusals[0].which_means,
            "`theirs` is threaded, which makes the managed root a threaded domain: it can hand "
            "down cpu, cpuset and pids, not memory");
  EXPECT_EQ(plan.refusals[1].path.text(), "web");
  EXPECT_THAT(plan.refusals[1].which_means, HasSubstr("no process can enter it"));
}

TEST(Threads, ControllersThatAreHandedDownStayOnBesideAStrangersThreads) {
  Observed observed =
      InDomain({{"theirs", Threads(false)}, {"web", {.files = {{"pids.max", "5"}}}}});
  observed.root_processes = {7};

  const Plan plan = MakeIt(DesiredTree({{"web", {{"pids.max", "5"}}}}), observed);

  EXPECT_THAT(PlanLines(plan), IsEmpty());
  EXPECT_FALSE(plan.AsDescribed());
}

// Nothing threaded below, but processes in a cgroup that hands down pids: the root as any other.
TEST(Threads, AManagedRootThatBecameAThreadedDomainIsEmptied) {
  Observed observed = InDomain({{"web", {.files = {{"pids.max", "5"}}}}});
  observed.root_processes = {7};

  EXPECT_THAT(
      PlanLines(MakeIt(DesiredTree({{"web", {{"pids.max", "5"}}}}), observed)),
      ElementsAre("create _self", "disable pids in .", "move . -> _self", "enable pids in ."));
}

TEST(Threads, TheHierarchysOwnRootIsNobodysThreadedDomain) {
  Observed observed = ObservedTree({{"theirs", Threads(false)}});
  observed.root_is_hierarchy_root = true;

  const Plan plan = MakeIt(DesiredTree({{"web", {{"memory.max", "8192"}}}}), observed);

  EXPECT_THAT(PlanLines(plan),
              ElementsAre("enable memory in .", "create web", "set web memory.max=8192"));
  EXPECT_THAT(plan.refusals, IsEmpty());
}

TEST(Threads, AThreadedCgroupIsRefusedWhereTheOthersHaveDomainControllers) {
  const Plan plan =
      MakeIt(DesiredTree({{"t", kThreaded}, {"web", {{"memory.max", "8192"}}}}), ObservedTree({}));

  EXPECT_THAT(
      PlanLines(plan),
      ElementsAre("enable memory in .", "create t", "create web", "set web memory.max=8192"));
  ASSERT_THAT(plan.refusals, SizeIs(1));
  EXPECT_EQ(plan.refusals[0].file, "cgroup.type");
  EXPECT_EQ(plan.refusals[0].which_means,
            "no threaded cgroup can be directly below the managed root, which hands down memory");
}

}  // namespace
}  // namespace reeve::plan
