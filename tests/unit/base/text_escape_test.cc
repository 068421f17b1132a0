// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/base/text.h"

namespace reeve {
namespace {

TEST(EscapeForTerminal, LeavesReadableTextAlone) {
  EXPECT_EQ(EscapeForTerminal("web/api-1 \\x \"quoted\""), "web/api-1 \\x \"quoted\"");
  EXPECT_EQ(EscapeForTerminal("M\xc3\xbcller \xe6\x97\xa5 \xf0\x9f\x9a\x80"),
            "M\xc3\xbcller \xe6\x97\xa5 \xf0\x9f\x9a\x80");
}

TEST(EscapeForTerminal, NoControlSequenceSurvives) {
  EXPECT_EQ(EscapeForTerminal("\x1b]52;c;eA==\a\r\n\t\x7f"),
            "\\x1b]52;c;eA==\\x07\\x0d\\x0a\\x09\\x7f");
  EXPECT_EQ(EscapeForTerminal(std::string_view("\0a", 2)), "\\x00a");
  // U+009B is the same as ESC [ to a terminal.
  EXPECT_EQ(EscapeForTerminal("\xc2\x9b"
                              "31m"),
            "\\xc2\\x9b31m");
}

TEST(EscapeForTerminal, NothingInvisibleOrTurnedAroundSurvives) {
  EXPECT_EQ(EscapeForTerminal("a\xe2\x80\xae"
                              "b"),
            "a\\xe2\\x80\\xaeb");                                   // right-to-left override
  EXPECT_EQ(EscapeForTerminal("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");  // isolate
  EXPECT_EQ(EscapeForTerminal("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");  // zero width space
  EXPECT_EQ(EscapeForTerminal("\xef\xbb\xbf"), "\\xef\\xbb\\xbf");  // byte order mark
  EXPECT_EQ(EscapeForTerminal("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81");  // tag letter
}

TEST(EscapeForTerminal, BytesThatAreNoUtf8AreEscapedOneByOne) {
  EXPECT_EQ(EscapeForTerminal("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(EscapeForTerminal("\xc0\xaf"), "\\xc0\\xaf");                    // overlong '/'
  EXPECT_EQ(EscapeForTerminal("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(EscapeForTerminal("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

TEST(IsValidUtf8, KnowsTheEdges) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("a\xc2\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  for (std::string_view bad : {"\x80",
                               "\xc1\xbf",
                               "\xe0\x9f\xbf",
                               "\xed\xa0\x80",
                               "\xf0\x8f\xbf\xbf",
                               "\xf4\x90\x80\x80",
                               "\xf8\x88\x80\x80\x80",
                               "\xe2\x82",
                               "\xc3("}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

}  // namespace
}  // namespace reeve
