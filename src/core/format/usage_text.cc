// SPDX-License-Identifier: Apache-2.0
#include "core/format/usage_text.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/format/flat_keyed.h"
#include "core/format/nested_keyed.h"
#include "core/format/number_text.h"
#include "core/format/table_text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

template <auto Parse, auto Place>
Result<> Keyed(std::string_view file, std::string_view text, CgroupUsage& usage) {
  auto parsed = Parse(text);
  if (!parsed.has_value()) {
    Error error = std::move(parsed).error();
    error.subject = file;  // the pressure files share a parser
    return error;
  }
  usage.*Place = *std::move(parsed);
  return {};
}

template <auto Place>
Result<> Number(std::string_view file, std::string_view text, CgroupUsage& usage) {
  const std::optional<std::uint64_t> number = ParseDecimal(Trim(text));
  if (!number) return UnexpectedText(file, Trim(text));
  usage.*Place = number;
  return {};
}

template <auto Place>
Result<> SingleLimit(std::string_view file, std::string_view text, CgroupUsage& usage) {
  const std::optional<Limit> limit = ParseLimit(Trim(text));
  if (!limit) return UnexpectedText(file, Trim(text));
  usage.limits.*Place = limit;
  return {};
}

// "50000 100000", "max 100000"
Result<> ReadCpuMax(std::string_view file, std::string_view text, CgroupUsage& usage) {
  const std::vector<std::string_view> words = SplitWords(text);
  const std::optional<Limit> quota = words.size() == 2 ? ParseLimit(words[0]) : std::nullopt;
  const std::optional<std::uint64_t> period = quota ? ParseDecimal(words[1]) : std::nullopt;
  if (!period || *period == 0) return UnexpectedText(file, Trim(text));
  usage.limits.cpu_max = CpuMax{*quota, *period};
  return {};
}

Result<> ReadIoMax(std::string_view file, std::string_view text, CgroupUsage& usage) {
  REEVE_TRY(usage.limits.io_max, ParseTable(*FindKnob(file), text));
  return {};
}

using Usage = CgroupUsage;
using Limits = LimitsInForce;

constexpr UsageFile kFiles[] = {
    {"cgroup.events", Controller::kCore, Keyed<ParseCgroupEvents, &Usage::events>},
    {"cgroup.stat", Controller::kCore, Keyed<ParseCgroupCounts, &Usage::counts>},
    {"cpu.stat", Controller::kCore, Keyed<ParseCpuStat, &Usage::cpu>},
    {"cpu.pressure", Controller::kCore, Keyed<ParsePressure, &Usage::cpu_pressure>},
    {"memory.pressure", Controller::kCore, Keyed<ParsePressure, &Usage::memory_pressure>},
    {"io.pressure", Controller::kCore, Keyed<ParsePressure, &Usage::io_pressure>},
    {"cpu.max", Controller::kCpu, ReadCpuMax},
    {"memory.current", Controller::kMemory, Number<&Usage::memory_current>},
    {"memory.peak", Controller::kMemory, Number<&Usage::memory_peak>},
    {"memory.stat", Controller::kMemory, Keyed<ParseMemoryStat, &Usage::memory>},
    {"memory.events", Controller::kMemory, Keyed<ParseMemoryEvents, &Usage::memory_events>},
    {"memory.swap.current", Controller::kMemory, Number<&Usage::swap_current>},
    {"memory.swap.peak", Controller::kMemory, Number<&Usage::swap_peak>},
    {"memory.swap.events", Controller::kMemory, Keyed<ParseSwapEvents, &Usage::swap_events>},
    {"memory.low", Controller::kMemory, SingleLimit<&Limits::memory_low>},
    {"memory.high", Controller::kMemory, SingleLimit<&Limits::memory_high>},
    {"memory.max", Controller::kMemory, SingleLimit<&Limits::memory_max>},
    {"memory.swap.max", Controller::kMemory, SingleLimit<&Limits::swap_max>},
    {"io.stat", Controller::kIo, Keyed<ParseIoStat, &Usage::io>},
    {"io.max", Controller::kIo, ReadIoMax},
    {"pids.current", Controller::kPids, Number<&Usage::pids_current>},
    {"pids.peak", Controller::kPids, Number<&Usage::pids_peak>},
    {"pids.events", Controller::kPids, Keyed<ParsePidsEvents, &Usage::pids_events>},
    {"pids.max", Controller::kPids, SingleLimit<&Limits::pids_max>},
};

}  // namespace

std::span<const UsageFile> UsageFiles() {
  return kFiles;
}

}  // namespace reeve::format
