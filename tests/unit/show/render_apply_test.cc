// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_apply.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

using Kind = Outcome::Kind;

Outcome Just(Kind kind) {
  Outcome outcome;
  outcome.kind = kind;
  return outcome;
}

Outcome Failed(int errno_value, std::string message) {
  Outcome outcome = Just(Kind::kFailed);
  outcome.error = Error{ErrorKind::kBusy, errno_value, "x", std::move(message)};
  return outcome;
}

ApplyPaper Paper() {
  ApplyPaper paper;
  paper.host = "login03";
  paper.policy_hash = "sha256:9b1c";
  paper.seconds = 0.41;
  paper.rounds.emplace_back();
  paper.left.cgroups = 2;
  paper.left.values = 7;
  return paper;
}

void Do(ApplyPaper& paper, Action action, Outcome outcome) {
  paper.rounds.back().plan.actions.push_back(std::move(action));
  paper.rounds.back().report.outcomes.push_back(std::move(outcome));
}

std::string Render(const ApplyPaper& paper) {
  return RenderApply(paper, Paint(false));
}

TEST(RenderApply, SaysThatAllIsDone) {
  ApplyPaper paper = Paper();
  Do(paper, Make("a", CreateCgroup{}), Just(Kind::kDone));
  Do(paper, Make("a", WriteMark{}), Just(Kind::kDone));
  Do(paper, Set("a", "pids.max", "max", "5"), Just(Kind::kDone));
  Do(paper, Make("b", MoveProcesses{Path("a"), 3}), Just(Kind::kAlreadySo));

  EXPECT_EQ(Render(paper),
            "login03: AS DESCRIBED   5 actions   0.41 s\n"
            "  2 done, 3 already so, 0 failed\n");
  EXPECT_EQ(ExitCodeOf(ResultOf(paper)), 0);
}

TEST(RenderApply, SaysThatNothingWasLeftToDo) {
  const ApplyPaper paper = Paper();

  EXPECT_EQ(Render(paper), "login03: already AS DESCRIBED, nothing to do (2 cgroups, 7 values)\n");
  EXPECT_EQ(ExitCodeOf(ResultOf(paper)), 0);
  EXPECT_EQ(ApplyJson(paper)["result"], "same");
  EXPECT_EQ(ApplyJson(paper)["changed"], false);
}

TEST(RenderApply, SaysWhatFailedWhyAndWhatNow) {
  ApplyPaper paper = Paper();
  Do(paper, Make("a", CreateCgroup{}), Just(Kind::kDone));
  Do(paper,
     Make("builds", EnableControllers{{Controller::kMemory}}, Mark("w.yaml", 4)),
     Failed(EBUSY, "writing \"+memory\": processes live in this cgroup itself (EBUSY)"));
  Outcome skipped = Just(Kind::kSkipped);
  skipped.blocker = 1;
  Do(paper, Set("builds/x", "memory.max", "max", "4096"), skipped);
  paper.left.actions = {Set("builds/x", "memory.max", "max", "4096")};

  EXPECT_EQ(Render(paper),
            "login03: DIFFERS   3 actions   0.41 s\n"
            "  1 done, 1 FAILED, 1 skipped because of that\n"
            "  builds: enable memory   w.yaml:4\n"
            "    kernel        writing \"+memory\": processes live in this cgroup itself (EBUSY)\n"
            "    what now      move them into a cgroup below, then apply again (reeve makes the "
            "leaf _self for\n"
            "                  them)\n"
            "    because of it 1 step was not tried\n"
            "  Everything else is in force.\n");
  EXPECT_EQ(ExitCodeOf(ResultOf(paper)), 1);
}

TEST(RenderApply, SaysHeldWhenAWriteWaits) {
  ApplyPaper paper = Paper();
  Do(paper, Set("a", "pids.max", "max", "5"), Just(Kind::kDone));
  paper.rounds.back().plan.care.push_back(
      {Danger::kKill, Path("b"), "memory.max", "it would kill", {}});
  paper.left.held.push_back({Path("b"),
                             "memory.max",
                             "17179869184",
                             "8589934592",
                             "12025908428 bytes are in use",
                             Mark("w.yaml", 9)});

  EXPECT_EQ(Render(paper),
            "login03: HELD   2 actions, 1 of them with care   0.41 s\n"
            "  1 done, 1 held back (b memory.max), 0 failed\n"
            "\n"
            "HELD BACK until it fits (apply writes the rest and says HELD)\n"
            "   b  memory.max stays 16GiB, wanted 8GiB: 11.2GiB are in use  w.yaml:9\n");
  EXPECT_EQ(ExitCodeOf(ResultOf(paper)), 4);
  EXPECT_EQ(ApplyJson(paper)["care"][0]["outcome"], "held");
}

TEST(RenderApply, SaysWhenSomebodyElseWritesAtTheSameTime) {
  ApplyPaper paper = Paper();
  Do(paper, Set("a", "pids.max", "max", "5"), Just(Kind::kDone));
  paper.left.actions = {Set("a", "pids.max", "max", "5")};

  EXPECT_EQ(
      Render(paper),
      "login03: DIFFERS   1 action   0.41 s\n"
      "  1 done, 0 failed\n"
      "  1 more action came up while it was applied (somebody else writes here): apply again\n");
}

TEST(RenderApply, NamesAKeyThatIsNotPossibleHere) {
  ApplyPaper paper = Paper();
  paper.left.gaps.push_back(
      {Gap::Kind::kUnsupported, Path("backup"), "io.weight", "no iocost", {}, false});

  EXPECT_EQ(Render(paper),
            "login03: already AS DESCRIBED, nothing to do (2 cgroups, 7 values)\n"
            "  1 key not possible here (backup io.weight: no iocost)\n");
}

TEST(ApplyJson, HasTheKeysAPlaybookReads) {
  ApplyPaper paper = Paper();
  Do(paper, Set("a", "pids.max", "max", "5"), Just(Kind::kDone));

  EXPECT_EQ(
      ApplyJson(paper).dump(),
      "{\"host\":\"login03\",\"result\":\"done\",\"changed\":true,\"repaired\":0,\"generation\":"
      "null,"
      "\"previous\":null,\"policy_hash\":\"sha256:9b1c\",\"actions\":{\"done\":1,\"same\":0,"
      "\"staged\":0,\"failed\":0,\"skipped\":0},\"failures\":[],\"unsupported\":[],\"care\":[],"
      "\"held\":[],\"drifted\":[],\"confirm_before\":null}");
}

TEST(ApplyJson, CallsRepairedDriftNoChange) {
  ApplyPaper paper = Paper();
  Do(paper, Set("a", "pids.max", "max", "5"), Just(Kind::kDone));
  paper.rounds.back().plan.actions.back().reason.drift = true;

  EXPECT_EQ(ApplyJson(paper)["changed"], false);
  EXPECT_EQ(ApplyJson(paper)["repaired"], 1);
}

TEST(ApplyJson, GivesTheErrnoAndThePlaceOfAFailure) {
  ApplyPaper paper = Paper();
  Do(paper,
     Set("a", "pids.max", "max", "5", Mark("w.yaml", 7, 3)),
     Failed(ERANGE, "writing \"5\": no"));

  EXPECT_EQ(ApplyJson(paper)["failures"].dump(),
            "[{\"cgroup\":\"a\",\"action\":\"set pids.max\",\"key\":\"pids.max\",\"kind\":\"busy\","
            "\"errno\":\"ERANGE\",\"message\":\"writing \\\"5\\\": no\",\"read_back\":null,"
            "\"which_means\":\"pids.max takes 0 to 4194304 tasks\","
            "\"what_now\":\"`reevectl help pids.max` says what the kernel takes\","
            "\"why\":{\"file\":\"w.yaml\",\"line\":7,\"column\":3}}]");
}

}  // namespace
}  // namespace reeve::show
