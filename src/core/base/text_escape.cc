// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0 when they are not well-formed UTF-8
};

// The first code point of a text that is not empty. Overlong forms, surrogates and everything above
// U+10FFFF are not well-formed.
CodePoint FirstCodePoint(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xE0U) == 0xC0U) {
    length = 2;
    value = lead & 0x1FU;
    smallest = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    length = 3;
    value = lead & 0x0FU;
    smallest = 0x800;
  } else if ((lead & 0xF8U) == 0xF0U) {
    length = 4;
    value = lead & 0x07U;
    smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest || surrogate || value > 0x10FFFF) return {};
  return {value, length};
}

bool IsHarmless(char32_t c) {
  if (c < 0x20 || c == 0x7F) return false;
  if (c >= 0x80 && c <= 0x9F) return false;     // C1: U+009B opens a terminal sequence like ESC [
  if (c == 0x61C || c == 0xFEFF) return false;  // Arabic letter mark, byte order mark
  if (c >= 0x200B && c <= 0x200F)
    return false;  // zero width, left-to-right and right-to-left marks
  if (c >= 0x2028 && c <= 0x202E) return false;    // line separators, embeddings and overrides
  if (c >= 0x2060 && c <= 0x206F) return false;    // isolates, invisible operators
  if (c >= 0xE0000 && c <= 0xE0FFF) return false;  // tags: invisible text
  return true;
}

}  // namespace

std::string EscapeForTerminal(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    const std::string_view bytes = text.substr(0, length);
    if (c.length != 0 && IsHarmless(c.value)) {
      escaped += bytes;
    } else {
      for (char byte : bytes) escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    text.remove_prefix(length);
  }
  return escaped;
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    if (c.length == 0) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

}  // namespace reeve
