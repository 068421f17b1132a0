// SPDX-License-Identifier: Apache-2.0
#include "edge/io/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <mutex>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/base/text.h"

namespace reeve::io {
namespace {

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// syslog's number of a level.
char PriorityDigit(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return '7';
    case spdlog::level::info:
      return '6';
    case spdlog::level::warn:
      return '4';
    default:
      return '3';
  }
}

// The number as sd-daemon(3) puts it before a line.
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message,
              const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    out.push_back(PriorityDigit(message.level));
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

// The message between quotes, as logfmt's readers take it apart.
class QuotedFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message,
              const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    out.push_back('"');
    for (const char c : message.payload) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }

  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<QuotedFlag>();
  }
};

std::shared_ptr<spdlog::logger> MakeLogger(LogForm form, LogLevel least) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<PriorityFlag>('*').add_flag<QuotedFlag>('&');
  formatter->set_pattern(form == LogForm::kJournal ? "<%*>%v"
                                                   : "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l msg=%&");
  auto logger =
      std::make_shared<spdlog::logger>("reeve", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(SpdlogLevel(least));
  return logger;
}

// Beside spdlog, whose sinks know no fields. Lines come from more than one thread.
struct JournalOfProcess {
  std::mutex mutex;
  std::optional<Journal> journal;
};

JournalOfProcess& TheJournal() {
  static JournalOfProcess journal;
  return journal;
}

// spdlog's default logger is the one process-wide thing here: a line may come from anywhere.
spdlog::logger& Logger() {
  spdlog::logger* logger = spdlog::default_logger_raw();
  if (logger == nullptr || logger->name() != "reeve") {
    StartLog(LogForm::kLogfmt, LogLevel::kInfo);
    logger = spdlog::default_logger_raw();
  }
  return *logger;
}

}  // namespace

std::optional<LogLevel> LogLevelByName(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "info") return LogLevel::kInfo;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return std::nullopt;
}

LogForm LogFormOfEnvironment() {
  // The variable outlives a redirection (`reeved 2>log` in a unit's shell), so it must name what
  // standard error really is.
  const char* given =
      std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  struct stat stream = {};
  if (given == nullptr || ::fstat(STDERR_FILENO, &stream) != 0) return LogForm::kLogfmt;
  return given == fmt::format("{}:{}", stream.st_dev, stream.st_ino) ? LogForm::kJournal
                                                                     : LogForm::kLogfmt;
}

void StartLog(LogForm form, LogLevel least, const std::string& journal) {
  spdlog::set_default_logger(MakeLogger(form, least));
  JournalOfProcess& to = TheJournal();
  const std::lock_guard lock(to.mutex);
  to.journal.reset();
  if (form == LogForm::kJournal && !journal.empty()) to.journal = Journal::Open(journal);
}

bool LogsAt(LogLevel level) {
  return Logger().should_log(SpdlogLevel(level));
}

void VLog(LogLevel level, fmt::string_view format, fmt::format_args args) {
  if (!LogsAt(level)) return;
  LogWith(level, {}, fmt::vformat(format, args));
}

void LogWith(LogLevel level, const Fields& fields, std::string_view message) {
  if (!LogsAt(level)) return;
  const std::string escaped = EscapeForTerminal(message);
  {
    JournalOfProcess& to = TheJournal();
    const std::lock_guard lock(to.mutex);
    if (to.journal) {
      to.journal->Send(PriorityDigit(SpdlogLevel(level)) - '0', escaped, fields);
      return;
    }
  }
  Logger().log(SpdlogLevel(level), spdlog::string_view_t(escaped));
}

}  // namespace reeve::io
