// SPDX-License-Identifier: Apache-2.0
#include "core/format/flat_keyed.h"

#include "core/base/text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

std::optional<std::uint64_t> Find(const FlatKeyed& entries, std::string_view key) {
  for (const auto& entry : entries) {
    if (entry.first == key) return entry.second;
  }
  return std::nullopt;
}

// The keys of one file, with the first of the needed ones that was not there.
class Reader {
 public:
  Reader(std::string_view what, const FlatKeyed& entries) : what_(what), entries_(entries) {}

  std::uint64_t Need(std::string_view key) {
    const std::optional<std::uint64_t> value = Find(entries_, key);
    if (!value && missing_.empty()) missing_ = key;
    return value.value_or(0);
  }

  std::optional<std::uint64_t> Take(std::string_view key) const { return Find(entries_, key); }

  template <typename T>
  Result<T> Finish(T value) const {
    if (missing_.empty()) return value;
    return Error{ErrorKind::kInvalid, 0, std::string(what_), "no line " + std::string(missing_)};
  }

 private:
  std::string_view what_;
  const FlatKeyed& entries_;
  std::string_view missing_;
};

}  // namespace

Result<FlatKeyed> ParseFlatKeyed(std::string_view what, std::string_view text) {
  REEVE_TRY_VOID(CheckLength(what, text));
  FlatKeyed entries;
  for (std::string_view line : SplitLines(text)) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0) return UnexpectedText(what, line);
    const std::optional<std::uint64_t> value = ParseDecimal(line.substr(blank + 1));
    if (!value) return UnexpectedText(what, line);
    entries.push_back({line.substr(0, blank), *value});
  }
  return entries;
}

std::optional<std::uint64_t> FindFlatValue(std::string_view text, std::string_view key) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline;
    const std::string_view line = text.substr(begin, end - begin);
    const bool found = line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ';
    if (found) return ParseDecimal(line.substr(key.size() + 1));
    begin = end + 1;
  }
  return std::nullopt;
}

Result<CpuStat> ParseCpuStat(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("cpu.stat", text));
  Reader reader("cpu.stat", entries);
  CpuStat stat;
  stat.usage_usec = reader.Need("usage_usec");
  stat.user_usec = reader.Need("user_usec");
  stat.system_usec = reader.Need("system_usec");
  stat.nice_usec = reader.Take("nice_usec");
  stat.nr_periods = reader.Take("nr_periods");
  stat.nr_throttled = reader.Take("nr_throttled");
  stat.throttled_usec = reader.Take("throttled_usec");
  stat.nr_bursts = reader.Take("nr_bursts");
  stat.burst_usec = reader.Take("burst_usec");
  return reader.Finish(stat);
}

Result<MemoryStat> ParseMemoryStat(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("memory.stat", text));
  Reader reader("memory.stat", entries);
  MemoryStat stat;
  stat.anon = reader.Need("anon");
  stat.file = reader.Need("file");
  stat.kernel = reader.Take("kernel");
  stat.shmem = reader.Take("shmem");
  stat.inactive_file = reader.Take("inactive_file");
  stat.pgmajfault = reader.Take("pgmajfault");
  stat.workingset_refault_anon = reader.Take("workingset_refault_anon");
  stat.workingset_refault_file = reader.Take("workingset_refault_file");
  return reader.Finish(stat);
}

Result<MemoryEvents> ParseMemoryEvents(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("memory.events", text));
  Reader reader("memory.events", entries);
  MemoryEvents events;
  events.low = reader.Need("low");
  events.high = reader.Need("high");
  events.max = reader.Need("max");
  events.oom = reader.Need("oom");
  events.oom_kill = reader.Need("oom_kill");
  events.oom_group_kill = reader.Take("oom_group_kill");
  return reader.Finish(events);
}

Result<SwapEvents> ParseSwapEvents(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("memory.swap.events", text));
  Reader reader("memory.swap.events", entries);
  SwapEvents events;
  events.max = reader.Need("max");
  events.fail = reader.Need("fail");
  return reader.Finish(events);
}

Result<PidsEvents> ParsePidsEvents(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("pids.events", text));
  Reader reader("pids.events", entries);
  PidsEvents events;
  events.max = reader.Need("max");
  return reader.Finish(events);
}

Result<CgroupCounts> ParseCgroupCounts(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("cgroup.stat", text));
  Reader reader("cgroup.stat", entries);
  CgroupCounts counts;
  counts.nr_descendants = reader.Need("nr_descendants");
  counts.nr_dying_descendants = reader.Need("nr_dying_descendants");
  return reader.Finish(counts);
}

Result<CgroupEvents> ParseCgroupEvents(std::string_view text) {
  REEVE_TRY(const FlatKeyed entries, ParseFlatKeyed("cgroup.events", text));
  Reader reader("cgroup.events", entries);
  CgroupEvents events;
  events.populated = reader.Need("populated") != 0;
  if (const auto frozen = reader.Take("frozen")) events.frozen = *frozen != 0;
  return reader.Finish(events);
}

}  // namespace reeve::format
