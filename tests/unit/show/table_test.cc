// SPDX-License-Identifier: Apache-2.0
#include "app/show/table.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace reeve::show {
namespace {

TEST(Table, AlignsColumnsAndEndsLinesWithoutSpaces) {
  EXPECT_EQ(LayOut({{{"KEY", "NOW", ""}}, {{"cpu.max", "7", "x"}}, {{"pids.max", "100", ""}}},
                   {Align::kLeft, Align::kRight, Align::kLeft}),
            "KEY       NOW\n"
            "cpu.max     7  x\n"
            "pids.max  100\n");
}

TEST(Table, LetsACellRunOverTheEmptyOnesBehindIt) {
  EXPECT_EQ(LayOut({{{"a", "b", "c"}}, {{"x", "a long remark about x", ""}, 1}},
                   {Align::kLeft, Align::kLeft, Align::kLeft}),
            "a  b  c\n"
            "x  a long remark about x\n");
}

TEST(Table, GivesNoRoomToAColumnWithoutText) {
  EXPECT_EQ(LayOut({{{"a", "", "c"}}}, {Align::kLeft, Align::kLeft, Align::kLeft}), "a  c\n");
}

TEST(Table, NeverGoesBeyondTheScreenAndCutsNothing) {
  const std::string path = "people/" + std::string(60, 'p') + "/" + std::string(60, 'q');

  const std::string text =
      LayOut({{{path, "memory.max", "12GiB"}}}, {Align::kLeft, Align::kLeft, Align::kLeft});

  std::size_t from = 0;
  std::string letters;
  while (from < text.size()) {
    const std::size_t end = text.find('\n', from);
    EXPECT_LE(end - from, 100U);
    letters += text.substr(from, end - from);
    from = end + 1;
  }
  EXPECT_EQ(std::count(letters.begin(), letters.end(), 'q'), 60);
  EXPECT_NE(text.find("memory.max  12GiB"), std::string::npos);
}

}  // namespace
}  // namespace reeve::show
