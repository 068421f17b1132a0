// SPDX-License-Identifier: Apache-2.0
#include "core/plan/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan/diff.h"
#include "support/trees.h"

namespace reeve::plan {
namespace {

using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ObservedTree;
using testing::PlanLines;
using testing::Seen;

std::vector<std::string> Lines(const Desired& desired, const Observed& observed) {
  return PlanLines(MakePlan(desired, observed, {}).plan);
}

TEST(Order, ALimitThatMovesToTheParentIsNeverOffAtBoth) {
  const Desired desired = DesiredTree({{"web", {{"pids.max", "100"}}}, {"web/api", {}}});
  const Observed observed =
      ObservedTree({{"web", Seen{{{"pids.max", "max"}}}}, {"web/api", Seen{{{"pids.max", "50"}}}}});

  const std::vector<std::string> lines = Lines(desired, observed);

  EXPECT_THAT(
      lines,
      ElementsAre("set web pids.max=100", "set web/api pids.max=max", "disable pids in web"));
}

TEST(Order, AProtectionThatShrinksDoesSoBeforeTheLimitAboveIt) {
  const Desired desired = DesiredTree({{"web", {{"memory.min", "4096"}, {"memory.max", "65536"}}}});
  const Observed observed =
      ObservedTree({{"web", Seen{{{"memory.min", "131072"}, {"memory.max", "262144"}}}}});

  EXPECT_THAT(Lines(desired, observed),
              ElementsAre("set web memory.min=4096", "set web memory.max=65536"));
}

TEST(Order, RoomForChildrenWaitsForTheMarkThatAnnouncesIt) {
  const Desired desired = DesiredTree({{"web", {{"cgroup.max.depth", "5"}, {"pids.max", "9"}}}});
  const Observed observed = ObservedTree({{"web", Seen{{{"cgroup.max.depth", "2"}}}}});

  const Plan plan = MakePlan(desired, observed, {}).plan;

  EXPECT_THAT(PlanLines(plan, true),
              ElementsAre("mark web created cgroup.max.depth pids.max",
                          "set web cgroup.max.depth=5",
                          "enable pids in .",
                          "set web pids.max=9"));
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    for (const std::size_t need : plan.actions[i].needs) EXPECT_LT(need, i);
  }
}

TEST(Order, AWeightIsWrittenAfterIdleIsLeftWhateverItReads) {
  const Desired desired = DesiredTree({{"web", {{"cpu.weight", "50"}}}});
  const Observed observed = ObservedTree({{"web", Seen{{{"cpu.idle", "1"}, {"cpu.weight", "0"}}}}});

  EXPECT_THAT(Lines(desired, observed), ElementsAre("set web cpu.idle=0", "set web cpu.weight=50"));
}

TEST(Order, AnIdleCgroupsWeightIsNotReset) {
  const Desired desired = DesiredTree({{"web", {{"cpu.idle", "1"}}}});
  const Observed observed = ObservedTree({{"web", Seen{{{"cpu.idle", "1"}, {"cpu.weight", "0"}}}}});

  EXPECT_THAT(Lines(desired, observed), IsEmpty());
}

}  // namespace
}  // namespace reeve::plan
