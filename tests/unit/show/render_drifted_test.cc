// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/show/render_plan.h"
#include "app/show/render_status.h"
#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

std::shared_ptr<const Writer> Puppet() {
  Writer writer;
  writer.pid = 911;
  writer.program = "puppet";
  writer.exe = "/usr/bin/ruby3.1";
  writer.uid = 0;
  writer.user = "root";
  writer.login = 1000;
  return std::make_shared<const Writer>(writer);
}

Plan Drifted() {
  Plan plan;
  plan.drifted.push_back({Path("backup"),
                          "memory.high",
                          "max",
                          "2147483648",
                          OnDrift::kReport,
                          Mark("60-backup.yaml", 14),
                          Puppet()});
  plan.drifted.push_back({Path("web/\x1b[31mred"), "", "-", "", OnDrift::kReport, {}, nullptr});
  return plan;
}

TEST(RenderDrifted, SaysWhatStaysAndWhoDidIt) {
  EXPECT_EQ(RenderDrifted(Drifted(), {}),
            "DRIFTED, and left so (`on_drift: report`)\n"
            "   backup           memory.high is max, wanted 2GiB, by pid 911 puppet [ruby3.1]   "
            "60-backup.yaml:14\n"
            "                    (root, login uid 1000)\n"
            "   web/\\x1b[31mred  was removed, with all below it\n"
            "\n");
  EXPECT_EQ(RenderDrifted({}, {}), "");
}

TEST(RenderDrifted, IsAPartOfThePlanAndMakesTheHostDiffer) {
  const Plan plan = Drifted();
  PlanPaper paper;
  paper.host = "login03";
  paper.root = "/sys/fs/cgroup/reeve";
  paper.plan = &plan;

  const std::string text = RenderPlan(paper, {}, Paint(false));
  EXPECT_NE(text.find("DIFFERS"), std::string::npos);
  EXPECT_NE(text.find("2 drifted and left so. "), std::string::npos) << text;

  const Json json = PlanJson(paper);
  EXPECT_EQ(json["result"], "differs");
  ASSERT_EQ(json["drifted"].size(), 2U);
  EXPECT_EQ(json["drifted"][0]["now"], "max");
  EXPECT_EQ(json["drifted"][0]["wanted_human"], "2GiB");
  EXPECT_EQ(json["drifted"][0]["by"]["pid"], 911);
  EXPECT_EQ(json["drifted"][0]["by"]["login_uid"], 1000);
  EXPECT_EQ(json["drifted"][0]["by"]["login"], nullptr);
  EXPECT_EQ(json["drifted"][1]["key"], nullptr);
  EXPECT_EQ(json["drifted"][1]["by"], nullptr);
}

TEST(RenderDrifted, ARepairInThePlanNamesTheWriter) {
  Plan plan;
  plan.actions.push_back(
      Set("web", "cpu.max", "max 100000", "50000 100000", Mark("10-web.yaml", 7)));
  plan.actions.back().reason.drift = true;
  plan.actions.back().reason.by = Puppet();
  PlanPaper paper;
  paper.plan = &plan;

  EXPECT_NE(RenderPlan(paper, {}, Paint(false))
                .find("by pid 911 puppet [ruby3.1] (root, login uid 1000)"),
            std::string::npos);
  EXPECT_EQ(PlanJson(paper)["actions"][0]["by"]["program"], "puppet");
}

TEST(RenderDrifted, StandsAmongTheDifferencesOfAStatus) {
  const Plan plan = Drifted();
  StatusPaper paper;
  paper.plan = &plan;
  EXPECT_EQ(
      RenderStatusLine(paper),
      "DIFFERS 2: backup memory.high max, wanted 2GiB (on_drift: report), web/\\x1b[31mred was "
      "removed (on_drift: report)\n");
}

}  // namespace
}  // namespace reeve::show
