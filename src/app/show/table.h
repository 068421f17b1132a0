// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reeve::show {

enum class Align { kLeft, kRight };

// One line of a table. Cells hold what is to be shown, already escaped; they may have line breaks.
struct TableLine {
  std::vector<std::string> cells;
  // Index of a cell that may run over all cells behind it, which must be empty; npos = none.
  std::size_t span = std::string::npos;
};

// Lays lines out in columns that are as wide as their cells, at most kScreenWidth together: then
// the widest columns get narrower and their cells go on below. No cell is ever cut. Line ends carry
// no spaces.
//   gap   spaces between columns
std::string LayOut(const std::vector<TableLine>& lines,
                   const std::vector<Align>& align,
                   std::size_t gap = 2);

}  // namespace reeve::show
