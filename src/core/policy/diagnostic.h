// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/source_mark.h"

namespace reeve::policy {

enum class Severity { kError, kWarning };

struct RelatedPlace {
  SourceMark mark;
  std::string message;
};

// One finding about a text that people wrote. Rendered by cli/render_diagnostic (caret text, JSON).
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;  // "R0107"; every code has a row in codes.h
  SourceMark mark;
  std::string message;  // what and why, no full stop
  std::string hint;     // what to write instead; may be empty
  std::optional<RelatedPlace> related;
  std::string note;  // what was not judged because of this; may be empty
};

// Collects all findings of a run; order is the order of discovery, sorted by place when shown.
class Findings {
 public:
  void Add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::kError) ++errors_;
    all_.push_back(std::move(diagnostic));
  }

  Diagnostic& Error(std::string code, SourceMark mark, std::string message, std::string hint = "");
  Diagnostic& Warning(std::string code,
                      SourceMark mark,
                      std::string message,
                      std::string hint = "");

  const std::vector<Diagnostic>& all() const { return all_; }

  bool has_errors() const { return errors_ != 0; }

  std::size_t error_count() const { return errors_; }

  // By layer, file, line, column; findings without a place come first. Same code and place only
  // once.
  void SortByPlace();

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

}  // namespace reeve::policy
