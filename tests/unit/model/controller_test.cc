// SPDX-License-Identifier: Apache-2.0
#include "core/model/controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve {
namespace {

using testing::ElementsAre;

TEST(Controller, NamesAreTheKernels) {
  for (int i = 1; i < kControllerCount; ++i) {
    const auto controller = static_cast<Controller>(i);
    EXPECT_EQ(ControllerByName(ControllerName(controller)), controller);
  }
  EXPECT_EQ(ControllerByName("cgroup"), std::nullopt);
  EXPECT_EQ(ControllerByName("perf_event"), std::nullopt);
  EXPECT_EQ(ControllerByName(""), std::nullopt);
}

TEST(Controller, ThreadedOnesAreThoseThatTurnACgroupInsteadOfFailing) {
  EXPECT_TRUE(IsThreaded(Controller::kCpu));
  EXPECT_TRUE(IsThreaded(Controller::kCpuset));
  EXPECT_TRUE(IsThreaded(Controller::kPids));
  EXPECT_FALSE(IsThreaded(Controller::kMemory));
  EXPECT_FALSE(IsThreaded(Controller::kHugetlb));
}

TEST(ControllerSet, ReadsAKernelsListAndPassesOverStrangers) {
  const ControllerSet set =
      ControllerSet::Parse("cpuset cpu io memory hugetlb pids rdma misc future\n");

  EXPECT_TRUE(set.Has(Controller::kMisc));
  EXPECT_FALSE(set.Has(Controller::kDmem));
  EXPECT_EQ(set.ToString(), "cpuset cpu io memory hugetlb pids rdma misc");
}

TEST(ControllerSet, ListsInTheKernelsOrder) {
  const ControllerSet set{Controller::kPids, Controller::kCpu};

  EXPECT_THAT(set.List(), ElementsAre(Controller::kCpu, Controller::kPids));
  EXPECT_EQ(set.ToString("+"), "+cpu +pids");
  EXPECT_EQ(ControllerSet().ToString("-"), "");
}

TEST(ControllerSet, AddsAndTakesAway) {
  const ControllerSet both{Controller::kCpu, Controller::kIo};
  const ControllerSet one{Controller::kIo};

  EXPECT_EQ(both - one, ControllerSet{Controller::kCpu});
  EXPECT_EQ(both & one, one);
  EXPECT_EQ(one | both, both);
  EXPECT_TRUE((one - both).empty());
}

}  // namespace
}  // namespace reeve
