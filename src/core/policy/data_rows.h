// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// One row of the data behind `for_each`: variables and what they stand for.
struct DataRow {
  SourceMark mark;
  std::vector<std::pair<std::string, Scalar>> fields;
};

struct DataTable {
  std::vector<DataRow> rows;
  bool complete = true;  // false: something was wrong, it is in the findings
};

// A row makes at least one cgroup; beyond this an export has run away.
inline constexpr std::size_t kMaxDataRows = 100'000;

// Of a CSV file; a cell costs about 110 bytes. (YAML's nodes are bounded by yaml_tree.h.)
inline constexpr std::size_t kMaxDataCells = 500'000;

// Reads a data file by the end of its name: a list of maps in .yaml, .yml or .json, or .csv after
// RFC 4180 with a header line. In CSV a quoted cell may hold commas, quotes ("") and newlines;
// blanks belong to the cell; a row has as many cells as the header.
DataTable ReadRows(const std::shared_ptr<const SourceFile>& file, Findings& findings);

}  // namespace reeve::policy
