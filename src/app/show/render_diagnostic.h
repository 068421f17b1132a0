// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/show/exit_code.h"
#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/policy/diagnostic.h"

namespace reeve::show {

inline constexpr std::size_t kShownFindings = 20;

// One finding with its place, the line, a caret, the related place, hint and note; ends with a
// newline.
std::string RenderDiagnostic(const policy::Diagnostic& diagnostic, const Paint& paint);

// All findings, a blank line after each; beyond kShownFindings a line says how many more there are
// and what most of them are about.
std::string RenderFindings(const std::vector<policy::Diagnostic>& findings, const Paint& paint);

// "2 errors, 1 warning"
std::string CountFindings(const std::vector<policy::Diagnostic>& findings);

// The file that can not be used: its name when all errors are in one file, else "this set of
// files".
std::string NameOfBrokenFile(const std::vector<policy::Diagnostic>& findings);

// A list of {severity, code, file, line, column, end, message, hint, note, related}; places that
// are not known are null. Complete, whatever the number.
Json FindingsJson(const std::vector<policy::Diagnostic>& findings);

}  // namespace reeve::show
