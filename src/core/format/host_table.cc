// SPDX-License-Identifier: Apache-2.0
#include "core/format/host_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/format/number_text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

using Columns = std::map<std::string, std::string>;
using Devices = std::map<std::string, Columns>;

constexpr std::array<std::string_view, 4> kPercentColumns = {"rpct", "wpct", "min", "max"};

bool IsDeviceNumber(std::string_view name) {
  const std::vector<std::string_view> parts = Split(name, ':');
  return parts.size() == 2 && ParseDecimal(parts[0]) && ParseDecimal(parts[1]);
}

// "95" and "95.00" are the same percentage.
std::string NormalCell(std::string_view column, std::string_view value) {
  const bool percent =
      std::find(kPercentColumns.begin(), kPercentColumns.end(), column) != kPercentColumns.end();
  const auto hundredths = percent ? ParseHundredths(value) : std::nullopt;
  return hundredths ? FormatHundredths(*hundredths) : std::string(value);
}

Result<Devices> ParseDevices(const Knob& knob, std::string_view text) {
  REEVE_TRY_VOID(CheckLength(knob.file, text));
  Devices devices;
  for (std::string_view line : SplitLines(text)) {
    const std::vector<std::string_view> words = SplitWords(line, " \t");
    if (words.empty()) continue;
    if (!IsDeviceNumber(words[0])) return UnexpectedText(knob.file, words[0]);
    Columns columns;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      const bool whole = equals != std::string_view::npos && equals != 0 &&
                         equals + 1 < words[i].size() && EscapeForTerminal(words[i]) == words[i];
      if (!whole) return UnexpectedText(knob.file, words[i]);
      const std::string_view column = words[i].substr(0, equals);
      std::string value = NormalCell(column, words[i].substr(equals + 1));
      if (!columns.emplace(column, std::move(value)).second) {
        return UnexpectedText(knob.file, words[i]);
      }
    }
    if (!devices.emplace(words[0], std::move(columns)).second) {
      return UnexpectedText(knob.file, words[0]);
    }
  }
  return devices;
}

std::string FormatDevice(const Knob& knob, const std::string& device, const Columns& columns) {
  std::string line = device;
  const auto add = [&](const std::string& column, const std::string& value) {
    line += ' ';
    line += column;
    line += '=';
    line += value;
  };
  const std::vector<std::string_view> known = SplitWords(knob.words);
  for (std::string_view column : known) {
    const auto found = columns.find(std::string(column));
    if (found != columns.end()) add(found->first, found->second);
  }
  for (const auto& cell : columns) {
    if (std::find(known.begin(), known.end(), cell.first) == known.end()) {
      add(cell.first, cell.second);
    }
  }
  return line;
}

bool Holds(const Columns& observed, const Columns& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& cell) {
    const auto found = observed.find(cell.first);
    return found != observed.end() && found->second == cell.second;
  });
}

// What turns a device's line off; the same text shows that it is off.
std::pair<std::string, std::string> OffCell(const Knob& knob) {
  if (knob.file == "io.cost.model") return {"ctrl", "auto"};
  return {"enable", "0"};
}

bool IsOff(const Knob& knob, const Columns& columns) {
  const auto off = OffCell(knob);
  return Holds(columns, {{off.first, off.second}});
}

}  // namespace

Result<std::string> ParseHostTable(const Knob& knob, std::string_view text) {
  REEVE_TRY(const Devices devices, ParseDevices(knob, text));
  std::string normal;
  for (const auto& device : devices) {
    if (!normal.empty()) normal += '\n';
    normal += FormatDevice(knob, device.first, device.second);
  }
  return normal;
}

bool SameHostTable(const Knob& knob, std::string_view wanted, std::string_view observed) {
  const bool readable =
      ParseDevices(knob, wanted).has_value() && ParseDevices(knob, observed).has_value();
  return readable && HostTableWrites(knob, wanted, observed, true).empty();
}

std::vector<std::string> HostTableWrites(const Knob& knob,
                                         std::string_view wanted,
                                         std::string_view observed,
                                         bool reset_other_rows) {
  std::vector<std::string> writes;
  const Result<Devices> parsed_wanted = ParseDevices(knob, wanted);
  const Result<Devices> parsed_observed = ParseDevices(knob, observed);
  if (!parsed_wanted.has_value()) return writes;
  const Devices& want = *parsed_wanted;
  const Devices have = parsed_observed.has_value() ? *parsed_observed : Devices();
  for (const auto& device : want) {
    const auto found = have.find(device.first);
    if (found != have.end() && Holds(found->second, device.second)) continue;
    writes.push_back(FormatDevice(knob, device.first, device.second));
  }
  for (const auto& device : have) {
    if (!reset_other_rows || want.contains(device.first) || IsOff(knob, device.second)) continue;
    const auto off = OffCell(knob);
    writes.push_back(FormatDevice(knob, device.first, {{off.first, off.second}}));
  }
  return writes;
}

}  // namespace reeve::format
