// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/daemon/units.h"
#include "core/engine/engine.h"
#include "core/model/desired.h"
#include "core/model/plan.h"

namespace reeve::daemon {

// The tree and the units as one; the tree's own, not copied, where no unit is named. Valid until the
// next step of either engine.
std::shared_ptr<const Plan> WholePlan(const engine::Engine& engine, const Units& units);
std::shared_ptr<const Desired> WholeDesired(const Desired& tree, const Desired& units);

}  // namespace reeve::daemon
