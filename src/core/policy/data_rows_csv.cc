// SPDX-License-Identifier: Apache-2.0
#include "core/policy/data_rows_csv.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A file with more is no CSV at all, and nobody reads more findings about one file.
constexpr std::size_t kMaxColumns = 1000;
constexpr std::size_t kMaxFindings = 100;

// Cells of one record, with places.
using Record = std::vector<Scalar>;

// Walks a CSV text record by record.
class CsvReader {
 public:
  CsvReader(const std::shared_ptr<const SourceFile>& file, Findings& findings)
      : file_(file), text_(file->text), findings_(findings) {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    line_start_ = 0;
  }

  // The next record that is not an empty line; nullopt at the end, or where the text can not be
  // read on.
  std::optional<Record> Next();

  bool failed() const { return failed_; }

 private:
  SourceMark Mark(std::size_t from, std::size_t to) const {
    return {file_,
            line_,
            static_cast<std::uint32_t>(from - line_start_ + 1),
            static_cast<std::uint32_t>(std::max<std::size_t>(to - from, 1))};
  }

  std::optional<Scalar> Cell();
  std::optional<Scalar> QuotedCell();

  std::optional<Scalar> Fail(const SourceMark& mark, std::string message, std::string hint) {
    findings_.Error("R0306", mark, std::move(message), std::move(hint));
    failed_ = true;
    return std::nullopt;
  }

  std::optional<Scalar> FailAtReturn() {
    return Fail(Mark(at_, at_ + 1),
                "a carriage return inside a cell",
                "lines end in a line feed, with or without one carriage return before it");
  }

  // The length of the line ending at `at_`: \n, \r\n, or 0.
  std::size_t LineEnding() const {
    if (text_.substr(at_).starts_with("\r\n")) return 2;
    return at_ < text_.size() && text_[at_] == '\n' ? 1 : 0;
  }

  void NewLine(std::size_t length) {
    at_ += length;
    line_start_ = at_;
    ++line_;
  }

  std::shared_ptr<const SourceFile> file_;
  std::string_view text_;
  Findings& findings_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  bool failed_ = false;
};

std::optional<Scalar> CsvReader::QuotedCell() {
  Scalar cell;
  cell.quoted = true;
  const std::size_t start = at_;
  const SourceMark open = Mark(start, start + 1);
  ++at_;
  while (true) {
    if (at_ >= text_.size()) {
      return Fail(
          open, "a quote that is never closed", "a quote inside a quoted cell is doubled: \"\"");
    }
    if (text_[at_] == '"') {
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
      cell.text += '"';
      at_ += 2;
    } else if (const std::size_t ending = LineEnding()) {
      cell.text += '\n';
      NewLine(ending);
    } else if (text_[at_] == '\r') {
      return FailAtReturn();
    } else {
      cell.text += text_[at_++];
    }
  }
  ++at_;
  cell.mark = open;
  if (open.line == line_) cell.mark.length = static_cast<std::uint32_t>(at_ - start);
  const bool ends = at_ >= text_.size() || text_[at_] == ',' || LineEnding() != 0;
  if (!ends) {
    return Fail(Mark(at_, at_ + 1),
                "text behind a quoted cell",
                "a quote inside a quoted cell is doubled: \"\"");
  }
  return cell;
}

std::optional<Scalar> CsvReader::Cell() {
  if (at_ < text_.size() && text_[at_] == '"') return QuotedCell();
  const std::size_t start = at_;
  while (at_ < text_.size() && text_[at_] != ',' && LineEnding() == 0) {
    const char c = text_[at_];
    if (c == '"') {
      return Fail(Mark(at_, at_ + 1),
                  "a quote inside a cell that does not begin with one",
                  "quote the whole cell and double the quote inside: \"5\"\" disk\"");
    }
    if (c == '\r') return FailAtReturn();
    ++at_;
  }
  return Scalar{std::string(text_.substr(start, at_ - start)), Mark(start, at_), false};
}

std::optional<Record> CsvReader::Next() {
  while (const std::size_t ending = LineEnding()) NewLine(ending);
  if (failed_ || at_ >= text_.size()) return std::nullopt;
  Record record;
  while (true) {
    auto cell = Cell();
    if (!cell) return std::nullopt;
    record.push_back(std::move(*cell));
    if (at_ >= text_.size()) return record;
    if (const std::size_t ending = LineEnding()) {
      NewLine(ending);
      return record;
    }
    if (record.size() == kMaxColumns) {
      Fail(record.front().mark, fmt::format("more than {} cells in a row", kMaxColumns), "");
      return std::nullopt;
    }
    ++at_;  // the comma
  }
}

// Whether the first line can be one of column names.
bool JudgeHeader(const Record& header, Findings& findings) {
  const std::size_t errors = findings.error_count();
  for (std::size_t i = 0; i < header.size(); ++i) {
    const Scalar& column = header[i];
    const std::string shown = EscapeForTerminal(column.text);
    if (column.text.empty()) {
      findings.Error(
          "R0306", column.mark, "a column without a name", "the first line names the columns");
    } else if (Trim(column.text).size() != column.text.size()) {
      findings.Error("R0306",
                     column.mark,
                     fmt::format("blanks around the column name `{}`", shown),
                     "blanks belong to a cell: write `name,plan`");
    }
    const auto same = std::find_if(header.begin(),
                                   header.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const Scalar& other) { return other.text == column.text; });
    if (same != header.begin() + static_cast<std::ptrdiff_t>(i)) {
      Diagnostic& finding = findings.Error(
          "R0306", column.mark, fmt::format("the column `{}` is there twice", shown));
      finding.related = RelatedPlace{same->mark, "the first one"};
    }
  }
  return findings.error_count() == errors;
}

// What makes a text no text; a finding at its place.
bool JudgeBytes(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  const std::string_view text = file->text;
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++line;
      line_start = i + 1;
    }
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') continue;
    findings.Error("R0104",
                   {file, line, static_cast<std::uint32_t>(i - line_start + 1), 1},
                   fmt::format("the control character 0x{:02x}: this is no text file", byte));
    return false;
  }
  if (!IsValidUtf8(text)) {
    findings.Error("R0105",
                   {},
                   fmt::format("{} is not UTF-8", EscapeForTerminal(file->name)),
                   "convert it, for example with `iconv -f ISO-8859-1 -t UTF-8`");
    return false;
  }
  return true;
}

}  // namespace

DataTable ReadCsvRows(const std::shared_ptr<const SourceFile>& file, Findings& findings) {
  DataTable table;
  const std::size_t errors = findings.error_count();
  if (JudgeBytes(file, findings)) {
    CsvReader reader(file, findings);
    const auto header = reader.Next();
    if (!header && !reader.failed()) {
      findings.Error("R0306",
                     {},
                     fmt::format("{} is empty", EscapeForTerminal(file->name)),
                     "the first line names the columns");
    }
    const bool named = header && JudgeHeader(*header, findings);
    while (named) {
      auto record = reader.Next();
      if (!record) break;
      const SourceMark mark = record->front().mark;
      const std::size_t cells = table.rows.size() * header->size();
      if (table.rows.size() == kMaxDataRows || cells > kMaxDataCells) {
        findings.Error(
            "R0306",
            mark,
            fmt::format(
                "too much data: {} rows and {} cells are read", kMaxDataRows, kMaxDataCells));
        break;
      }
      if (findings.error_count() - errors >= kMaxFindings) break;
      if (record->size() != header->size()) {
        Diagnostic& finding = findings.Error(
            "R0307",
            mark,
            fmt::format("this row has {} cells, the header has {}", record->size(), header->size()),
            "a cell with a comma in it goes in quotes: \"a,b\"");
        finding.related = RelatedPlace{header->front().mark, "the header"};
        continue;
      }
      DataRow row;
      row.mark = mark;
      row.fields.reserve(header->size());
      for (std::size_t i = 0; i < header->size(); ++i) {
        row.fields.emplace_back((*header)[i].text, std::move((*record)[i]));
      }
      table.rows.push_back(std::move(row));
    }
  }
  table.complete = findings.error_count() == errors;
  return table;
}

}  // namespace reeve::policy
