// SPDX-License-Identifier: Apache-2.0
#include "support/findings_text.h"

#include <fmt/format.h>

namespace reeve::testing {
namespace {

std::string Place(const SourceMark& mark) {
  if (!mark.known()) return "-";
  const std::string place = mark.FileLineColumn();
  return mark.length <= 1 ? place : fmt::format("{}-{}", place, mark.column + mark.length - 1);
}

}  // namespace

std::string FindingsText(policy::Findings findings) {
  findings.SortByPlace();
  std::string text;
  for (const policy::Diagnostic& finding : findings.all()) {
    const bool warning = finding.severity == policy::Severity::kWarning;
    text += fmt::format("{} {}{} {}\n",
                        Place(finding.mark),
                        warning ? "warning " : "",
                        finding.code,
                        finding.message);
    if (!finding.hint.empty()) text += fmt::format("  hint: {}\n", finding.hint);
    if (finding.related) {
      text += fmt::format(
          "  also: {} {}\n", finding.related->mark.FileLineColumn(), finding.related->message);
    }
    if (!finding.note.empty()) text += fmt::format("  note: {}\n", finding.note);
  }
  return text;
}

std::shared_ptr<const SourceFile> TextFile(std::string name, std::string_view text, int layer) {
  SourceFile file;
  file.name = std::move(name);
  file.text = text;
  file.layer = layer;
  return std::make_shared<const SourceFile>(std::move(file));
}

}  // namespace reeve::testing
