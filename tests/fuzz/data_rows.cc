// SPDX-License-Identifier: Apache-2.0
// Bytes as what templates read: a CSV file, and a path below a pattern (first line the pattern,
// second the path). Whatever the bytes, a place is in the text, rows that are complete can be
// written and read again, and captures put into their pattern give the path.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/policy/data_rows.h"
#include "core/policy/template.h"
#include "fuzz/judge.h"

namespace {

using reeve::fuzz::JudgePlace;
using reeve::fuzz::Require;
using reeve::policy::DataRow;
using reeve::policy::DataTable;
using reeve::policy::Findings;

std::shared_ptr<const reeve::SourceFile> File(std::string text) {
  return std::make_shared<const reeve::SourceFile>(
      reeve::SourceFile{"rows.csv", std::move(text), 1, ""});
}

void AddCell(std::string_view text, bool last, std::string& csv) {
  csv += '"';
  for (char c : text) csv += c == '"' ? std::string("\"\"") : std::string(1, c);
  csv += last ? "\"\n" : "\",";
}

// The rows as a CSV text of the plainest kind.
std::string Written(const DataTable& table) {
  std::string csv;
  const std::size_t columns = table.rows.front().fields.size();
  for (std::size_t i = 0; i < columns; ++i) {
    AddCell(table.rows.front().fields[i].first, i + 1 == columns, csv);
  }
  for (const DataRow& row : table.rows) {
    Require(row.fields.size() == columns, "rows of different lengths");
    for (std::size_t i = 0; i < columns; ++i) {
      AddCell(row.fields[i].second.text, i + 1 == columns, csv);
    }
  }
  return csv;
}

void TryRows(std::string_view text) {
  Findings findings;
  const DataTable table = reeve::policy::ReadRows(File(std::string(text)), findings);
  Require(table.complete == !findings.has_errors(), "an error that is none");
  for (const auto& finding : findings.all()) {
    if (finding.mark.known()) JudgePlace(finding.mark);
  }
  for (const DataRow& row : table.rows) {
    JudgePlace(row.mark);
    for (const auto& field : row.fields) JudgePlace(field.second.mark);
  }
  if (!table.complete || table.rows.empty()) return;
  const std::string csv = Written(table);
  Findings none;
  const DataTable again = reeve::policy::ReadRows(File(csv), none);
  Require(again.complete && again.rows.size() == table.rows.size(),
          "rows that cannot be read again");
  Require(Written(again) == csv, "rows that changed");
}

void TryCapture(std::string_view pattern, std::string_view path) {
  if (pattern.size() > 300 || path.size() > 300) return;
  const auto captures = reeve::policy::Capture(pattern, path, nullptr);
  const bool globs = pattern.find_first_of("*?[") != std::string_view::npos;
  if (!captures || globs) return;
  std::string text;
  std::size_t done = 0;
  std::size_t next = 0;
  for (const auto& variable : reeve::policy::FindVariables(pattern)) {
    text += pattern.substr(done, variable.offset - done);
    Require((*captures)[next].first == variable.name, "captures out of order");
    text += (*captures)[next++].second;
    done = variable.offset + variable.length;
  }
  text += pattern.substr(done);
  Require(text == path, "captures that are not the path");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  TryRows(input);
  const std::size_t end = input.find('\n');
  if (end != std::string_view::npos) TryCapture(input.substr(0, end), input.substr(end + 1));
  return 0;
}
