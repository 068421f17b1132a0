// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace reeve::policy {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

YamlPlace YamlText::At(int position, int line, int column) const {
  const auto down = static_cast<std::uint32_t>(std::max(line, 0));
  const auto right = static_cast<std::uint32_t>(std::max(column, 0));
  return {chunk_.first_line + down,
          (down == 0 ? chunk_.first_column : 1) + right,
          std::min(chunk_.offset + static_cast<std::size_t>(std::max(position, 0)), text_.size())};
}

SourceMark YamlText::Mark(const YamlPlace& place, std::size_t length) const {
  return {file_,
          place.line,
          place.column,
          static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
}

std::size_t YamlText::LineStart(std::size_t offset) const {
  if (offset == 0) return 0;
  const std::size_t newline = text_.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

std::string_view YamlText::LineBefore(const YamlPlace& place) const {
  const std::size_t start = LineStart(place.offset);
  return text_.substr(start, place.offset - start);
}

std::string_view YamlText::LineFrom(const YamlPlace& place) const {
  const std::string_view rest = From(place);
  return rest.substr(0, std::min(rest.find_first_of("\r\n"), rest.size()));
}

bool YamlText::FindIndentationTab(const YamlPlace& place, YamlPlace* tab) const {
  const std::string_view before = LineBefore(place);
  const std::size_t at = before.find_first_not_of(' ');
  if (at == std::string_view::npos || before[at] != '\t') return false;
  *tab = place;
  tab->offset = place.offset - before.size() + at;
  tab->column = static_cast<std::uint32_t>(at) + 1;
  return true;
}

bool YamlText::FindDirective(YamlPlace* place) const {
  const std::string_view chunk = text_.substr(chunk_.offset, chunk_.size);
  std::size_t at = 0;
  if (!chunk.starts_with('%') || chunk.starts_with("%YAML ")) {
    const std::size_t newline = chunk.find("\n%");
    if (newline == std::string_view::npos) return false;
    at = newline + 1;
  }
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(chunk.substr(0, at), '\n'));
  *place = {chunk_.first_line + lines, lines == 0 ? chunk_.first_column : 1, chunk_.offset + at};
  return true;
}

bool YamlText::FindKeyWithoutColon(const YamlPlace& place, YamlPlace* above) const {
  const std::size_t start = LineStart(place.offset);
  if (start <= chunk_.offset) return false;
  above->offset = LineStart(start - 1);
  above->line = place.line - 1;
  const std::string_view line = LineFrom(*above);
  const std::size_t indent = LineBefore(place).find_first_not_of(' ');
  if (indent == std::string_view::npos || line.find_first_not_of(' ') != indent ||
      line.find_first_of(":#-") != std::string_view::npos) {
    return false;
  }
  above->offset += indent;
  above->column = static_cast<std::uint32_t>(indent) + 1;
  return true;
}

std::size_t YamlText::EndOfQuoted(const YamlPlace& place) const {
  const char quote = text_[place.offset];
  const std::size_t end = chunk_.offset + chunk_.size;
  for (std::size_t i = place.offset + 1; i < end; ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || i + 1 == end || text_[i + 1] != quote) return i;
      ++i;
    }
  }
  return std::string_view::npos;
}

YamlPlace YamlText::ItemSignBefore(const YamlPlace& place) const {
  std::size_t offset = place.offset;
  while (offset > chunk_.offset && IsBlank(text_[offset - 1])) --offset;
  if (offset == chunk_.offset || text_[offset - 1] != '-') return place;
  --offset;
  const std::string_view between = text_.substr(offset, place.offset - offset);
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(between, '\n'));
  return {place.line - lines, static_cast<std::uint32_t>(offset - LineStart(offset)) + 1, offset};
}

void YamlText::Step(YamlPlace& place) const {
  ++place.column;
  if (CharAt(place.offset) == '\n') {
    ++place.line;
    place.column = 1;
  }
  ++place.offset;
}

std::string YamlText::NotJudgedBelow(std::uint32_t line) const {
  std::string note = "this document cannot be read further";
  if (chunk_.last_line == line + 1) {
    note += fmt::format("; line {} was not judged", chunk_.last_line);
  } else if (chunk_.last_line > line) {
    note += fmt::format("; lines {} to {} were not judged", line + 1, chunk_.last_line);
  }
  return note;
}

}  // namespace reeve::policy
