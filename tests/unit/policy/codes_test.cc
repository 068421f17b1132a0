// SPDX-License-Identifier: Apache-2.0
#include "core/policy/codes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/source_tree.h"

namespace reeve::policy {
namespace {

bool IsCode(std::string_view text) {
  return text.size() == 5 && text[0] == 'R' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Every "R0123" in quotes in the sources but the table itself, with a file that has it.
std::map<std::string, std::string> UsedCodes() {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> used;
  for (const auto& entry : fs::recursive_directory_iterator(support::SourceTree() / "src")) {
    const fs::path path = entry.path();
    if (path.extension() != ".cc" || path.filename() == "codes.cc") continue;
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t at = text.find("\"R"); at != std::string::npos;
         at = text.find("\"R", at + 1)) {
      const std::string code = text.substr(at + 1, 5);
      if (IsCode(code) && text.substr(at + 6, 1) == "\"") used.emplace(code, path.filename());
    }
  }
  return used;
}

TEST(Codes, EveryCodeOfTheSourcesHasARow) {
  for (const auto& [code, file] : UsedCodes()) {
    EXPECT_NE(FindCode(code), nullptr) << code << " in " << file;
  }
}

TEST(Codes, EveryRowIsUsed) {
  const auto used = UsedCodes();
  for (const Code& code : AllCodes()) {
    EXPECT_TRUE(used.contains(std::string(code.code))) << code.code << " " << code.title;
  }
}

TEST(Codes, RowsAreSortedCompleteAndFound) {
  EXPECT_TRUE(std::ranges::is_sorted(AllCodes(), std::ranges::less_equal{}, &Code::code));
  for (const Code& code : AllCodes()) {
    EXPECT_TRUE(IsCode(code.code)) << code.code;
    EXPECT_FALSE(code.title.empty()) << code.code;
    EXPECT_TRUE(code.doc.ends_with('.')) << code.code;
    EXPECT_EQ(FindCode(code.code), &code);
  }
  EXPECT_EQ(FindCode("R0000"), nullptr);
  EXPECT_EQ(FindCode("R9999"), nullptr);
}

}  // namespace
}  // namespace reeve::policy
