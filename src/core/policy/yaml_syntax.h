// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace reeve::policy {

struct SyntaxWords {
  std::string code;
  std::string message;
  std::string hint;
  std::size_t length = 1;     // bytes to underline
  bool names_opener = false;  // the place where the innermost flow collection begins helps
};

// Puts a complaint of yaml-cpp into words for people who edit policies.
//   complaint   what yaml-cpp says ("illegal map value")
//   before      the line up to the place
//   rest        the line from the place on
SyntaxWords DescribeSyntaxError(std::string_view complaint,
                                std::string_view before,
                                std::string_view rest);

}  // namespace reeve::policy
