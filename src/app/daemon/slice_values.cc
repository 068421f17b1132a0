// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/slice_values.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/io/log.h"

namespace reeve::daemon {
namespace {

struct Row {
  std::string_view file;
  std::string_view property;
  std::uint64_t unset;  // what a slice has where nobody says anything
};

constexpr std::array kRows = {
    Row{"cpu.weight", "CPUWeight", systemd::kUnset},
    Row{"io.weight", "IOWeight", systemd::kUnset},
    Row{"memory.min", "MemoryMin", 0},
    Row{"memory.low", "MemoryLow", 0},
};

constexpr const char* kFile = "slice-values";

std::set<std::string, std::less<>> Remembered(const std::string& directory) {
  std::set<std::string, std::less<>> names;
  const auto text = io::ReadWholeFile(directory + "/" + kFile);
  if (!text.has_value()) return names;
  for (const std::string_view line : SplitLines(*text)) names.emplace(line);
  return names;
}

void Remember(const std::string& directory, const std::string& names) {
  auto opened = io::OpenDirectory(directory);
  const auto written = opened.has_value()
                           ? io::WriteFileAtomically(opened->get(), kFile, names, 0644)
                           : Result<>(opened.error());
  if (!written.has_value()) {
    io::LogWarning("what `tree:` sets will not be taken back when it is taken out: {}",
                   EscapeForTerminal(written.error().ToString()));
  }
}

}  // namespace

std::vector<std::string_view> SliceKeys() {
  std::vector<std::string_view> keys;
  for (const Row& row : kRows) keys.push_back(row.file);
  return keys;
}

std::vector<systemd::PropertySetting> TakeSliceValues(
    const std::map<std::string, std::uint64_t>& values, const std::string& runtime_dir) {
  const auto before = Remembered(runtime_dir);
  std::vector<systemd::PropertySetting> settings;
  std::string names;
  for (const Row& row : kRows) {
    const auto wanted = values.find(std::string(row.file));
    if (wanted != values.end()) {
      names += std::string(row.file) + "\n";
    } else if (!before.contains(row.file)) {
      continue;
    }
    const std::uint64_t value = wanted != values.end() ? wanted->second : row.unset;
    settings.emplace_back(row.property, systemd::BusValue::Variant("t", value));
  }
  if (!settings.empty()) Remember(runtime_dir, names);
  return settings;
}

}  // namespace reeve::daemon
