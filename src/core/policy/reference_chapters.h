// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace reeve::policy {

// What is true of the language as a whole. Paragraphs and lists in Markdown; examples are indented
// by four.
struct Chapter {
  std::string_view topic;  // for `reevectl help`
  std::string_view title;
  std::string_view text;
};

std::span<const Chapter> AllChapters();

}  // namespace reeve::policy
