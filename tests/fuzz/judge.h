// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "core/model/source_mark.h"

// What every fuzz target says of what it finds.
namespace reeve::fuzz {

// Ends the program, which libFuzzer takes for a finding.
//   text  what was broken, shown escaped
inline void Require(bool holds,
                    std::string_view what = "what always holds",
                    std::string_view text = "") {
  if (holds) return;
  std::fprintf(
      stderr, "broken: %s\n%s\n", std::string(what).c_str(), EscapeForTerminal(text).c_str());
  std::abort();
}

// A place must be in its text: one column behind the end of a line at most.
inline void JudgePlace(const SourceMark& mark) {
  std::string_view rest = mark.file->text;
  for (std::uint32_t line = 1; line < mark.line; ++line) {
    const std::size_t end = rest.find('\n');
    Require(end != std::string_view::npos, "a line that is not in the text");
    rest.remove_prefix(end + 1);
  }
  const std::size_t width = rest.substr(0, rest.find('\n')).size();
  Require(mark.column >= 1 && mark.column <= width + 1, "a column that is not in the line");
  Require(mark.length >= 1, "a place without length");
}

}  // namespace reeve::fuzz
