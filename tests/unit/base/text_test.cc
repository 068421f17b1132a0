// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitWords, LeavesOutEmptyPieces) {
  EXPECT_THAT(SplitWords("  cpu\tio \n memory"), ElementsAre("cpu", "io", "memory"));
  EXPECT_THAT(SplitWords(" \n"), IsEmpty());
  EXPECT_THAT(SplitWords("a,b;;c", ",;"), ElementsAre("a", "b", "c"));
}

TEST(SplitLines, ALastLineNeedsNoNewline) {
  EXPECT_THAT(SplitLines("a\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(SplitLines("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(SplitLines("a\n\n"), ElementsAre("a", ""));
  EXPECT_THAT(SplitLines("\n"), ElementsAre(""));
  EXPECT_THAT(SplitLines(""), IsEmpty());
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_THAT(Split("a  b", ' '), ElementsAre("a", "", "b"));
  EXPECT_THAT(Split("/a/", '/'), ElementsAre("", "a", ""));
  EXPECT_THAT(Split("", '/'), ElementsAre(""));
}

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(Trim(" \t\r\n a b \v\f\n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(Join(std::vector<std::string>{"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(Join(std::vector<std::string>{}, ", "), "");
}

TEST(ParseDecimal, TakesAllOf64Bits) {
  EXPECT_EQ(ParseDecimal("0"), 0U);
  EXPECT_EQ(ParseDecimal("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

// What kernels accept with another meaning than people have (measured: 6.1 and 6.12 take all of these).
TEST(ParseDecimal, RefusesWhatIsReadDifferentlyElsewhere) {
  for (std::string_view text : {"18446744073709551616",
                                "99999999999999999999",
                                "0x10000",
                                "010",
                                "00",
                                "+1",
                                "-1",
                                " 1",
                                "1 ",
                                "1\n",
                                "1.0",
                                "1e3",
                                "64M",
                                "1_000",
                                "",
                                "max",
                                "\xef\xbc\x91"}) {
    EXPECT_EQ(ParseDecimal(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDecimal(std::string_view("1\0", 2)), std::nullopt);
}

TEST(ParseSignedDecimal, TakesAllOf64Bits) {
  EXPECT_EQ(ParseSignedDecimal("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(ParseSignedDecimal("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(ParseSignedDecimal("-20"), -20);
}

TEST(ParseSignedDecimal, RefusesOverflowAndOddSigns) {
  for (std::string_view text :
       {"9223372036854775808", "-9223372036854775809", "--1", "-", "- 1", "+1", "-0", "-01", ""}) {
    EXPECT_EQ(ParseSignedDecimal(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace reeve
