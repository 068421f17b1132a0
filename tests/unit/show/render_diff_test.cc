// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_diff.h"

#include <gtest/gtest.h>

#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

PlanPaper PaperOf(const Plan& plan) {
  PlanPaper paper;
  paper.host = "web17";
  paper.root = "/sys/fs/cgroup/reeve";
  paper.files = {"web.yaml"};
  paper.plan = &plan;
  return paper;
}

TEST(RenderDiff, PutsTheHostsSideAgainstThePolicys) {
  Plan plan;
  plan.actions.push_back(Make("new", CreateCgroup{}, Mark("web.yaml", 4)));
  plan.actions.push_back(Set("new", "pids.max", "-", "5", Mark("web.yaml", 5)));
  plan.actions.push_back(Make("old", MoveProcesses{Path("new"), 2}));
  plan.actions.push_back(Make("old", RemoveCgroup{}));
  plan.actions.back().reason.reset = true;
  plan.actions.push_back(Set("web", "memory.max", "max", "8589934592", Mark("web.yaml", 7)));

  EXPECT_EQ(RenderDiff(PaperOf(plan), "", Paint(false)),
            "--- web17:/sys/fs/cgroup/reeve\n"
            "+++ web.yaml\n"
            "@@ new @@\n"
            "+(the cgroup)  # web.yaml:4\n"
            "+pids.max: 5  # web.yaml:5\n"
            "+2 processes from old\n"
            "@@ old @@\n"
            "-(the cgroup)  # left the policy\n"
            "@@ web @@\n"
            "-memory.max: max\n"
            "+memory.max: 8GiB  # web.yaml:7\n");
}

TEST(RenderDiff, IsOneLineWhenNothingDiffers) {
  Plan plan;
  plan.cgroups = 1;
  plan.values = 2;

  EXPECT_EQ(RenderDiff(PaperOf(plan), "", Paint(false)),
            "web17: AS DESCRIBED, no difference (1 cgroup, 2 values)\n");
}

TEST(RenderDiff, SaysInCommentsWhatCanNotBeDone) {
  Plan plan;
  plan.complete = false;
  plan.held.push_back(
      {Path("a"), "memory.max", "max", "4294967296", "5000000000 bytes are in use", {}});
  plan.gaps.push_back({Gap::Kind::kUnsupported, Path("a"), "io.weight", "no iocost", {}, true});

  EXPECT_EQ(RenderDiff(PaperOf(plan), "", Paint(false)),
            "--- web17:/sys/fs/cgroup/reeve\n"
            "+++ web.yaml\n"
            "# held back: a memory.max stays max, wanted 4GiB: 5GB are in use\n"
            "# not possible here, but required: a io.weight: no iocost\n"
            "# not all could be read, so nothing is removed\n");
}

}  // namespace
}  // namespace reeve::show
