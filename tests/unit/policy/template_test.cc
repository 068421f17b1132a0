// SPDX-License-Identifier: Apache-2.0
#include "core/policy/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

DataRow Row(std::vector<std::pair<std::string, std::string>> fields) {
  DataRow row;
  for (auto& [name, text] : fields) row.fields.emplace_back(name, Scalar{text, {}, false});
  return row;
}

std::vector<std::string> NamesIn(std::string_view text) {
  std::vector<std::string> names;
  for (const Variable& variable : FindVariables(text)) names.emplace_back(variable.name);
  return names;
}

TEST(Variables, AreLettersDigitsUnderscoresAndHyphensBetweenAngleBrackets) {
  EXPECT_THAT(NamesIn("user-<user>"), ElementsAre("user"));
  EXPECT_THAT(NamesIn("<a><b_2>-<cost-center>"), ElementsAre("a", "b_2", "cost-center"));
  EXPECT_THAT(NamesIn("<<a>>"), ElementsAre("a"));
}

TEST(Variables, OtherAngleBracketsArePlainText) {
  EXPECT_THAT(NamesIn("a < b > c <> <1> <a <a b> <a"), IsEmpty());
  EXPECT_FALSE(HasVariables("x <- y"));
  EXPECT_TRUE(HasVariables("x < <y>"));
}

TEST(ReplaceVariables, InnerScopesWinAndFactsComeLast) {
  const DataRow outer_row = Row({{"name", "outer"}, {"plan", "gold"}});
  const DataRow inner_row = Row({{"name", "inner"}});
  const Scope outer{nullptr, &outer_row};
  const Scope inner{&outer, &inner_row};
  const FactValues facts = {{"plan", "fact"}, {"site", "fra1"}};

  EXPECT_EQ(ReplaceVariables("<name> <plan> <site>", &inner, facts).text, "inner gold fra1");
  EXPECT_THAT(inner.Names(), ElementsAre("name", "plan"));
}

TEST(ReplaceVariables, NamesTheFirstThatIsUnbound) {
  const Replaced result = ReplaceVariables("a<x>b", nullptr, {});

  ASSERT_TRUE(result.unbound.has_value());
  EXPECT_EQ(result.unbound->name, "x");
  EXPECT_EQ(result.unbound->offset, 1U);
  EXPECT_EQ(result.unbound->length, 3U);
}

TEST(ReplaceVariables, WhatAValueBringsIsNotReplacedAgain) {
  const DataRow row = Row({{"a", "<b>"}, {"b", "never"}});
  const Scope scope{nullptr, &row};

  EXPECT_EQ(ReplaceVariables("<a>", &scope, {}).text, "<b>");
}

TEST(ReplaceInName, EscapesEachValueAndKnowsNoFacts) {
  const DataRow row = Row({{"user", "../ito 1"}});
  const Scope scope{nullptr, &row};

  EXPECT_EQ(ReplaceInName("user-<user>", &scope).text, "user-%2E.%2Fito%201");
  EXPECT_TRUE(ReplaceInName("<site>", &scope).unbound.has_value());
}

TEST(FitsTemplate, AFreeVariableStandsForOneOrMoreCharacters) {
  EXPECT_TRUE(FitsTemplate("user-<user>", "user-ito", nullptr));
  EXPECT_FALSE(FitsTemplate("user-<user>", "user-", nullptr));
  EXPECT_FALSE(FitsTemplate("user-<user>", "shared", nullptr));
  EXPECT_TRUE(FitsTemplate("<name>", "anything.at-all", nullptr));
}

TEST(FitsTemplate, ABoundVariableMustBeThereAsItIs) {
  const DataRow row = Row({{"dept", "a b"}});
  const Scope scope{nullptr, &row};

  EXPECT_TRUE(FitsTemplate("<dept>-<job>", "a%20b-7", &scope));
  EXPECT_FALSE(FitsTemplate("<dept>-<job>", "c-7", &scope));
}

TEST(FitsTemplate, StarsInANameAreNoPattern) {
  EXPECT_FALSE(FitsTemplate("a*<x>", "abc", nullptr));
}

TEST(PatternAsGlob, TurnsVariablesIntoStars) {
  EXPECT_EQ(PatternAsGlob("/srv/sites/<name>"), "/srv/sites/*");
  EXPECT_EQ(PatternAsGlob("/srv/<a><b>*/[a-c]?/x"), "/srv/*/[a-c]?/x");
}

TEST(Capture, GivesWhatEachVariableStandsFor) {
  const auto captures = Capture("/srv/<customer>/site-<site>", "/srv/acme/site-shop", nullptr);

  ASSERT_TRUE(captures.has_value());
  EXPECT_THAT(*captures, ElementsAre(Pair("customer", "acme"), Pair("site", "shop")));
}

TEST(Capture, NeverGoesOverASlash) {
  EXPECT_FALSE(Capture("/srv/<name>", "/srv/a/b", nullptr).has_value());
  EXPECT_FALSE(Capture("/srv/*", "/srv/a/b", nullptr).has_value());
  EXPECT_FALSE(Capture("/srv?a", "/srv/a", nullptr).has_value());
}

TEST(Capture, TakesAsLittleAsPossibleFromTheLeft) {
  const auto captures = Capture("/<a>-<b>", "/x-y-z", nullptr);

  ASSERT_TRUE(captures.has_value());
  EXPECT_THAT(*captures, ElementsAre(Pair("a", "x"), Pair("b", "y-z")));
}

TEST(Capture, GoesBackWhenTheRestDoesNotFit) {
  const auto captures = Capture("/<a>-<b>.d/[0-9]*", "/x-y.d-z.d/7x", nullptr);

  ASSERT_TRUE(captures.has_value());
  EXPECT_THAT(*captures, ElementsAre(Pair("a", "x"), Pair("b", "y.d-z")));
}

TEST(Capture, ABoundVariableMustBeThereAsItIs) {
  const DataRow row = Row({{"customer", "acme"}});
  const Scope scope{nullptr, &row};

  EXPECT_TRUE(Capture("/srv/<customer>/<site>", "/srv/acme/shop", &scope).has_value());
  EXPECT_FALSE(Capture("/srv/<customer>/<site>", "/srv/other/shop", &scope).has_value());
}

// Twenty variables in one name would take a plain backtracking matcher for ever.
TEST(Capture, EndsSoonOnHostileNames) {
  std::string pattern = "/";
  for (char c = 'a'; c < 'u'; ++c) pattern += std::string("<") + c + ">a";
  pattern += 'b';

  EXPECT_FALSE(Capture(pattern, "/" + std::string(255, 'a'), nullptr).has_value());
}

TEST(Capture, RefusesPatternsLongerThanAnyPath) {
  EXPECT_FALSE(Capture("/" + std::string(100'000, '?'), "/a", nullptr).has_value());
}

TEST(FactsForValues, LeavesOutWhatIsNotKnownOrHasSeveralValues) {
  HostFacts facts;
  facts.host = "web01";
  facts.cpus = 8;
  facts.own = {{"site", {"fra1"}}, {"role", {"web", "api"}}};

  const FactValues values = FactsForValues(facts);

  EXPECT_THAT(values, ElementsAre(Pair("cpus", "8"), Pair("host", "web01"), Pair("site", "fra1")));
}

}  // namespace
}  // namespace reeve::policy
