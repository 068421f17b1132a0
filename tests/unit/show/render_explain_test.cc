// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_explain.h"

#include <stdlib.h>
#include <time.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/show/exit_code.h"
#include "core/base/text.h"
#include "support/findings_text.h"

namespace reeve::show {
namespace {

using plan::Binding;

SourceMark At(std::uint32_t line) {
  return {reeve::testing::TextFile("20-login.yaml", ""), line, 3, 1};
}

ExplainPaper Paper() {
  ExplainPaper paper;
  paper.host = "login03";
  paper.root = "/sys/fs/cgroup/reeve";
  paper.device_names = {{"8:0", "sda"}};
  plan::Explanation& e = paper.explanation;
  e.path = *CgroupPath::Parse("people/user-20418");
  e.there = e.described = e.ours = e.judged = true;
  e.mark = At(25);
  e.template_name = "people/user-<uid>";
  e.owner = "hpc-ops@example.org";
  e.why = "compiles the climate model";
  e.labels = {{"tenant", "chem"}};
  e.tasks = 61;
  for (const char* name :
       {"people/user-20418", "people", "/sys/fs/cgroup/reeve", "/sys/fs/cgroup"}) {
    Step step;
    step.name = name;
    e.way.push_back(step);
  }
  e.way[0].path = e.path;
  e.way[1].path = *CgroupPath::Parse("people");
  e.way[3].above_root = true;
  e.way[0].cpu_weight = 100;
  e.way[0].cpu_weights = 700;
  Binding cpu;
  cpu.cpu = CpuMax{Limit(1'600'000), 100'000};
  cpu.step = 0;
  cpu.mark = At(59);
  cpu.now = 7.94;
  cpu.hit = 12;
  cpu.of = 1000;
  Binding share;
  share.kind = Binding::Kind::kCpuShare;
  share.share = 1.0 / 7;
  share.step = 0;
  share.now = 7.94;
  Binding memory;
  memory.kind = Binding::Kind::kMemoryCeiling;
  memory.limit = Limit(64ULL << 30);
  memory.step = 1;
  memory.mark = At(61);
  memory.now = 41e9;
  memory.hit = 0;
  Binding pids;
  pids.kind = Binding::Kind::kProcesses;
  pids.limit = Limit(2000);
  pids.step = 3;
  pids.now = 61;
  pids.hit = 1;
  Binding disk;
  disk.kind = Binding::Kind::kDisk;
  disk.device = "8:0";
  disk.column = "rbps";
  disk.limit = Limit(50'000'000);
  disk.step = 0;
  disk.now = 22e6;
  Binding swap;
  swap.kind = Binding::Kind::kSwap;
  e.bindings = {cpu, share, memory, swap, pids, disk};
  e.evidence.throttled = 0.012;
  e.evidence.memory_stalled = 0;
  e.evidence.io_stalled = 30;
  e.verdict = plan::Verdict::kYes;
  e.because = "cpu.max of people/user-20418 stops it in 1 % of its periods";
  return paper;
}

ExplainPaper KeyPaper() {
  ExplainPaper paper = Paper();
  plan::KeyExplanation key;
  key.file = "cpu.max";
  key.knob = FindKnob("cpu.max");
  key.kernel_text = "120000 100000";
  DesiredKnob desired;
  desired.knob = key.knob;
  desired.value = CpuMax{Limit(120'000), 100'000};
  desired.written = "60% of host";
  desired.mark = At(48);
  desired.overridden = {At(28)};
  key.desired = desired;
  key.verified = true;
  key.above = {{1, "max 100000", false}, {3, "max 100000", false}};
  key.history = {{"13:51:40", "200000 100000", "max 100000", "pid 8812 bash (root)", "drift"},
                 {"12:10:55", "", "200000 100000", "reeve, generation 42", ""}};
  paper.explanation.key = key;
  return paper;
}

void ExpectFits(const std::string& text) {
  for (const std::string_view line : SplitLines(text)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(RenderExplain, SaysWhatBindsACgroup) {
  const std::string text = RenderExplain(Paper(), Paint(false));

  ExpectFits(text);
  EXPECT_EQ(text, R"(people/user-20418   61 tasks here and below
is           /sys/fs/cgroup/reeve/people/user-20418
described at 20-login.yaml:25, an instance of people/user-<uid>
owner        hpc-ops@example.org
why          compiles the climate model
labels       tenant=chem

WHAT BINDS IT   EFFECTIVE  SET AT             BY                   NOW  HIT SINCE IT WAS MADE
cpu, ceiling    16 cores   people/user-20418  20-login.yaml:59     7.9  1.2 % of its periods
cpu, share      14.3 %     people/user-20418  no policy            7.9  weight 100 of 700 busy
memory ceiling  64GiB      people             20-login.yaml:61    41GB  never
swap            none
tasks           2000       /sys/fs/cgroup     not by reeve          61  1 time
sda rbps        50MB/s     people/user-20418  no policy         22MB/s

Is it slow because of reeve? YES: cpu.max of people/user-20418 stops it in 1 % of its periods (1.2 %
                             of its periods throttled, memory stall 0.0 %, io stall 0.3 %).
)");
}

TEST(RenderExplain, TheLastLineHasFiveAnswers) {
  ExplainPaper paper = Paper();
  const auto last = [&] {
    const std::string text = RenderExplain(paper, Paint(false));
    return text.substr(text.find("Is it slow"));
  };
  paper.explanation.because.clear();
  paper.explanation.evidence.throttled = 0;
  paper.explanation.verdict = plan::Verdict::kNo;
  EXPECT_EQ(
      last(),
      "Is it slow because of reeve? NO: 0.0 % of its periods throttled, memory stall 0.0 %, io "
      "stall 0.3 %.\n");
  paper.explanation.verdict = plan::Verdict::kNotOurs;
  paper.explanation.because = "pids.max of /sys/fs/cgroup";
  EXPECT_NE(last().find("NO, but a limit that no policy sets"), std::string::npos);
  paper.explanation.verdict = plan::Verdict::kUndecided;
  EXPECT_NE(last().find("PERHAPS"), std::string::npos);
  paper.explanation.verdict = plan::Verdict::kUnknown;
  paper.explanation.because.clear();
  paper.explanation.evidence = {};
  EXPECT_EQ(last(), "Is it slow because of reeve? nothing could be seen.\n");
}

// A row of an instance, an end, and a limit on its way down.
ExplainPaper SettlingPaper(ExplainPaper paper) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  plan::Explanation& e = paper.explanation;
  e.row = {reeve::testing::TextFile("customers.yaml", ""), 14, 1, 1};
  e.expires = Expiry{1'795'300'200, At(58)};
  paper.now = 1'795'296'600;
  paper.settling = {{e.path,
                     "memory.max",
                     4ULL << 30,
                     3ULL << 30,
                     1ULL << 30,
                     engine::ShrinkCourse::State::kReclaiming,
                     "",
                     Limit(3ULL << 30)}};
  return paper;
}

TEST(RenderExplain, SaysWhichRowMadeItWhenItEndsAndWhatSettles) {
  const std::string text = RenderExplain(SettlingPaper(Paper()), Paint(false));

  ExpectFits(text);
  EXPECT_TRUE(text.starts_with(
      R"(people/user-20418   61 tasks here and below
is           /sys/fs/cgroup/reeve/people/user-20418
described at 20-login.yaml:25, an instance of people/user-<uid>, by the row customers.yaml:14
expires      Sat 22:30:00 (20-login.yaml:58)
owner        hpc-ops@example.org
why          compiles the climate model
labels       tenant=chem
settling     memory.max goes down to 1GiB in stages: 3GiB in use, 2GiB to go
)")) << text;
  const Json json = ExplainJson(SettlingPaper(Paper()));
  EXPECT_EQ(json["row"]["file"], "customers.yaml");
  EXPECT_EQ(json["expires"], 1'795'300'200);
  EXPECT_EQ(json["expires_by"]["line"], 58);
  EXPECT_EQ(json["settling"][0]["now"], 3ULL << 30);
  EXPECT_EQ(ExplainJson(Paper())["row"], nullptr);
  EXPECT_EQ(ExplainJson(Paper())["expires"], nullptr);
}

TEST(RenderExplain, AKeyThatSettlesSaysSo) {
  ExplainPaper paper = SettlingPaper(KeyPaper());
  plan::KeyExplanation& key = *paper.explanation.key;
  key.file = "memory.high";
  key.knob = FindKnob("memory.high");
  key.kernel_text = "3221225472";
  // A brake of the shrink: wanted, but written by no policy.
  key.desired->knob = nullptr;
  key.desired->value = "3221225472";
  key.desired->written.clear();
  key.desired->note = "while memory.max goes down";
  key.desired->overridden.clear();
  key.above.clear();
  key.history.clear();

  EXPECT_EQ(RenderExplain(paper, Paint(false)),
            R"(people/user-20418  memory.high = 3GiB   kernel: "3221225472"
  policy    3GiB (20-login.yaml:48), while memory.max goes down, and so it is
  row       customers.yaml:14
  settling  kept at 3GiB while memory.max goes down to 1GiB in stages: 3GiB in use, 2GiB to go
  owner     hpc-ops@example.org
  why       compiles the climate model
To set something else for now: `reevectl set people/user-20418 memory.high=VALUE --for 2h --why ...`
)");

  // The end is that of the policy the value is from, or it is not its end.
  key.desired->mark = paper.explanation.expires->mark;
  EXPECT_NE(
      RenderExplain(paper, Paint(false)).find("  expires   Sat 22:30:00 (20-login.yaml:58)\n"),
      std::string::npos);
}

TEST(RenderExplain, HitsSayOverWhichTime) {
  ExplainPaper paper = Paper();
  paper.explanation.span = 3600;
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("HIT IN THE LAST HOUR"), std::string::npos);
  paper.explanation.span = 600;
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("HIT IN THE LAST 10 min"), std::string::npos);
}

TEST(RenderExplain, SaysWhereAKeyComesFrom) {
  const std::string text = RenderExplain(KeyPaper(), Paint(false));

  ExpectFits(text);
  EXPECT_EQ(text, R"(people/user-20418  cpu.max = 1.2 cores   kernel: "120000 100000"
  policy    60% of host = 1.2 cores (20-login.yaml:48), and so it is
  instead of 20-login.yaml:28, which is weaker
  above     nothing tighter (people: max, /sys/fs/cgroup: max)
  owner     hpc-ops@example.org
  why       compiles the climate model
history
  13:51:40  200000 100000 -> max 100000  drift, pid 8812 bash (root)
  12:10:55  - -> 200000 100000           reeve, generation 42
To set something else for now: `reevectl set people/user-20418 cpu.max=VALUE --for 2h --why ...`
)");
}

TEST(RenderExplain, SaysThatAValueIsNotSoOrThatOneAboveCounts) {
  ExplainPaper paper = KeyPaper();
  paper.explanation.key->verified = false;
  paper.explanation.key->above[1].tighter = true;
  paper.explanation.key->above[1].text = "10000 100000";

  const std::string text = RenderExplain(paper, Paint(false));

  EXPECT_NE(text.find("20-login.yaml:48), but it is NOT so\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  above     tighter, so that counts: /sys/fs/cgroup: 0.1 cores\n"),
            std::string::npos)
      << text;
}

TEST(RenderExplain, WhatIsNotThereSaysSo) {
  ExplainPaper paper = KeyPaper();
  paper.explanation.there = false;
  paper.explanation.key->kernel_text.reset();
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("the cgroup is not there"), std::string::npos);
  paper.explanation.key.reset();
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("   not there\n"), std::string::npos);
  EXPECT_EQ(ExitCodeOf(paper.explanation), kDone);
  paper.explanation.described = false;
  paper.explanation.there = true;
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("   left the policy"), std::string::npos);
  paper.explanation.judged = false;
  EXPECT_NE(RenderExplain(paper, Paint(false)).find("   reeve's; no policies were named"),
            std::string::npos);
  paper.explanation.there = false;
  EXPECT_EQ(ExitCodeOf(paper.explanation), kNotFound);
}

TEST(ExplainJson, IsComplete) {
  const Json json = ExplainJson(KeyPaper());

  EXPECT_EQ(json["cgroup"], "people/user-20418");
  EXPECT_EQ(json["slow_because_of_reeve"], true);
  EXPECT_EQ(json["binds"][0]["effective"], "1600000 100000");
  EXPECT_EQ(json["binds"][0]["by"]["line"], 59);
  EXPECT_EQ(json["binds"][2]["effective"], 68719476736);
  EXPECT_EQ(json["binds"][3]["effective"], nullptr);
  EXPECT_EQ(json["key"]["kernel"], "120000 100000");
  EXPECT_EQ(json["key"]["overridden"][0]["line"], 28);
  EXPECT_EQ(json["key"]["history"].size(), 2U);
  EXPECT_EQ(ExplainJson(Paper())["key"], nullptr);
}

}  // namespace
}  // namespace reeve::show
