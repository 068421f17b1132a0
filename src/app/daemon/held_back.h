// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/engine/guards.h"

namespace reeve::daemon {

// What each guard has against it, a line each.
std::string HeldBackText(const std::vector<engine::GuardHit>& hits);

// What to type so that it is done all the same.
std::string AcceptHint(const std::vector<engine::GuardHit>& hits);

}  // namespace reeve::daemon
