// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

constexpr std::uint64_t kGiB = 1ULL << 30U;

LiveCgroup Live(std::size_t processes, double cores, std::uint64_t memory) {
  LiveCgroup c;
  c.ours = true;
  c.processes = processes;
  c.cpu_cores = cores;
  c.cpu_max = CpuMax{Limit(200'000), 100'000};
  c.memory_current = memory;
  c.memory_high = Limit(6 * kGiB);
  c.memory_max = Limit(8 * kGiB);
  c.cpu_stalled = 400;
  c.memory_stalled = 0;
  c.io_stalled = 1150;
  return c;
}

StatusPaper PaperOf(LiveTree live) {
  StatusPaper paper;
  paper.host = "login03";
  paper.root = "/sys/fs/cgroup/reeve";
  paper.files = {"20-login.yaml"};
  paper.live = std::move(live);
  return paper;
}

std::string Render(const StatusPaper& paper, const TreeView& view = {}) {
  return RenderStatus(paper, view, Paint(false));
}

TEST(RenderStatus, CountsWhatIsOnlyWatched) {
  Plan plan;
  plan.watched = {{"agents-cap", Mark("15-agents.yaml", 18)}};
  plan.observe_only.push_back(Set("web", "cpu.max", "max 100000", "200000 100000"));
  StatusPaper paper = PaperOf({});
  paper.plan = &plan;

  EXPECT_EQ(Render(paper),
            "login03: AS DESCRIBED by 20-login.yaml\n"
            "0 cgroups, 0 processes below /sys/fs/cgroup/reeve. 1 document is only watched:\n"
            "written, it would change 1 value (`reevectl plan`).\n");
  EXPECT_EQ(ExitCodeOf(paper), 0);
  EXPECT_EQ(StatusJson(paper)["watched_documents"][0]["name"], "agents-cap");
}

TEST(RenderStatus, ShowsUseAgainstLimits) {
  LiveTree live;
  live.cgroups[Path("")].processes = 9;
  live.cgroups[Path("web")] = Live(9, 1.53, 3 * kGiB);
  live.cgroups[Path("web/api")] = Live(7, 1.49, 2 * kGiB);
  live.cgroups[Path("web/api")].throttled = true;
  live.cgroups[Path("web/db")] = Live(2, 0.04, kGiB);
  live.cgroups[Path("web/db")].memory_high = Limit(kGiB);
  live.cgroups[Path("web/db")].frozen = true;
  Plan plan;
  StatusPaper paper = PaperOf(live);
  paper.plan = &plan;

  EXPECT_EQ(Render(paper),
            "login03: AS DESCRIBED by 20-login.yaml\n"
            "3 cgroups, 9 processes below /sys/fs/cgroup/reeve.\n"
            "\n"
            "CGROUP  PROCS  CPU now/max  MEM now/high/max  STALLED c/m/i  NOTE\n"
            "web         9      1.5/2.0          3G/6G/8G        4/ 0/12\n"
            "  api       7    1.5/2.0 *          2G/6G/8G        4/ 0/12\n"
            "  db        2      0.0/2.0        1G/1G/8G *        4/ 0/12  frozen\n"
            "* at its limit now.  CPU in cores, STALLED = % of the last 10 s (some)\n");
  EXPECT_EQ(ExitCodeOf(paper), 0);
}

TEST(RenderStatus, ShowsADashWhereTheKernelSaysNothing) {
  LiveTree live;
  live.cgroups[Path("")] = {};
  live.cgroups[Path("web")].processes = 1;

  EXPECT_EQ(Render(PaperOf(live)),
            "login03: NOT JUDGED (no policy was named, so this is only what is)\n"
            "1 cgroup, 0 processes below /sys/fs/cgroup/reeve.\n"
            "\n"
            "CGROUP  PROCS  CPU now/max  MEM now/high/max  STALLED c/m/i  NOTE\n"
            "web         1            -                 -              -\n"
            "CPU in cores, STALLED = % of the last 10 s (some)\n");
}

TEST(RenderStatus, SaysWhatDiffersFirst) {
  LiveTree live;
  live.cgroups[Path("")] = {};
  live.cgroups[Path("web")] = Live(1, 0, kGiB);
  live.cgroups[Path("other")] = Live(1, 0, kGiB);
  live.cgroups[Path("other")].ours = false;
  Plan plan;
  plan.actions.push_back(Set("web", "cpu.max", "max 100000", "200000 100000"));
  StatusPaper paper = PaperOf(live);
  paper.plan = &plan;

  const std::string text = Render(paper);

  EXPECT_TRUE(
      text.starts_with("login03: DIFFERS 1 from 20-login.yaml: web cpu.max max, wanted 2 cores\n"))
      << text;
  EXPECT_NE(text.find("  cpu.max max, wanted 2 cores\n"), std::string::npos) << text;
  EXPECT_NE(text.find("not reeve's\n"), std::string::npos) << text;
  EXPECT_EQ(ExitCodeOf(paper), 1);
}

TEST(RenderStatus, SumsTheInstancesOfATemplateAndShowsTheOnesAtALimit) {
  LiveTree live;
  Desired desired;
  live.cgroups[Path("")] = {};
  live.cgroups[Path("people")] = Live(38, 4, 40 * kGiB);
  for (int uid = 1000; uid < 1038; ++uid) {
    const CgroupPath path = Path("people/user-" + std::to_string(uid));
    live.cgroups[path] = Live(1, 0.1, kGiB);
    desired.cgroups[path].template_name = "people/user-<uid>";
  }
  live.cgroups[Path("people/user-1007")].throttled = true;
  StatusPaper paper = PaperOf(live);
  paper.desired = &desired;

  const std::string text = Render(paper);

  EXPECT_NE(
      text.find(
          "  user-<uid> x38      38        3.8/-               38G                 each 2.0/6G/8G\n"
          "    user-1007          1    0.1/2.0 *          1G/6G/8G        4/ 0/12\n"
          "    37 more inside their limits\n"),
      std::string::npos)
      << text;
}

TEST(RenderStatus, ShowsAllInstancesWhenAskedTo) {
  LiveTree live;
  Desired desired;
  live.cgroups[Path("")] = {};
  for (int i = 10; i < 40; ++i) {
    const CgroupPath path = Path("user-" + std::to_string(i));
    live.cgroups[path] = Live(1, 0, kGiB);
    desired.cgroups[path].template_name = "user-<uid>";
  }
  StatusPaper paper = PaperOf(live);
  paper.desired = &desired;

  const std::string text = Render(paper, {true, ""});

  EXPECT_NE(text.find("\nuser-10 "), std::string::npos);
  EXPECT_NE(text.find("\nuser-39 "), std::string::npos);
}

TEST(RenderStatus, ShowsAPartWithTheWayThere) {
  LiveTree live;
  live.cgroups[Path("")] = {};
  live.cgroups[Path("a")] = Live(1, 0, 0);
  live.cgroups[Path("a/b")] = Live(1, 0, 0);
  live.cgroups[Path("a/c")] = Live(1, 0, 0);

  const std::string text = Render(PaperOf(live), {false, "a/b"});

  EXPECT_NE(text.find("\na "), std::string::npos);
  EXPECT_NE(text.find("\n  b "), std::string::npos);
  EXPECT_EQ(text.find("\n  c "), std::string::npos);
}

TEST(RenderStatus, CutsALongRowOfSiblingsButKeepsTheOneAtItsLimit) {
  LiveTree live;
  live.cgroups[Path("")] = {};
  for (int i = 100; i < 150; ++i) live.cgroups[Path("x" + std::to_string(i))] = Live(1, 0, kGiB);
  live.cgroups[Path("x149")].throttled = true;

  const std::string text = Render(PaperOf(live));

  EXPECT_NE(text.find("\nx149 "), std::string::npos);
  EXPECT_NE(text.find("\n30 more (--full)\n"), std::string::npos) << text;
}

TEST(RenderStatus, ShowsTheTreeAlsoWhenThePolicyIsBroken) {
  LiveTree live;
  live.cgroups[Path("")] = {};
  live.cgroups[Path("web")] = Live(1, 0, kGiB);
  const std::vector<policy::Diagnostic> errors = {
      {policy::Severity::kError, "R0204", Mark("20-login.yaml", 3), "wrong", "", std::nullopt, ""}};
  StatusPaper paper = PaperOf(live);
  paper.load_errors = &errors;

  const std::string text = Render(paper);

  EXPECT_TRUE(text.starts_with(
      "login03: LOAD FAILED (1 error, 0 warnings; 20-login.yaml cannot be used)\n"))
      << text;
  EXPECT_NE(text.find("\nweb "), std::string::npos);
  EXPECT_EQ(ExitCodeOf(paper), 1);
  EXPECT_EQ(RenderStatusLine(paper),
            "LOAD FAILED (1 error, 0 warnings; 20-login.yaml cannot be used)\n");
}

TEST(RenderStatusLine, SaysTheStateInOneLine) {
  Plan plan;
  plan.cgroups = 41;
  plan.values = 290;
  StatusPaper paper = PaperOf({});
  paper.plan = &plan;
  EXPECT_EQ(RenderStatusLine(paper), "AS DESCRIBED (41 cgroups, 290 values)\n");

  plan.held.push_back({Path("people/user-1"),
                       "memory.max",
                       "17179869184",
                       "8589934592",
                       "12025908428 bytes are in use",
                       {}});
  EXPECT_EQ(RenderStatusLine(paper),
            "SETTLING 1: people/user-1 memory.max waits (11.2GiB are in use)\n");

  plan.actions.push_back(Make("new", CreateCgroup{}));
  plan.actions.push_back(Set("new", "pids.max", "-", "5"));
  plan.actions.push_back(Make("old", RemoveCgroup{}));
  plan.actions.push_back(Set("web", "pids.max", "max", "5"));
  EXPECT_EQ(RenderStatusLine(paper),
            "DIFFERS 4: new is not there, old left the policy, web pids.max max, wanted 5, ...\n");
}

TEST(StatusJson, TellsNoneFromUnlimited) {
  LiveTree live;
  live.cgroups[Path("web")].memory_max = Limit::Max();

  const Json json = StatusJson(PaperOf(live));

  EXPECT_EQ(json["result"], "not-judged");
  EXPECT_EQ(json["cgroups"][0]["cgroup"], "web");
  EXPECT_EQ(json["cgroups"][0]["memory_max"], "max");
  EXPECT_EQ(json["cgroups"][0]["memory_high"], nullptr);
}

}  // namespace
}  // namespace reeve::show
