// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/policy.h"

namespace reeve::policy {

// Whether what the policy means can change by the passing of time alone: something expires, or `when` asks for
// the time of day.
bool DependsOnClock(const Policy& policy);

}  // namespace reeve::policy
