// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_plan.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

PlanPaper PaperOf(const Plan& plan) {
  PlanPaper paper;
  paper.host = "login03";
  paper.root = "/sys/fs/cgroup/reeve";
  paper.files = {"20-login.yaml", "60-backup.yaml"};
  paper.policy_hash = "sha256:0";
  paper.plan = &plan;
  return paper;
}

std::string Render(const Plan& plan, const PlanView& view = {}) {
  return RenderPlan(PaperOf(plan), view, Paint(false));
}

TEST(RenderPlan, SaysInOneLineThatTheHostIsAsDescribed) {
  Plan plan;
  plan.cgroups = 41;
  plan.values = 290;

  EXPECT_EQ(Render(plan), "login03: AS DESCRIBED, nothing to do (41 cgroups, 290 values)\n");
}

Plan Watching() {
  Plan plan;
  plan.cgroups = 1;
  plan.values = 1;
  plan.watched = {{"agents-cap", Mark("15-agents.yaml", 18)}};
  return plan;
}

TEST(RenderPlan, SaysWhatDocumentsThatAreOnlyWatchedWouldDo) {
  Plan plan = Watching();
  plan.observe_only.push_back(Make("agents", CreateCgroup{}, Mark("15-agents.yaml", 20)));
  plan.observe_only.push_back(
      Set("agents", "cpu.max", "-", "200000 100000", Mark("15-agents.yaml", 21)));
  plan.observe_only.push_back(
      Set("web", "memory.max", "max", "1073741824", Mark("15-agents.yaml", 22)));

  EXPECT_EQ(Render(plan),
            "login03: AS DESCRIBED, nothing to do (1 cgroup, 1 value)\n"
            "\n"
            "ONLY WATCHED (what these documents would do, and apply will not)\n"
            "   CGROUP  KEY         NOW  WANTED   WHY\n"
            "+  agents                            15-agents.yaml:20\n"
            "   agents  cpu.max     -    2 cores  15-agents.yaml:21\n"
            "~  web     memory.max  max  1GiB     15-agents.yaml:22\n"
            "\n"
            "Only watched (mode: observe), never written: agents-cap 15-agents.yaml:18\n"
            "1 document is only watched: written, it would change 2 values and create 1 cgroup.\n");
}

TEST(RenderPlan, NamesWatchedDocumentsThatWouldDoNothing) {
  Plan plan = Watching();
  plan.watched.push_back({"pids-trial", Mark("16-pids.yaml", 3)});

  EXPECT_EQ(Render(plan),
            "login03: AS DESCRIBED, nothing to do (1 cgroup, 1 value)\n"
            "\n"
            "ONLY WATCHED (what these documents would do, and apply will not)\n"
            "Only watched (mode: observe), never written: agents-cap 15-agents.yaml:18, "
            "pids-trial 16-pids.yaml:3\n"
            "2 documents are only watched: written, they would change nothing.\n");
  const Json json = PlanJson(PaperOf(plan));
  EXPECT_EQ(json["watched_documents"][1]["name"], "pids-trial");
  EXPECT_EQ(json["watched_documents"][1]["line"], 3);
  EXPECT_EQ(json["result"], "as-described");
}

TEST(RenderPlan, ShowsAUsualDay) {
  Plan plan;
  plan.cgroups = 3;
  plan.values = 6;
  plan.actions.push_back(Make("", EnableControllers{{Controller::kMemory}}));
  plan.actions.push_back(Make("backup", CreateCgroup{}, Mark("60-backup.yaml", 9)));
  plan.actions.push_back(Make("backup", WriteMark{}));
  plan.actions.push_back(Set("backup", "cpu.weight", "-", "10", Mark("60-backup.yaml", 14)));
  plan.actions.push_back(
      Set("backup", "memory.max", "-", "6442450944", Mark("60-backup.yaml", 17)));
  plan.actions.back().reason.written = "25% of host";
  plan.actions.push_back(Set(
      "backup", "io.max", "-", "259:0 rbps=40000000 wbps=20000000", Mark("60-backup.yaml", 18)));
  plan.actions.back().reason.note = "on 259:0, the disk of /srv";
  plan.actions.push_back(
      Make("cron", MoveProcesses{Path("backup"), 2}, Mark("60-backup.yaml", 13)));
  plan.actions.push_back(
      Set("people/user-1", "memory.max", "17179869184", "8589934592", Mark("20-login.yaml", 31)));
  plan.actions.push_back(Make("sandbox", RemoveCgroup{}));
  plan.actions.back().reason.reset = true;
  plan.care.push_back({Danger::kLost,
                       Path("backup"),
                       "",
                       "2 processes move in. What they hold stays",
                       Mark("60-backup.yaml", 13)});
  plan.care.push_back({Danger::kStall,
                       Path("people/user-1"),
                       "memory.high",
                       "memory.high 17179869184 -> 8589934592, but 12025908428 bytes are in use",
                       Mark("20-login.yaml", 31)});
  plan.gaps.push_back({Gap::Kind::kUnsupported,
                       Path("backup"),
                       "io.weight",
                       "nvme0n1 has neither iocost nor BFQ",
                       Mark("60-backup.yaml", 15),
                       false});
  PlanPaper paper = PaperOf(plan);
  paper.next = "reevectl apply --root /sys/fs/cgroup/reeve policy.d";

  EXPECT_EQ(
      RenderPlan(paper, {}, Paint(false)),
      "login03: DIFFERS from 20-login.yaml and 60-backup.yaml below /sys/fs/cgroup/reeve\n"
      "\n"
      "CARE: 2 of 9 changes can hurt\n"
      "!stall  people/user-1  memory.high 16GiB -> 8GiB, but 11.2GiB are in use  20-login.yaml:31\n"
      "!lost   backup         2 processes move in. What they hold stays          "
      "60-backup.yaml:13\n"
      "\n"
      "   CGROUP         KEY          NOW    WANTED                      WHY\n"
      "+  backup                                                         60-backup.yaml:9\n"
      "   backup         cpu.weight   -      10                          60-backup.yaml:14\n"
      "   backup         memory.max   -      6GiB (25% of host)          60-backup.yaml:17\n"
      "   backup         io.max       -      rbps=40MB/s wbps=20MB/s     60-backup.yaml:18\n"
      "                                      on 259:0, the disk of /srv\n"
      ">  backup         2 processes         from cron                   60-backup.yaml:13\n"
      "~  people/user-1  memory.max   16GiB  8GiB                        20-login.yaml:31\n"
      "-  sandbox                                                        left the policy\n"
      "\n"
      "NOT POSSIBLE HERE (does not stop the rest; `require:` would)\n"
      "   backup  io.weight  nvme0n1 has neither iocost nor BFQ  60-backup.yaml:15\n"
      "\n"
      "Plan: 1 to create, 4 to change, 1 to remove, 2 processes to move, 1 controller to enable.\n"
      "2 need care, 1 not possible here. Nothing was changed.\n"
      "Next: `reevectl apply --root /sys/fs/cgroup/reeve policy.d`\n");
}

TEST(RenderPlan, PutsTheSameChangeOfManyInstancesOnOneLine) {
  Plan plan;
  for (int uid = 1000; uid < 1038; ++uid) {
    const std::string path = "people/user-" + std::to_string(uid);
    const bool other = uid == 1007;
    plan.actions.push_back(Set(path,
                               "pids.max",
                               "max",
                               other ? "500" : "2000",
                               Mark("20-login.yaml", 33),
                               "people/user-<uid>"));
  }

  EXPECT_EQ(Render(plan),
            "login03: DIFFERS from 20-login.yaml and 60-backup.yaml below /sys/fs/cgroup/reeve\n"
            "\n"
            "   CGROUP                      KEY       NOW  WANTED  WHY\n"
            "~  people/user-<uid> each x37  pids.max  max  2000    20-login.yaml:33\n"
            "~  people/user-1007            pids.max  max  500     20-login.yaml:33\n"
            "\n"
            "Plan: 0 to create, 38 to change, 0 to remove.\n"
            "Nothing was changed.\n");
}

TEST(RenderPlan, ShowsDriftApartFromChange) {
  Plan plan;
  plan.actions.push_back(Set("a", "cpu.max", "max 100000", "200000 100000", Mark("w.yaml", 3)));
  plan.actions.back().reason.drift = true;
  plan.actions.push_back(Set("b", "cpu.weight", "100", "50", Mark("w.yaml", 7)));

  const std::string text = Render(plan);

  EXPECT_NE(text.find("   CGROUP  KEY         NOW  WANTED   WHY\n"
                      "~  b       cpu.weight  100  50       w.yaml:7\n"
                      "drift, put back on the way\n"
                      "~  a       cpu.max     max  2 cores  w.yaml:3\n"),
            std::string::npos)
      << text;
}

TEST(RenderPlan, ShowsBothInFullWhereRoundNumbersLookTheSame) {
  Plan plan;
  plan.actions.push_back(Set("a", "memory.max", "12345675776", "12345679872"));

  EXPECT_NE(Render(plan).find("~  a       memory.max  12345675776  12345679872"), std::string::npos)
      << Render(plan);
}

TEST(RenderPlan, ShowsKernelUnitsWhenAsked) {
  Plan plan;
  plan.actions.push_back(Set("a", "memory.max", "max", "8589934592"));
  PlanView view;
  view.raw = true;

  EXPECT_NE(Render(plan, view).find("memory.max  max  8589934592"), std::string::npos);
}

TEST(RenderPlan, NamesTheOtherKeysOfACgroupWhenThereAreManyLines) {
  Plan plan;
  for (int i = 10; i < 30; ++i) {
    const std::string path = "site-" + std::to_string(i);
    for (const char* file : {"cpu.weight", "pids.max", "memory.max", "memory.high"}) {
      plan.actions.push_back(Set(path, file, "max", "4096", Mark("w.yaml", 3)));
      plan.actions.back().reason.now = "100";
    }
  }

  const std::string text = Render(plan);

  EXPECT_NE(text.find("~  site-10  cpu.weight  100  4096    w.yaml:3\n"
                      "~  site-10  pids.max    100  4096    w.yaml:3\n"
                      "~  site-10  2 more keys: memory.max memory.high\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("... and 30 more lines (--full lists all, --cgroup GLOB a part)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("80 to change"), std::string::npos);
}

TEST(RenderPlan, ShowsAPartWhenAskedAndSaysSoNowhereElse) {
  Plan plan;
  plan.actions.push_back(Set("web/api", "pids.max", "max", "1"));
  plan.actions.push_back(Set("db", "pids.max", "max", "1"));
  PlanView view;
  view.cgroup_glob = "web";

  const std::string text = Render(plan, view);

  EXPECT_NE(text.find("web/api"), std::string::npos);
  EXPECT_EQ(text.find("db "), std::string::npos);
  EXPECT_NE(text.find("2 to change"), std::string::npos);
}

TEST(RenderPlan, SaysWhatIsHeldRefusedWaitedForAndNotSeen) {
  Plan plan;
  plan.complete = false;
  plan.held.push_back({Path("a"),
                       "memory.max",
                       "17179869184",
                       "8589934592",
                       "12025908428 bytes are in use",
                       Mark("w.yaml", 4)});
  plan.refusals.push_back({Path("b"),
                           "cgroup.subtree_control",
                           "EBUSY",
                           "processes sit in `b` itself",
                           "move them into a leaf",
                           Mark("w.yaml", 5)});
  plan.gaps.push_back({Gap::Kind::kPending,
                       Path("c"),
                       "io.max",
                       "/dev/sdb is not there",
                       Mark("w.yaml", 6),
                       false});
  plan.gaps.push_back({Gap::Kind::kPending,
                       Path("d"),
                       "io.max",
                       "/dev/sdb is not there",
                       Mark("w.yaml", 6),
                       false});
  plan.gaps.push_back({Gap::Kind::kUnsupported,
                       Path("c"),
                       "cpu.max",
                       "no cpu controller",
                       Mark("w.yaml", 7),
                       true});
  PlanPaper paper = PaperOf(plan);
  paper.observe_errors.push_back(
      {ErrorKind::kDenied, 13, "x/cpu.max", "opening: Permission denied (EACCES)"});

  EXPECT_EQ(RenderPlan(paper, {}, Paint(false)),
            "login03: DIFFERS from 20-login.yaml and 60-backup.yaml below /sys/fs/cgroup/reeve\n"
            "\n"
            "NOT SEEN WHOLE: nothing is removed, because this could not be read\n"
            "   x/cpu.max: opening: Permission denied (EACCES)\n"
            "\n"
            "HELD BACK until it fits (apply writes the rest and says HELD)\n"
            "   a  memory.max stays 16GiB, wanted 8GiB: 11.2GiB are in use  w.yaml:4\n"
            "\n"
            "THE KERNEL WOULD REFUSE (left out; the rest goes on)\n"
            "   b  cgroup.subtree_control   w.yaml:5\n"
            "      kernel       EBUSY\n"
            "      which means  processes sit in `b` itself\n"
            "      what now     move them into a leaf\n"
            "\n"
            "REQUIRED, BUT NOT POSSIBLE HERE (`require:` makes this host not as described)\n"
            "   c  cpu.max  no cpu controller  w.yaml:7\n"
            "\n"
            "NOT YET (tried again as soon as it can be)\n"
            "   c and 1 more  io.max  /dev/sdb is not there  w.yaml:6\n"
            "\n"
            "Plan: 0 to create, 0 to change, 0 to remove.\n"
            "1 held back, 1 would be refused, 3 not possible here. Nothing was changed.\n");
}

TEST(RenderPlan, SaysHeldWhenOnlyHeldWritesAreLeft) {
  Plan plan;
  plan.held.push_back({Path("a"), "memory.max", "2", "1", "3 bytes are in use", {}});

  EXPECT_TRUE(Render(plan).starts_with("login03: HELD from "));
}

TEST(RenderPlan, ListsWhatIsAlreadySoWhenAskedForAll) {
  Plan plan;
  plan.cgroups = 1;
  plan.values = 1;
  Desired desired;
  DesiredCgroup& web = desired.cgroups[Path("web")];
  web.path = Path("web");
  web.knobs["cpu.max"] = {
      FindKnob("cpu.max"), CpuMax{Limit(200'000), 100'000}, "2 cores", "", Mark("w.yaml", 3), {}};
  PlanPaper paper = PaperOf(plan);
  paper.desired = &desired;
  PlanView view;
  view.full = true;

  EXPECT_EQ(RenderPlan(paper, view, Paint(false)),
            "login03: AS DESCRIBED, nothing to do (1 cgroup, 1 value)\n"
            "\n"
            "   CGROUP  KEY      NOW      WANTED  WHY\n"
            "=  web     cpu.max  2 cores          w.yaml:3\n");
}

TEST(RenderPlan, LetsNoForeignNameReachTheTerminalRaw) {
  Plan plan;
  plan.actions.push_back(Make("a\x1b[2Jb", RemoveCgroup{}));
  plan.actions.push_back(Set("c", "x.raw\x07", "old\x1b", "new\r\nline"));
  plan.care.push_back({Danger::kLost, Path("d\x1b"), "", "by \x1b[31m", Mark("\x1b.yaml", 1)});

  const std::string text = Render(plan);

  for (char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
  EXPECT_NE(text.find("a\\x1b[2Jb"), std::string::npos);
}

TEST(RenderPlan, ColoursOnlySignsAndWords) {
  Plan plan;
  plan.actions.push_back(Make("a", CreateCgroup{}));

  EXPECT_NE(RenderPlan(PaperOf(plan), {}, Paint(true)).find("\n\x1b[32m+\x1b[0m  a\n"),
            std::string::npos);
}

TEST(PlanJson, SaysEverythingInBothUnits) {
  Plan plan;
  plan.cgroups = 1;
  plan.values = 1;
  plan.actions.push_back(Set("web", "memory.max", "max", "8589934592", Mark("w.yaml", 4, 9)));
  plan.actions.back().reason.written = "25% of host";

  const Json json = PlanJson(PaperOf(plan));

  EXPECT_EQ(json["result"], "differs");
  EXPECT_EQ(json["counts"].dump(),
            "{\"create\":0,\"change\":1,\"remove\":0,\"move\":0,\"enable\":0,\"disable\":0}");
  EXPECT_EQ(json["actions"][0].dump(),
            "{\"do\":\"set\",\"cgroup\":\"web\",\"key\":\"memory.max\",\"now\":\"max\",\"now_"
            "human\":\"max\","
            "\"wanted\":\"8589934592\",\"wanted_human\":\"8GiB\",\"policy_says\":\"25% of host\","
            "\"write\":\"8589934592\",\"template\":null,"
            "\"why\":{\"file\":\"w.yaml\",\"line\":4,\"column\":9},\"note\":null,\"drift\":false,"
            "\"by\":null,\"reset\":false,\"bookkeeping\":false,\"needs\":[]}");
}

TEST(PlanJson, KeepsTheNamesOfStrangersReadable) {
  Plan plan;
  plan.actions.push_back(Make("a\x1b\xff", RemoveCgroup{}));

  const Json json = PlanJson(PaperOf(plan));

  EXPECT_EQ(Json::parse(PrintJson(json)), json);
  EXPECT_EQ(json["actions"][0]["cgroup"], "a\\x1b\\xff");
}

}  // namespace
}  // namespace reeve::show
