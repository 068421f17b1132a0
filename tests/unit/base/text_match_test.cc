// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <gtest/gtest.h>

#include "core/base/text.h"

namespace reeve {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {
    "memory.max", "memory.min", "memory.high", "cpu.max", "cpu.weight", "io"};

TEST(NearestSpelling, FindsTypos) {
  EXPECT_EQ(NearestSpelling("memory.mx", kKeys), "memory.max");
  EXPECT_EQ(NearestSpelling("memory_high", kKeys), "memory.high");
  EXPECT_EQ(NearestSpelling("cpu.wieght", kKeys), "cpu.weight");
  EXPECT_EQ(NearestSpelling("Memory.Max", kKeys), "memory.max");
}

TEST(NearestSpelling, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(NearestSpelling("network", kKeys), std::nullopt);
  EXPECT_EQ(NearestSpelling("", kKeys), std::nullopt);
  EXPECT_EQ(NearestSpelling("xy", kKeys), std::nullopt);
  EXPECT_EQ(NearestSpelling(std::string(100'000, 'm'), kKeys), std::nullopt);
}

TEST(NearestSpelling, TheFirstOfEquallyNearOnesWins) {
  EXPECT_EQ(NearestSpelling("memory.mxx", kKeys), "memory.max");
}

TEST(GlobMatches, StarsAndQuestionMarks) {
  EXPECT_TRUE(GlobMatches("*", ""));
  EXPECT_TRUE(GlobMatches("/usr/bin/python3*", "/usr/bin/python3.11"));
  EXPECT_TRUE(GlobMatches("*-Dapp=settle*", "java -Dapp=settle-eu"));
  EXPECT_TRUE(GlobMatches("a?c", "abc"));
  EXPECT_FALSE(GlobMatches("a?c", "ac"));
  EXPECT_FALSE(GlobMatches("web*", "myweb"));
  EXPECT_TRUE(GlobMatches("*a*b*c", "xxaxbxbxc"));
  EXPECT_FALSE(GlobMatches("", "a"));
  EXPECT_TRUE(GlobMatches("", ""));
}

TEST(GlobMatches, SetsOfCharacters) {
  EXPECT_TRUE(GlobMatches("user-[0-9]", "user-7"));
  EXPECT_FALSE(GlobMatches("user-[0-9]", "user-x"));
  EXPECT_TRUE(GlobMatches("user-[!0-9]", "user-x"));
  EXPECT_FALSE(GlobMatches("user-[!0-9]", "user-7"));
  EXPECT_TRUE(GlobMatches("[]a]", "]"));
  EXPECT_TRUE(GlobMatches("[a-]", "-"));
  EXPECT_TRUE(GlobMatches("*[ab]z", "bcaz"));
  EXPECT_FALSE(GlobMatches("[ab]", ""));
}

TEST(GlobMatches, ABracketThatIsNeverClosedIsABracket) {
  EXPECT_TRUE(GlobMatches("a[b", "a[b"));
  EXPECT_FALSE(GlobMatches("a[b", "ab"));
  EXPECT_TRUE(GlobMatches("[", "["));
  EXPECT_TRUE(GlobMatches("[!", "[!"));
}

TEST(GlobMatches, ManyStarsStayQuick) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  pattern += "b";
  EXPECT_FALSE(GlobMatches(pattern, std::string(20'000, 'a')));
}

}  // namespace
}  // namespace reeve
