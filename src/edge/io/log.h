// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "edge/io/journal.h"

namespace reeve::io {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error"
std::optional<LogLevel> LogLevelByName(std::string_view name);

enum class LogForm {
  kLogfmt,   // ts=2026-11-21T21:23:04.123Z level=info msg="generation 42 accepted"
  kJournal,  // <6>generation 42 accepted: journald adds the time and reads the priority
};

// kJournal when standard error is a stream to journald (sd_journal_stream's rule: $JOURNAL_STREAM
// names its device and inode), else kLogfmt.
LogForm LogFormOfEnvironment();

// Standard error from here on; with kJournal the journal itself, as records with fields, if one
// listens on `journal`. Until it is called, lines of at least kInfo come as kLogfmt.
// A line is one write; a message of several lines or with bytes that would reach a terminal raw is
// escaped.
void StartLog(LogForm form, LogLevel least, const std::string& journal = "");

// Whether a line of that level would be written, for callers with costly arguments.
bool LogsAt(LogLevel level);

// A line with fields, which only the journal keeps: whoever reads lines finds all in the message.
void LogWith(LogLevel level, const Fields& fields, std::string_view message);

// Use the four below.
void VLog(LogLevel level, fmt::string_view format, fmt::format_args args);

template <typename... Args>
void LogDebug(fmt::format_string<Args...> format, Args&&... args) {
  VLog(LogLevel::kDebug, format, fmt::make_format_args(args...));
}

template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  VLog(LogLevel::kInfo, format, fmt::make_format_args(args...));
}

template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  VLog(LogLevel::kWarning, format, fmt::make_format_args(args...));
}

template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  VLog(LogLevel::kError, format, fmt::make_format_args(args...));
}

}  // namespace reeve::io
