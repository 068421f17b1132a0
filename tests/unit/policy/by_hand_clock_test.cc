// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/policy/by_hand.h"
#include "core/policy/load.h"

namespace reeve::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHand =
    "# By hand; `reevectl release set-web` ends it before its time.\n"
    "apiVersion: reeve/v1\n"
    "kind: Policy\n"
    "metadata:\n"
    "  name: \"set-web\"\n"
    "  expires: 2026-11-21T21:30:00Z\n"
    "  priority: 1795296600\n"
    "  owner: \"anna (uid 1000)\"\n"
    "  why: \"until 2026-11-21T21:30:00Z\"\n"
    "cgroups:\n"
    "  \"web\":\n"
    "    pids.max: \"7\"\n";

Policy Read(const std::string& text) {
  Findings findings;
  Policy policy = LoadPolicy(
      {std::make_shared<const SourceFile>(SourceFile{"90-set-web.yaml", text, 2, ""})}, findings);
  EXPECT_FALSE(findings.has_errors());
  return policy;
}

TEST(MoveHands, TheEndMovesWithTheClockAndNothingElse) {
  const auto later = MoveHands(Read(kHand), 3600);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later.front().file_name, "90-set-web.yaml");
  EXPECT_THAT(later.front().text, HasSubstr("\n  expires: 2026-11-21T22:30:00Z\n"));
  EXPECT_THAT(later.front().text, HasSubstr("why: \"until 2026-11-21T21:30:00Z\""));
  EXPECT_EQ(*HandsIn(Read(later.front().text)).front().expires, 1'795'300'200);

  const auto back = MoveHands(Read(later.front().text), -3600);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back.front().text, kHand);
}

TEST(MoveHands, ADateThatPeopleWroteIsTheirs) {
  std::string text = kHand;
  text.replace(text.find("2026-11-21T21:30:00Z"), 20, "2026-11-21T22:30:00+01:00");
  EXPECT_THAT(MoveHands(Read(text), 3600), IsEmpty());
}

}  // namespace
}  // namespace reeve::policy
