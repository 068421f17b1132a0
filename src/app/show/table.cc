// SPDX-License-Identifier: Apache-2.0
#include "app/show/table.h"

#include <algorithm>

#include "app/show/screen.h"

namespace reeve::show {
namespace {

// Columns narrower than this are never taken from: they would only get unreadable.
constexpr std::size_t kNarrowest = 12;

std::size_t WidthOf(const std::string& cell) {
  std::size_t width = 0;
  std::size_t from = 0;
  while (from <= cell.size()) {
    const std::size_t end = std::min(cell.find('\n', from), cell.size());
    width = std::max(width, DisplayWidth(std::string_view(cell).substr(from, end - from)));
    from = end + 1;
  }
  return width;
}

std::vector<std::size_t> NaturalWidths(const std::vector<TableLine>& lines, std::size_t columns) {
  std::vector<std::size_t> widths(columns, 0);
  for (const TableLine& line : lines) {
    for (std::size_t i = 0; i < line.cells.size() && i < columns; ++i) {
      if (i != line.span) widths[i] = std::max(widths[i], WidthOf(line.cells[i]));
    }
  }
  return widths;
}

void Fit(std::vector<std::size_t>& widths, std::size_t room) {
  while (true) {
    std::size_t sum = 0;
    for (std::size_t width : widths) sum += width;
    if (sum <= room) return;
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

}  // namespace

std::string LayOut(const std::vector<TableLine>& lines,
                   const std::vector<Align>& align,
                   std::size_t gap) {
  const std::size_t columns = align.size();
  std::vector<std::size_t> widths = NaturalWidths(lines, columns);
  // A column without any text takes no room, not even its gap.
  std::vector<std::size_t> gaps(columns, 0);
  std::size_t used = 0;
  for (std::size_t i = 1; i < columns; ++i) {
    gaps[i] = widths[i] == 0 ? 0 : gap;
    used += gaps[i];
  }
  Fit(widths, kScreenWidth - std::min(used, kScreenWidth));

  std::string out;
  for (const TableLine& line : lines) {
    std::vector<std::vector<std::string>> cells;
    std::vector<std::size_t> room;
    std::size_t height = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i < line.cells.size() && i < columns; ++i) {
      start += gaps[i];
      const std::size_t rest = std::max(kScreenWidth - std::min(start, kScreenWidth), kNarrowest);
      room.push_back(i == line.span ? rest : widths[i]);
      cells.push_back(WrapWords(line.cells[i], std::max<std::size_t>(room.back(), 1)));
      height = std::max(height, cells.back().size());
      start += widths[i];
      if (i == line.span) break;
    }
    for (std::size_t row = 0; row < height; ++row) {
      std::string text;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        text.append(gaps[i], ' ');
        const std::string cell = row < cells[i].size() ? cells[i][row] : "";
        const bool right = align[i] == Align::kRight && i != line.span;
        text += right ? PadLeft(cell, room[i]) : PadRight(cell, room[i]);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out += text + "\n";
    }
  }
  return out;
}

}  // namespace reeve::show
