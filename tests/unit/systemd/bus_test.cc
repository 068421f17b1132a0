// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/bus.h"

#include <systemd/sd-event.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/clock.h"
#include "unit/systemd/fake_bus.h"

namespace reeve::systemd {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BusTest : public testing::Test {
 protected:
  BusTest() : loop_(*Loop::Make()), fake_(loop_) {}

  void Make() {
    bus_ = *Bus::Make(loop_, fake_.Options());
    bus_->OnChange([this] { changes_.push_back(bus_->ready() ? "ready" : bus_->away_reason()); });
  }

  void Connect() {
    Make();
    ASSERT_TRUE(RunUntil([this] { return bus_->ready(); }));
  }

  // Long enough for the limits and some of the pauses.
  void ConnectInVain() {
    Make();
    RunFor(milliseconds(300));
    EXPECT_FALSE(bus_->ready());
  }

  void RunFor(Usec time) {
    const Usec end = io::BootTime() + time;
    while (io::BootTime() < end) sd_event_run(loop_.event(), 1'000);
  }

  // Runs the loop until `done`, at most a second; false when it did not become so.
  bool RunUntil(const std::function<bool()>& done) {
    const Usec end = io::BootTime() + std::chrono::seconds(1);
    while (!done() && io::BootTime() < end) sd_event_run(loop_.event(), 1'000);
    return done();
  }

  // Calls and waits for the answer.
  Result<BusValue::List> Call(BusCall call) {
    std::optional<Result<BusValue::List>> got;
    bus_->Call(std::move(call), [&](Result<BusValue::List> answer) { got = std::move(answer); });
    EXPECT_FALSE(got.has_value()) << "called back from within Call";
    if (!RunUntil([&] { return got.has_value(); })) {
      return Error{ErrorKind::kInternal, 0, "", "was never called back"};
    }
    return *got;
  }

  Loop loop_;
  FakeBus fake_;
  std::unique_ptr<Bus> bus_;
  std::vector<std::string> changes_;
};

TEST_F(BusTest, IsReadyWhenSystemdTellsOfItsUnits) {
  Connect();

  EXPECT_TRUE(bus_->ready());
  EXPECT_EQ(bus_->away_reason(), "");
  EXPECT_THAT(fake_.calls, ElementsAre("Subscribe"));
}

TEST_F(BusTest, EveryKindOfValueGoesThereAndBack) {
  const std::string signature = "ybnqiuxtdsoga(sv)a{sv}ai(st)";
  const BusValue::List values = {
      std::uint8_t{255},
      true,
      -5,
      std::uint16_t{65535},
      -70'000,
      std::uint32_t{4'000'000'000},
      std::int64_t{-1} << 40,
      ~std::uint64_t{0},
      2.5,
      "text",
      "/a/path",
      "a{sv}",
      BusValue::List{BusValue::List{"CPUWeight", BusValue::Variant("t", std::uint64_t{200})},
                     BusValue::List{"PIDs", BusValue::Variant("au", BusValue::List{1U, 2U})}},
      BusValue::List{BusValue::List{"key", BusValue::Variant("s", "value")}},
      BusValue::List{},
      BusValue::List{"x", std::uint64_t{1}},
  };
  fake_.On("Echo", [&](const BusValue::List& arguments) {
    return FakeBus::Answer{signature, arguments};
  });
  Connect();

  const auto answer = Call({.member = "Echo", .signature = signature, .arguments = values});

  ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
  EXPECT_EQ(*answer, values);
  EXPECT_EQ(*(*answer)[13].Find("key")->text(), "value");
  EXPECT_EQ((*answer)[13].Find("other"), nullptr);
  EXPECT_EQ((*answer)[0].number(), 255);
  EXPECT_EQ((*answer)[2].number(), std::nullopt);
}

TEST_F(BusTest, ValuesThatDoNotFitTheirSignatureAreOurOwnMistake) {
  Connect();

  for (const BusValue::List& wrong :
       {BusValue::List{}, BusValue::List{1U}, BusValue::List{"a", "b"}, BusValue::List{true}}) {
    const auto answer = Call({.member = "Echo", .signature = "s", .arguments = wrong});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::kInternal);
  }
  EXPECT_TRUE(bus_->ready());
}

TEST_F(BusTest, F96ARefusalIsAnErrorByWhatOneCanDoAboutIt) {
  struct Row {
    std::string name;
    ErrorKind kind;
  };

  std::string name;
  fake_.On("StartUnit", [&](const auto&) { return FakeBus::Refusal{name, "because"}; });
  Connect();

  for (const auto& row : {
           Row{"org.freedesktop.systemd1.NoSuchUnit", ErrorKind::kNotFound},
           Row{"org.freedesktop.systemd1.UnitExists", ErrorKind::kConflict},
           Row{"org.freedesktop.DBus.Error.AccessDenied", ErrorKind::kDenied},
           Row{"org.freedesktop.DBus.Error.InvalidArgs", ErrorKind::kInvalid},
           Row{"org.freedesktop.DBus.Error.PropertyReadOnly", ErrorKind::kUnsupported},
           Row{"org.freedesktop.DBus.Error.NoReply", ErrorKind::kBusy},
           Row{"org.freedesktop.DBus.Error.Failed", ErrorKind::kIo},
           Row{"System.Error.ESRCH", ErrorKind::kGone},
           Row{"com.example.Own", ErrorKind::kIo},
       }) {
    name = row.name;
    const auto answer = Call({.member = "StartUnit"});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, row.kind) << row.name;
    EXPECT_EQ(answer.error().subject, "StartUnit");
    EXPECT_EQ(answer.error().message, "because (" + row.name + ")");
  }
  EXPECT_EQ(Call({.member = "NoSuchMethod"}).error().kind, ErrorKind::kUnsupported);
}

TEST_F(BusTest, F96ACallThatIsNotAnsweredEndsAtItsLimit) {
  fake_.On("Slow", [](const auto&) { return std::monostate(); });
  fake_.On("Quick", [](const auto&) { return FakeBus::Answer{"s", {"here"}}; });
  Connect();

  const auto late = Call({.member = "Slow", .limit = milliseconds(30)});

  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(late.error().message, HasSubstr("timed out"));
  EXPECT_TRUE(bus_->ready());
  EXPECT_TRUE(Call({.member = "Quick"}).has_value());
}

TEST_F(BusTest, AnAnswerAfterTheLimitIsHeardByNobody) {
  fake_.On("Quick", [](const auto&) { return FakeBus::Answer{"s", {"here"}}; });
  Connect();
  fake_.Hang();

  EXPECT_FALSE(Call({.member = "Quick", .limit = milliseconds(20)}).has_value());
  fake_.GoOn();

  EXPECT_TRUE(Call({.member = "Quick"}).has_value());
}

TEST_F(BusTest, WhatIsAskedWhileItIsAwayFailsAtOnce) {
  fake_.Stop();
  ConnectInVain();

  const auto answer = Call({.member = "Subscribe"});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(answer.error().message, HasSubstr("No such file or directory"));
  EXPECT_THAT(bus_->away_reason(), HasSubstr(fake_.Options().address));
}

TEST_F(BusTest, F96AConnectionThatIsLostIsMadeAnew) {
  fake_.On("Slow", [](const auto&) { return std::monostate(); });
  fake_.On("Quick", [](const auto&) { return FakeBus::Answer{"s", {"here"}}; });
  Connect();
  std::vector<std::string> failed;
  for (int i = 0; i < 3; ++i) {
    bus_->Call({.member = "Slow"}, [&](const Result<BusValue::List>& answer) {
      failed.emplace_back(ErrorKindName(answer.error().kind));
    });
  }
  ASSERT_TRUE(RunUntil([this] { return fake_.calls.size() == 4; }));

  fake_.Stop();
  ASSERT_TRUE(RunUntil([&] { return !bus_->ready() && failed.size() == 3; }));
  EXPECT_THAT(failed, ElementsAre("busy", "busy", "busy"));
  fake_.Start();

  ASSERT_TRUE(RunUntil([this] { return bus_->ready(); }));
  EXPECT_TRUE(Call({.member = "Quick"}).has_value());
  EXPECT_EQ(changes_.back(), "ready");
}

TEST_F(BusTest, PausesBetweenAttemptsGrowToTheLongest) {
  fake_.Hang();
  BusOptions options = fake_.Options();
  options.connect_limit = milliseconds(1);
  options.first_pause = milliseconds(10);
  options.longest_pause = milliseconds(160);
  bus_ = *Bus::Make(loop_, options);

  RunFor(std::chrono::seconds(1));

  // After 10, 20, 40, 80, 160, 160, ...; a hundred times without growing.
  EXPECT_GT(fake_.accepted, 3);
  EXPECT_LT(fake_.accepted, 15);
}

TEST_F(BusTest, F96ABusThatDoesNotAnswerIsGivenUpAndTriedAgain) {
  fake_.Hang();
  ConnectInVain();

  EXPECT_THAT(bus_->away_reason(), HasSubstr("does not answer"));

  fake_.GoOn();
  EXPECT_TRUE(RunUntil([this] { return bus_->ready(); }));
}

TEST_F(BusTest, ASystemdThatDoesNotAnswerMeansAway) {
  fake_.On("Subscribe", [](const auto&) { return std::monostate(); });
  ConnectInVain();

  EXPECT_THAT(changes_, testing::Contains(HasSubstr("systemd does not")));

  fake_.On("Subscribe", [](const auto&) { return FakeBus::Answer{}; });
  EXPECT_TRUE(RunUntil([this] { return bus_->ready(); }));
}

TEST_F(BusTest, F96ASystemdThatExecutesItselfAnewIsSubscribedToAgain) {
  Connect();

  fake_.LeaveSystemd();
  ASSERT_TRUE(RunUntil([this] { return !bus_->ready(); }));
  EXPECT_EQ(bus_->away_reason(), "systemd is not on the bus");
  fake_.EnterSystemd();

  ASSERT_TRUE(RunUntil([this] { return bus_->ready(); }));
  EXPECT_THAT(fake_.calls, ElementsAre("Subscribe", "Subscribe"));
}

TEST_F(BusTest, WithoutSystemdOnItItIsNotReady) {
  fake_.LeaveSystemd();
  ConnectInVain();

  EXPECT_EQ(bus_->away_reason(), "systemd is not on the bus");

  fake_.EnterSystemd();
  EXPECT_TRUE(RunUntil([this] { return bus_->ready(); }));
}

TEST_F(BusTest, SignalsThatAreMeantAreHeardAlsoAfterAReconnect) {
  std::vector<std::string> heard;
  Connect();
  bus_->OnSignal({.interface = std::string(kSystemdManager), .member = "UnitNew"},
                 [&](const BusSignal& signal) {
                   heard.push_back(signal.path + " " + *signal.arguments.at(0).text());
                 });
  const auto emit = [&](const char* member, const char* unit) {
    fake_.Emit({std::string(kSystemdPath), std::string(kSystemdManager), member, {unit, "/u"}},
               "so");
  };

  ASSERT_FALSE(Call({.member = "Nothing"}).has_value());  // by now the bus knows what is meant
  emit("UnitNew", "a.service");
  emit("UnitRemoved", "b.service");
  ASSERT_TRUE(RunUntil([&] { return !heard.empty(); }));
  fake_.Stop();
  ASSERT_TRUE(RunUntil([this] { return !bus_->ready(); }));
  fake_.Start();
  ASSERT_TRUE(RunUntil([this] { return bus_->ready(); }));
  ASSERT_FALSE(Call({.member = "Nothing"}).has_value());
  emit("UnitNew", "c.service");
  ASSERT_TRUE(RunUntil([&] { return heard.size() == 2; }));

  EXPECT_THAT(
      heard,
      ElementsAre("/org/freedesktop/systemd1 a.service", "/org/freedesktop/systemd1 c.service"));
}

TEST_F(BusTest, WhoeverIsStillWaitedForWhenItGoesIsNotHeard) {
  fake_.On("Quick", [](const auto&) { return FakeBus::Answer{}; });
  Connect();
  bool heard = false;
  bus_->Call({.member = "Quick"}, [&](const auto&) { heard = true; });
  fake_.Stop();
  bus_->Call({.member = "Quick"}, [&](const auto&) { heard = true; });
  bus_.reset();

  RunFor(milliseconds(30));

  EXPECT_FALSE(heard);
}

}  // namespace
}  // namespace reeve::systemd
