// SPDX-License-Identifier: Apache-2.0
#include "core/format/proc_text.h"

#include <cstddef>
#include <optional>

#include "core/base/text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

constexpr std::string_view kStat = "/proc/PID/stat";
constexpr std::string_view kCgroup = "/proc/PID/cgroup";
constexpr std::string_view kPids = "cgroup.procs";
constexpr std::string_view kDeleted = " (deleted)";

// PID_MAX_LIMIT pids of seven digits and a newline.
constexpr std::size_t kLongestPidList = std::size_t{4'194'304} * 8;
constexpr std::int64_t kLargestPid = 4'194'304;

// Fields behind the name, counted from the state, which proc(5) calls field 3.
enum Field : std::size_t {
  kState = 0,
  kPpid = 1,
  kPgrp = 2,
  kSession = 3,
  kTtyNr = 4,
  kFlags = 6,
  kUtime = 11,
  kStime = 12,
  kNumThreads = 17,
  kStarttime = 19,
};

template <typename Number>
bool Take(std::optional<Number> parsed, Number& target) {
  if (!parsed) return false;
  target = *parsed;
  return true;
}

}  // namespace

Result<ProcessStat> ParseProcStat(std::string_view text) {
  REEVE_TRY_VOID(CheckLength(kStat, text));
  const std::size_t open = text.find(" (");
  const std::size_t close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2) {
    return UnexpectedText(kStat, text);
  }
  const std::vector<std::string_view> fields = SplitWords(text.substr(close + 2));
  if (fields.size() <= kStarttime || fields[kState].size() != 1) return UnexpectedText(kStat, text);

  ProcessStat stat;
  stat.comm = text.substr(open + 2, close - open - 2);
  stat.state = fields[kState][0];
  const bool whole = Take(ParseSignedDecimal(text.substr(0, open)), stat.pid) &&
                     Take(ParseSignedDecimal(fields[kPpid]), stat.ppid) &&
                     Take(ParseSignedDecimal(fields[kPgrp]), stat.pgrp) &&
                     Take(ParseSignedDecimal(fields[kSession]), stat.session) &&
                     Take(ParseSignedDecimal(fields[kTtyNr]), stat.tty_nr) &&
                     Take(ParseDecimal(fields[kFlags]), stat.flags) &&
                     Take(ParseDecimal(fields[kUtime]), stat.utime) &&
                     Take(ParseDecimal(fields[kStime]), stat.stime) &&
                     Take(ParseSignedDecimal(fields[kNumThreads]), stat.num_threads) &&
                     Take(ParseDecimal(fields[kStarttime]), stat.starttime);
  if (!whole) return UnexpectedText(kStat, text);
  return stat;
}

Result<ProcessCgroup> ParseProcCgroup(std::string_view text) {
  REEVE_TRY_VOID(CheckLength(kCgroup, text));
  constexpr std::string_view kUnified = "0::";
  for (std::string_view line : SplitLines(text)) {
    if (!line.starts_with(kUnified)) continue;
    std::string_view path = line.substr(kUnified.size());
    if (!path.starts_with('/')) return UnexpectedText(kCgroup, line);
    const bool deleted = path.ends_with(kDeleted);
    if (deleted) path.remove_suffix(kDeleted.size());
    return ProcessCgroup{std::string(path), deleted};
  }
  return Error{ErrorKind::kNotFound, 0, std::string(kCgroup), "no line of cgroup v2"};
}

Result<std::vector<std::int64_t>> ParsePidList(std::string_view text) {
  if (text.size() > kLongestPidList) return UnexpectedText(kPids, text);
  std::vector<std::int64_t> pids;
  for (std::string_view line : SplitLines(text)) {
    const std::optional<std::int64_t> pid = ParseSignedDecimal(line);
    if (!pid || *pid < 0 || *pid > kLargestPid) return UnexpectedText(kPids, line);
    pids.push_back(*pid);
  }
  return pids;
}

}  // namespace reeve::format
