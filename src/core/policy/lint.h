// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// Warns of what is allowed but hardly meant, as far as it takes the whole tree to see it (R04xx).
// Few and right: a warning that is wrong once is read never again. Adds no errors. Numbers that
// contradict each other are plan/resolve's to find.
//   desired   resolved without errors
void Lint(const Policy& policy, const Desired& desired, const HostFacts& facts, Findings& findings);

// The same for units of systemd: values that hardly are meant, and templates that mean the whole host.
//   units   resolved without errors
void LintUnits(const Policy& policy, const Desired& units, Findings& findings);

}  // namespace reeve::policy
