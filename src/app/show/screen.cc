// SPDX-License-Identifier: Apache-2.0
#include "app/show/screen.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::show {
namespace {

using Range = std::pair<char32_t, char32_t>;

// wcwidth() would need a UTF-8 locale, which a rescue shell or a cron job does not have. Blocks are
// enough: a caret that is one column off under a rare character is no harm.
constexpr std::array<Range, 9> kNoWidth = {{{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x0610, 0x061A},
                                            {0x064B, 0x065F},
                                            {0x1AB0, 0x1AFF},
                                            {0x1DC0, 0x1DFF},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F}}};
constexpr std::array<Range, 10> kTwoColumns = {{{0x1100, 0x115F},
                                                {0x2E80, 0x303E},
                                                {0x3041, 0xA4CF},
                                                {0xAC00, 0xD7A3},
                                                {0xF900, 0xFAFF},
                                                {0xFE30, 0xFE6F},
                                                {0xFF00, 0xFF60},
                                                {0xFFE0, 0xFFE6},
                                                {0x1F300, 0x1F9FF},
                                                {0x20000, 0x3FFFD}}};

bool IsIn(char32_t c, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const Range& range) {
    return range.first <= c && c <= range.second;
  });
}

struct Character {
  std::size_t bytes = 1;
  std::size_t columns = 1;
};

Character FirstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes == 1 || text.size() < bytes) return {};
  char32_t c = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    c = (c << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  if (IsIn(c, kNoWidth)) return {bytes, 0};
  return {bytes, IsIn(c, kTwoColumns) ? 2U : 1U};
}

// How much of a word that is longer than a line goes onto it.
std::size_t CutLongWord(std::string_view word, std::size_t columns) {
  const std::string_view fits = ClipToWidth(word, columns);
  const std::size_t seam = fits.find_last_of("/,-");
  if (seam != std::string_view::npos && seam + 1 < fits.size() && seam * 2 > fits.size())
    return seam + 1;
  return std::max<std::size_t>(fits.size(), FirstCharacter(word).bytes);
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character c = FirstCharacter(text);
    columns += c.columns;
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string_view ClipToWidth(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character c = FirstCharacter(text.substr(bytes));
    if (c.columns > columns) break;
    columns -= c.columns;
    bytes += c.bytes;
  }
  return text.substr(0, bytes);
}

std::string PadRight(std::string text, std::size_t columns) {
  const std::size_t width = DisplayWidth(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

std::string PadLeft(std::string text, std::size_t columns) {
  const std::size_t width = DisplayWidth(text);
  if (width < columns) text.insert(0, columns - width, ' ');
  return text;
}

std::vector<std::string> WrapWords(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for (std::string_view paragraph : Split(text, '\n')) {
    // Leading spaces are an outline's levels: they stay, also before what is wrapped.
    const std::size_t indent = std::min(paragraph.find_first_not_of(' '), columns / 2);
    const std::string margin(indent, ' ');
    lines.push_back(paragraph.empty() ? "" : margin);
    for (std::string_view word : SplitWords(paragraph, " ")) {
      const bool begins = lines.back() == margin;
      const std::size_t used = DisplayWidth(lines.back()) + (begins ? 0 : 1);
      if (!begins && used + DisplayWidth(word) > columns) lines.push_back(margin);
      while (DisplayWidth(word) > columns - indent) {
        const std::size_t cut = CutLongWord(word, columns - indent);
        lines.back() += word.substr(0, cut);
        word.remove_prefix(cut);
        lines.push_back(margin);
      }
      if (lines.back() != margin) lines.back() += ' ';
      lines.back() += word;
    }
  }
  return lines;
}

std::string Hanging(std::string_view first, std::string_view text, std::size_t columns) {
  const std::size_t indent = DisplayWidth(first);
  // Where the head leaves no room worth having, the text goes below it.
  const std::size_t room = columns > indent + 20 ? columns - indent : 20;
  std::string out(first);
  bool next = false;
  for (const std::string& line : WrapWords(text, room)) {
    if (next) out += "\n" + std::string(indent, ' ');
    out += line;
    next = true;
  }
  return out + "\n";
}

std::string Count(std::size_t number, std::string_view one, std::string_view many) {
  if (number == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", number, one) : fmt::format("{} {}", number, many);
}

std::string Shown(std::string_view text) {
  return EscapeForTerminal(text);
}

}  // namespace reeve::show
