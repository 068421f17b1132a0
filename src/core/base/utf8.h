// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace reeve {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0 when they are not well-formed UTF-8
};

// The first code point of a text that is not empty. Overlong forms, surrogates and everything above
// U+10FFFF are not well-formed.
CodePoint FirstCodePoint(std::string_view text);

}  // namespace reeve
