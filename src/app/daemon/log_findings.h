// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/policy/diagnostic.h"

namespace reeve::daemon {

// A line for each finding: "10-web.yaml:14:17: error[R0204]: a percentage must say of what; hint: ...". Places
// are named, the text of the file is not: logs are read by more people than policies.
void LogFindings(const policy::Findings& findings);

}  // namespace reeve::daemon
