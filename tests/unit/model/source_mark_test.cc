// SPDX-License-Identifier: Apache-2.0
#include "core/model/source_mark.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(SourceMark, SaysFileLineAndColumn) {
  SourceMark mark;
  mark.file = std::make_shared<const SourceFile>(SourceFile{"web.yaml", "", 1, ""});
  mark.line = 14;
  mark.column = 17;

  EXPECT_EQ(mark.FileLine(), "web.yaml:14");
  EXPECT_EQ(mark.FileLineColumn(), "web.yaml:14:17");
}

TEST(SourceMark, NoPlaceHasNoText) {
  EXPECT_FALSE(SourceMark().known());
  EXPECT_EQ(SourceMark().FileLine(), "");
  EXPECT_EQ(SourceMark().FileLineColumn(), "");
}

}  // namespace
}  // namespace reeve
