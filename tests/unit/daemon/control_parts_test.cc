// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/daemon/access.h"
#include "app/daemon/crash_guard.h"
#include "app/daemon/kill_cgroup.h"
#include "app/daemon/reply.h"
#include "support/fake_cgroup_fs.h"

// The parts of the control socket that need no socket.
namespace reeve::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

http::Peer Local(uid_t uid, std::vector<gid_t> groups = {}) {
  http::Peer peer;
  peer.local = true;
  peer.uid = uid;
  peer.gid = 50'000;
  peer.groups = std::move(groups);
  return peer;
}

TEST(Access, ReadersReadAndAdminsChange) {
  const Access access(900, 70, 71);
  EXPECT_TRUE(access.MayChange(Local(0)));
  EXPECT_TRUE(access.MayChange(Local(900))) << "our own user";
  EXPECT_TRUE(access.MayChange(Local(1000, {71})));
  EXPECT_TRUE(access.MayRead(Local(1000, {71})));
  EXPECT_TRUE(access.MayRead(Local(1000, {70})));
  EXPECT_FALSE(access.MayChange(Local(1000, {70})));
  EXPECT_FALSE(access.MayRead(Local(1000)));
  http::Peer tcp;
  EXPECT_FALSE(access.MayRead(tcp));
  EXPECT_FALSE(Access(0, std::nullopt, std::nullopt).MayChange(tcp));
}

TEST(Body, WhatIsNotAsItShouldBeIsNamed) {
  Body good(
      R"({"a":"x","n":7,"f":true,"names":["b","a"],"map":{"pids.max":100,"cpu.max":"1 core"}})");
  EXPECT_EQ(good.Text("a"), "x");
  EXPECT_EQ(good.Number("n"), 7);
  EXPECT_TRUE(good.Flag("f"));
  EXPECT_THAT(good.Names("names"), ElementsAre("a", "b"));
  EXPECT_THAT(good.Pairs("map"), ElementsAre(Pair("pids.max", "100"), Pair("cpu.max", "1 core")));
  EXPECT_EQ(good.Text("absent"), "");
  EXPECT_EQ(good.wrong(), "");
  EXPECT_EQ(Body("").wrong(), "") << "no body is an empty object";

  for (const char* text : {"[]", "7", "{", "null", "\xff"}) {
    EXPECT_EQ(Body(text).wrong(), "the body is no JSON object") << text;
  }
  Body bad(R"({"a":7,"n":1.5,"names":"x"})");
  (void)bad.Text("a");
  (void)bad.Number("n");
  (void)bad.Names("names");
  EXPECT_EQ(bad.wrong(), "`a` must be a text") << "the first thing first";
  Body huge(R"({"n":99999999999999999999})");
  (void)huge.Number("n");
  EXPECT_THAT(huge.wrong(), HasSubstr("whole number"));
  Body wraps(R"({"n":18446744073709551615})");
  EXPECT_EQ(wraps.Number("n"), 0) << "not -1";
  EXPECT_THAT(wraps.wrong(), HasSubstr("whole number"));
}

// As large as a body may be, and as nasty as one can be made (F112). The members are read whatever it is.
TEST(Body, F112_HostileOnesAreNamedOrTaken) {
  constexpr std::size_t kLargest = 64U << 10;
  const auto times = [](std::string_view piece) {
    std::string text;
    while (text.size() + piece.size() <= kLargest) text += piece;
    return text;
  };
  const std::vector<std::string> refused = {times("["),
                                            times("{\"a\":"),
                                            times("[{\"a\":[") + "1",
                                            times("\""),
                                            times("{"),
                                            "{\"a\":\"" + times("\\ud800") + "\"}",
                                            std::string("{\"a\":1\0}", 9),
                                            "{\"a\":\"\xc3\x28\"}",
                                            "{\"a\":1}{\"a\":2}",
                                            "{\"a\":01}",
                                            "{'a':1}"};
  for (const std::string& text : refused) {
    Body body(text);
    EXPECT_EQ(body.Text("a"), "");
    EXPECT_EQ(body.wrong(), "the body is no JSON object") << text.substr(0, 40);
  }

  // A whole one that is nested as deep as there is room for; a program that recursed would be gone.
  std::string deep = R"({"a":)";
  const std::size_t levels = kLargest / 2 - 8;
  deep += std::string(levels, '[') + std::string(levels, ']') + "}";
  Body nested(deep);
  EXPECT_EQ(nested.Text("a"), "");
  EXPECT_EQ(nested.wrong(), "`a` must be a text");

  Body twice(R"({"n":1,"n":2,"names":["x","x"],"map":{"k":"1","k":"2"}})");
  EXPECT_EQ(twice.Number("n"), 2);
  EXPECT_THAT(twice.Names("names"), ElementsAre("x"));
  EXPECT_EQ(twice.Pairs("map").size(), 1U);
  EXPECT_EQ(twice.wrong(), "");
  for (const char* text : {R"({"n":1e3})", R"({"n":-1.5})", R"({"n":"7"})", R"({"n":true})"}) {
    Body number(text);
    (void)number.Number("n");
    EXPECT_THAT(number.wrong(), HasSubstr("`n` must be")) << text;
  }
}

TEST(Reply, TextForWhoAsksForItElseJson) {
  http::Request request;
  request.accept = "text/plain";
  const http::Response text = Answer(request, "hello\n", {{"a", 1}}, 4);
  EXPECT_EQ(*text.body, "hello\n");
  EXPECT_THAT(text.headers, ElementsAre(Pair("Reeve-Exit-Status", "4")));
  request.accept = "*/*";
  EXPECT_EQ(nlohmann::json::parse(*Answer(request, "hello\n", {{"a", 1}}, 0).body)["a"], 1);
  request.query["full"] = "";
  request.query["raw"] = "0";
  EXPECT_TRUE(Flag(request, "full"));
  EXPECT_FALSE(Flag(request, "raw"));
  EXPECT_FALSE(Flag(request, "absent"));
}

TEST(KillCgroup, CountsAndKillsAllBelow) {
  support::FakeCgroupFs fs;
  fs.ForeignMkdir("web");
  fs.ForeignMkdir("web/api");
  fs.Spawn("web");
  fs.Spawn("web/api");
  const CgroupPath web = *CgroupPath::Parse("web");
  EXPECT_EQ(ProcessesIn(fs, web), 2U);
  ASSERT_TRUE(KillCgroup(fs, web).has_value());
  EXPECT_EQ(ProcessesIn(fs, web), 0U);
  EXPECT_FALSE(KillCgroup(fs, *CgroupPath::Parse("nosuch")).has_value());
}

// F73: before 5.14 there is no cgroup.kill. The processes of the fake are numbers that no process here has, so it is
// seen to freeze them first, to give up when nobody goes, and to leave nothing frozen (F72).
TEST(KillCgroup, WithoutCgroupKillItFreezesAndThawsAgain) {
  support::FakeCgroupFs::Options options;
  options.kernel.without_files = {"cgroup.kill"};
  support::FakeCgroupFs fs(options);
  fs.ForeignMkdir("web");
  fs.ForeignMkdir("web/api");
  ASSERT_TRUE(KillCgroup(fs, *CgroupPath::Parse("web")).has_value());
  EXPECT_EQ(fs.Text("web", "cgroup.freeze"), "0");
  const auto& journal = fs.journal();
  const auto froze = std::count_if(journal.begin(), journal.end(), [](const auto& entry) {
    return entry.file == "cgroup.freeze";
  });
  EXPECT_EQ(froze, 2) << "stopped, and let go";
}

TEST(CrashGuard, WaitsLongerAndLonger) {
  EXPECT_EQ(CrashGuard::DelayAfter(0).count(), 0);
  EXPECT_EQ(CrashGuard::DelayAfter(1).count(), 0);
  EXPECT_EQ(CrashGuard::DelayAfter(2).count(), 500'000);
  EXPECT_EQ(CrashGuard::DelayAfter(5).count(), 4'000'000);
  EXPECT_EQ(CrashGuard::DelayAfter(4'000'000'000U).count(), 30'000'000);
}

}  // namespace
}  // namespace reeve::daemon
