// SPDX-License-Identifier: Apache-2.0
#include "core/format/nested_keyed.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/number_text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

struct IoColumn {
  std::string_view name;
  std::uint64_t DeviceIo::*field;
};

constexpr std::array<IoColumn, 6> kIoColumns = {{
    {"rbytes", &DeviceIo::rbytes},
    {"wbytes", &DeviceIo::wbytes},
    {"rios", &DeviceIo::rios},
    {"wios", &DeviceIo::wios},
    {"dbytes", &DeviceIo::dbytes},
    {"dios", &DeviceIo::dios},
}};

constexpr std::string_view kPressureSubject = "pressure";

Result<Pressure::Line> ParsePressureLine(const NestedRow& row) {
  Pressure::Line line;
  std::array<std::pair<std::string_view, std::uint64_t*>, 3> averages = {{
      {"avg10", &line.avg10},
      {"avg60", &line.avg60},
      {"avg300", &line.avg300},
  }};
  std::size_t seen = 0;
  for (const auto& column : row.columns) {
    std::optional<std::uint64_t> value;
    std::uint64_t* target = nullptr;
    if (column.first == "total") {
      value = ParseDecimal(column.second);
      target = &line.total;
    }
    for (const auto& average : averages) {
      if (column.first != average.first) continue;
      value = ParseHundredths(column.second);
      target = average.second;
    }
    if (target == nullptr) continue;
    if (!value) return UnexpectedText(kPressureSubject, column.second);
    *target = *value;
    ++seen;
  }
  if (seen != averages.size() + 1) return UnexpectedText(kPressureSubject, row.name);
  return line;
}

}  // namespace

Result<std::vector<NestedRow>> ParseNestedKeyed(std::string_view what, std::string_view text) {
  REEVE_TRY_VOID(CheckLength(what, text));
  std::vector<NestedRow> rows;
  for (std::string_view line : SplitLines(text)) {
    bool row_open = false;
    for (std::string_view word : SplitWords(line, " ")) {
      const std::size_t equals = word.find('=');
      if (equals == std::string_view::npos) {
        rows.push_back({word, {}});
        row_open = true;
        continue;
      }
      if (!row_open || equals == 0) return UnexpectedText(what, word);
      rows.back().columns.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
  }
  return rows;
}

Result<IoStat> ParseIoStat(std::string_view text) {
  REEVE_TRY(const std::vector<NestedRow> rows, ParseNestedKeyed("io.stat", text));
  IoStat stat;
  for (const NestedRow& row : rows) {
    DeviceIo device;
    bool known = false;
    for (const auto& column : row.columns) {
      for (const IoColumn& io : kIoColumns) {
        if (column.first != io.name) continue;
        const std::optional<std::uint64_t> value = ParseDecimal(column.second);
        if (!value) {
          return UnexpectedText("io.stat", fmt::format("{}={}", column.first, column.second));
        }
        device.*io.field = *value;
        known = true;
      }
    }
    if (known && !stat.emplace(row.name, device).second) return UnexpectedText("io.stat", row.name);
  }
  return stat;
}

Result<Pressure> ParsePressure(std::string_view text) {
  REEVE_TRY(const std::vector<NestedRow> rows, ParseNestedKeyed(kPressureSubject, text));
  Pressure pressure;
  bool known = false;
  for (const NestedRow& row : rows) {
    if (row.name != "some" && row.name != "full") continue;
    REEVE_TRY(const Pressure::Line line, ParsePressureLine(row));
    if (row.name == "some") {
      pressure.some = line;
    } else {
      pressure.full = line;
    }
    known = true;
  }
  if (!known) return UnexpectedText(kPressureSubject, Trim(text));
  return pressure;
}

}  // namespace reeve::format
