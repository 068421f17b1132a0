// SPDX-License-Identifier: Apache-2.0
#include "app/show/governed.h"

#include <stdlib.h>
#include <time.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/show/render_events.h"

namespace reeve::show {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNow = 1'795'296'600;  // Sat 2026-11-21 21:30 UTC

class GovernedTest : public ::testing::Test {
 protected:
  GovernedTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    governed.generation = 42;
    governed.since = kNow - 60;
    governed.origin = {"ansible (uid 0)", "CHG-1"};
    governed.now = kNow;
  }

  std::string Lines() const { return RenderGoverned(governed, Paint(false)); }

  Governed governed;
};

TEST_F(GovernedTest, SaysSinceWhenAndByWhom) {
  EXPECT_EQ(RenderSince(governed), "generation 42 since Sat 21:29:00 by ansible (uid 0), CHG-1");
  governed.since = kNow - 30 * 86'400;
  EXPECT_THAT(RenderSince(governed), HasSubstr("since 22 Oct 21:30"));
  EXPECT_EQ(Moment(kNow + 400 * 86'400, kNow), "26 Dec 2027");
  governed.generation = 0;
  EXPECT_EQ(RenderSince(governed), "no policies in force");
  EXPECT_EQ(Lines(), "");
}

TEST_F(GovernedTest, AHoldAndAConfirmationSayHowTheyEnd) {
  governed.hold = Hold{{"alice", "db\x1b[2J"}, kNow - 10, kNow + 60};
  governed.confirmation = Confirmation{42, 41, kNow + 600, {"bob", ""}};
  const std::string lines = Lines();
  EXPECT_THAT(lines,
              HasSubstr("HELD at 42 since Sat 21:29:50 by alice, db\\x1b[2J, until Sat 21:31:00"));
  EXPECT_THAT(lines, HasSubstr("CONFIRM before Sat 21:40:00 with `reevectl confirm`"));
  EXPECT_THAT(lines, Not(HasSubstr("\x1b")));
  Json json = Json::object();
  AddGoverned(governed, json);
  EXPECT_EQ(json["held"]["until"], kNow + 60);
  EXPECT_EQ(json["confirm_before"], kNow + 600);
}

TEST_F(GovernedTest, WhatFailedIsSaidWithItsReason) {
  for (int i = 0; i < 7; ++i) {
    governed.failures.push_back("create c" + std::to_string(i) +
                                ": mkdir: full (EAGAIN), a.yaml:7");
  }
  const std::string lines = Lines();
  EXPECT_THAT(lines,
              HasSubstr("FAILED, will be tried again: create c0: mkdir: full (EAGAIN), a.yaml:7"));
  EXPECT_THAT(lines, HasSubstr("FAILED, 2 more: `reevectl status -o json`"));
  Json json = Json::object();
  AddGoverned(governed, json);
  EXPECT_EQ(json["failures"].size(), 7U);
}

TEST_F(GovernedTest, HistoryBeginsWithTheNewest) {
  const std::vector<GenerationRecord> history = {
      {1, kNow - 100, {"files that changed", ""}, "1 file", "undone", "sha256:a"},
      {2, kNow, {"alice", "db slow"}, "undo to 1", "done", "sha256:b"}};
  const std::string text = RenderHistory(history);
  EXPECT_LT(text.find("undo to 1"), text.find("files that changed"));
  EXPECT_EQ(HistoryJson(history)["generations"][0]["generation"], 2);
  EXPECT_EQ(RenderHistory({}), "no generation yet\n");
}

TEST_F(GovernedTest, AnEventIsALineForPeopleAndOneForPrograms) {
  using namespace std::chrono_literals;
  engine::Event event;
  event.number = 7;
  event.at = 90s;
  event.kind = engine::Event::Kind::kRepair;
  event.path = *CgroupPath::Parse("web\n1");
  event.file = "cpu.max";
  event.from = "max 100000";
  event.to = "50000 100000";
  event.took = 4ms;
  const ClockPair clock = {100s, kNow * 1'000'000};
  EXPECT_EQ(EventLine(event, clock),
            "21:29:50.000  repair     web\\x0a1 cpu.max max 100000 -> 50000 100000  4.0 ms");
  const std::string json = EventJsonLine(event, clock);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(Json::parse(json)["cgroup"], "web\n1");
  EXPECT_EQ(Json::parse(json)["time"], kNow - 10);
}

}  // namespace
}  // namespace reeve::show
