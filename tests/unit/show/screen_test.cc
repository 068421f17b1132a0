// SPDX-License-Identifier: Apache-2.0
#include "app/show/screen.h"

#include <gtest/gtest.h>

namespace reeve::show {
namespace {

TEST(Screen, CountsColumnsAsATerminalDoes) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("memory.max"), 10U);
  EXPECT_EQ(DisplayWidth("K\xc3\xb6ln"), 4U);               // o with diaeresis, two bytes
  EXPECT_EQ(DisplayWidth("\xe6\x9d\xb1\xe4\xba\xac"), 4U);  // two ideographs
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1U);                 // e and a combining acute
  EXPECT_EQ(DisplayWidth("\xf0\x9f\x98\x80"), 2U);          // an emoji
}

TEST(Screen, ClipsBetweenCharacters) {
  EXPECT_EQ(ClipToWidth("abcdef", 3), "abc");
  EXPECT_EQ(ClipToWidth("\xe6\x9d\xb1\xe4\xba\xac", 3), "\xe6\x9d\xb1");
  EXPECT_EQ(ClipToWidth("ab", 9), "ab");
}

TEST(Screen, WrapsBetweenWordsAndKeepsLineBreaks) {
  EXPECT_EQ(WrapWords("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(WrapWords("one\ntwo", 20), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(WrapWords("", 20), (std::vector<std::string>{""}));
}

TEST(Screen, LosesNothingOfAWordThatIsTooLong) {
  EXPECT_EQ(WrapWords("people/somebody", 10), (std::vector<std::string>{"people/", "somebody"}));
  EXPECT_EQ(WrapWords("abcdefghijkl", 5), (std::vector<std::string>{"abcde", "fghij", "kl"}));
}

TEST(Screen, KeepsTheIndentOfAnOutline) {
  EXPECT_EQ(WrapWords("  deeper", 20), (std::vector<std::string>{"  deeper"}));
  EXPECT_EQ(WrapWords("  two words", 7), (std::vector<std::string>{"  two", "  words"}));
}

TEST(Screen, HangsFurtherLinesUnderTheFirstWord) {
  EXPECT_EQ(Hanging("hint: ", "write this or that", 26), "hint: write this or that\n");
  EXPECT_EQ(Hanging("     hint: ", "write this here or write that there", 34),
            "     hint: write this here or\n"
            "           write that there\n");
}

TEST(Screen, CountsInEnglish) {
  EXPECT_EQ(Count(0, "error"), "0 errors");
  EXPECT_EQ(Count(1, "error"), "1 error");
  EXPECT_EQ(Count(2, "process", "processes"), "2 processes");
}

// ESC, CR, BEL, OSC 52 (writes the clipboard), right-to-left override, a line break, a byte that is
// no UTF-8.
TEST(Screen, LetsNoControlCharacterThrough) {
  EXPECT_EQ(Shown("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(Shown("a\rb\ac"), "a\\x0db\\x07c");
  EXPECT_EQ(Shown("\x1b]52;c;eA==\x07"), "\\x1b]52;c;eA==\\x07");
  EXPECT_EQ(Shown("\xe2\x80\xae"), "\\xe2\\x80\\xae");
  EXPECT_EQ(Shown("a\nb"), "a\\x0ab");
  EXPECT_EQ(Shown("\xff"), "\\xff");
  EXPECT_EQ(Shown("K\xc3\xb6ln"), "K\xc3\xb6ln");
}

}  // namespace
}  // namespace reeve::show
