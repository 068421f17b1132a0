// SPDX-License-Identifier: Apache-2.0
#include "core/format/number_text.h"

#include <gtest/gtest.h>

#include "core/format/id_set.h"

namespace reeve::format {
namespace {

TEST(Hundredths, UpToTwoDecimals) {
  EXPECT_EQ(ParseHundredths("0.00"), 0U);
  EXPECT_EQ(ParseHundredths("99.99"), 99'99U);
  EXPECT_EQ(ParseHundredths("7"), 7'00U);
  EXPECT_EQ(ParseHundredths("7.5"), 7'50U);
  EXPECT_EQ(FormatHundredths(7'05), "7.05");
  for (std::string_view text : {"",
                                ".5",
                                "7.",
                                "7.555",
                                "-1",
                                "1e2",
                                "07",
                                "7.5x",
                                "7.-5",
                                "184467440737095517",
                                "18446744073709551615"}) {
    EXPECT_EQ(ParseHundredths(text), std::nullopt) << text;
  }
}

TEST(Limit, MaxOrANumber) {
  EXPECT_EQ(ParseLimit("max"), Limit::Max());
  EXPECT_EQ(ParseLimit("18446744073709551615"), Limit(UINT64_MAX));
  EXPECT_NE(ParseLimit("18446744073709551615"), Limit::Max());
  EXPECT_EQ(ParseLimit("Max"), std::nullopt);
  EXPECT_EQ(FormatLimit(Limit::Max()), "max");
  EXPECT_EQ(FormatLimit(Limit(0)), "0");
}

TEST(IdSet, TouchingRangesBecomeOne) {
  EXPECT_EQ(*ParseIdSet("x", "4,0-1,2-3,9-9,8"), (IdSet{{{0, 4}, {8, 9}}}));
  EXPECT_EQ(*ParseIdSet("x", "0-4294967295"), (IdSet{{{0, 4'294'967'295}}}));
  EXPECT_EQ(*ParseIdSet("x", "4294967294,4294967295,0"),
            (IdSet{{{0, 0}, {4'294'967'294, 4'294'967'295}}}));
}

TEST(IdSet, NumbersOutsideOf32BitsAreRefused) {
  EXPECT_EQ(ParseIdSet("cpuset.cpus", "4294967296").error().ToString(),
            "cpuset.cpus: unexpected \"4294967296\"");
  for (std::string_view text :
       {"-1", "1-", "1--2", "1-2-3", "0x1", "a", ",", "1,", "1 2", "0-3/2"}) {
    EXPECT_FALSE(ParseIdSet("x", text).has_value()) << text;
  }
}

}  // namespace
}  // namespace reeve::format
