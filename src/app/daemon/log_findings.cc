// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/log_findings.h"

#include <string>

#include <fmt/format.h>

#include "app/daemon/journal_fields.h"
#include "core/base/text.h"
#include "edge/io/log.h"

namespace reeve::daemon {
namespace {

// More than these help nobody in a log; `reevectl check` shows all.
constexpr std::size_t kMostLines = 20;

std::string Line(const policy::Diagnostic& finding) {
  const bool error = finding.severity == policy::Severity::kError;
  std::string line;
  if (finding.mark.known()) line = finding.mark.FileLineColumn() + ": ";
  line += fmt::format("{}[{}]: {}", error ? "error" : "warning", finding.code, finding.message);
  if (finding.related && finding.related->mark.known()) {
    line +=
        fmt::format(" ({}: {})", finding.related->mark.FileLineColumn(), finding.related->message);
  }
  if (!finding.hint.empty()) line += "; hint: " + finding.hint;
  return EscapeForTerminal(line);
}

}  // namespace

void LogFindings(const policy::Findings& findings) {
  const auto level = [](bool error) {
    return error ? io::LogLevel::kError : io::LogLevel::kWarning;
  };
  std::size_t lines = 0;
  for (const policy::Diagnostic& finding : findings.all()) {
    if (++lines > kMostLines) {
      io::LogWith(level(findings.has_errors()),
                  {},
                  fmt::format("... and {} more findings; `reevectl check` shows all",
                              findings.all().size() - kMostLines));
      return;
    }
    const bool error = finding.severity == policy::Severity::kError;
    io::LogWith(level(error), FieldsOf(finding), Line(finding));
  }
}

}  // namespace reeve::daemon
