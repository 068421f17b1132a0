// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/base/utf8.h"

namespace reeve {
namespace {

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
