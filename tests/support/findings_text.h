// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/model/source_mark.h"
#include "core/policy/diagnostic.h"

namespace reeve::testing {

// Findings as text, sorted by place, two or more lines each:
//   web.yaml:14:17-20 R0204 a percentage must say of what
//     hint: `25% of host` or `25% of parent`
//     also: web.yaml:12:3 the other place
// `warning` stands before the code of warnings; columns are first-last.
std::string FindingsText(policy::Findings findings);

// A file as the edge would have read it.
std::shared_ptr<const SourceFile> TextFile(std::string name, std::string_view text, int layer = 1);

}  // namespace reeve::testing
