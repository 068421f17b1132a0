// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/plan.h"
#include "core/model/report.h"

namespace reeve::engine {

// The tree and the units of systemd as one, for who shows them or counts over both. Names of units hold a
// dot and a type at their end, which tells them from reeve's own cgroups beside them.
Desired Joined(const Desired& tree, const Desired& units);
Plan Joined(const Plan& tree, const Plan& units);

// Of two joined plans.
ApplyReport Joined(const ApplyReport& tree, const ApplyReport& units);

}  // namespace reeve::engine
