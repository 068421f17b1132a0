// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/daemon/rate_limit.h"
#include "app/daemon/reply.h"
#include "app/show/exit_code.h"

namespace reeve::daemon {
namespace {

http::Request Post(std::string path, std::string body) {
  http::Request request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = std::move(body);
  return request;
}

TEST(Audit, TheVerbIsWhatWasTyped) {
  EXPECT_EQ(VerbOf(Post("/v1/apply", "")), "apply");
  EXPECT_EQ(VerbOf(Post("/v1/overrides", R"({"verb":"lift","all":true})")), "lift");
  EXPECT_EQ(VerbOf(Post("/v1/overrides", R"({"verb":"lift\n"})")), "overrides");
  EXPECT_EQ(VerbOf(Post("/v1/overrides", R"({"verb":7})")), "overrides");
  EXPECT_EQ(VerbOf(Post("/v1/overrides", std::string(60'000, '['))), "overrides");
}

TEST(Audit, SaysWhatBecameOfIt) {
  engine::Audit audit = BeginAudit(Post("/v1/apply", R"({"why":"INC-7"})"), 41);
  audit.status = 200;
  audit.generation_after = 42;
  EXPECT_EQ(DescribeAudit(audit), R"(apply {"why":"INC-7"}: done, generation 41 -> 42)");

  audit.generation_after = 41;
  audit.exit_code = show::kRefused;
  EXPECT_EQ(DescribeAudit(audit), R"(apply {"why":"INC-7"}: refused)");
  audit.status = 403;
  EXPECT_EQ(DescribeAudit(audit), R"(apply {"why":"INC-7"}: refused (403))");
}

TEST(Audit, ABodyReachesNoTerminalAndFillsNoLog) {
  engine::Audit audit = BeginAudit(Post("/v1/hold", "\x1b[2J\n" + std::string(5000, 'x')), 1);

  const std::string text = DescribeAudit(audit);

  EXPECT_LT(text.size(), 1100U);
  EXPECT_THAT(text, ::testing::HasSubstr("\\x1b[2J\\x0a"));
  EXPECT_THAT(text, ::testing::HasSubstr("(5005 bytes)"));
}

TEST(Audit, AProcessOfAnotherUserIsNotWhoAsked) {
  http::Peer peer;
  peer.pid = 812;
  peer.uid = 1000;
  Writer seen;
  seen.pid = 812;
  seen.uid = 1000;
  seen.program = "reevectl";
  seen.start_time = 99;

  const auto same = WhoAsks(peer, std::make_shared<const Writer>(seen), "anna");
  EXPECT_FALSE(same->gone);
  EXPECT_EQ(same->program, "reevectl");
  EXPECT_EQ(same->start_time, 99U);
  EXPECT_EQ(same->user, "anna");

  seen.uid = 0;
  const auto other = WhoAsks(peer, std::make_shared<const Writer>(seen), "anna");
  EXPECT_TRUE(other->gone);
  EXPECT_EQ(other->program, "");
  EXPECT_EQ(*other->uid, 1000U);
}

TEST(Audit, TheExitCodeOfAnAnswerIsKnown) {
  EXPECT_EQ(ExitCodeOf(Refuse(429, "too many", show::kTryAgain)), show::kTryAgain);
  EXPECT_EQ(ExitCodeOf(http::Problem(500, "no answer")), show::kFailed);
  EXPECT_EQ(ExitCodeOf(http::Json("{}")), show::kDone);
}

TEST(RateLimit, SomeAtOnceAndThenAFewASecond) {
  RateLimit limit({3, 2});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.Take(1000, Usec(0)), std::nullopt) << i;

  EXPECT_EQ(limit.Take(1000, Usec(0)), Usec(500'000));
  EXPECT_EQ(limit.Take(1000, Usec(200'000)), Usec(300'000)) << "asking costs nothing";
  EXPECT_EQ(limit.Take(1000, Usec(500'000)), std::nullopt);
  EXPECT_NE(limit.Take(1000, Usec(500'000)), std::nullopt);
}

TEST(RateLimit, EachUserHasHisOwn) {
  RateLimit limit({1, 1});
  EXPECT_EQ(limit.Take(1000, Usec(0)), std::nullopt);
  EXPECT_NE(limit.Take(1000, Usec(0)), std::nullopt);

  EXPECT_EQ(limit.Take(1001, Usec(0)), std::nullopt);
}

TEST(RateLimit, ManyUsersMakeNobodyForgotten) {
  RateLimit limit({1, 1});
  EXPECT_EQ(limit.Take(0, Usec(0)), std::nullopt);
  for (uid_t uid = 1; uid < 2000; ++uid) EXPECT_EQ(limit.Take(uid, Usec(100)), std::nullopt);

  EXPECT_NE(limit.Take(0, Usec(200)), std::nullopt);
  EXPECT_EQ(limit.Take(0, Usec(2'000'000)), std::nullopt);
}

}  // namespace
}  // namespace reeve::daemon
