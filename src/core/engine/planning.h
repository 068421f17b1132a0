// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/observe.h"
#include "core/model/desired.h"
#include "core/model/observed.h"
#include "core/model/plan.h"
#include "core/plan/diff.h"

namespace reeve::engine {

struct Planned {
  Observed observed;
  Plan plan;
};

// Plans on an observation that was just made or refreshed, gathering what the verdicts need. Reads
// only.
Plan PlanOn(Observer& observer,
            const Desired& desired,
            const plan::PlanOptions& options,
            Observed& observed);

// Observes, gathers what the verdicts need, and plans. Reads only.
Planned ObserveAndPlan(Observer& observer,
                       const Desired& desired,
                       const plan::PlanOptions& options);

}  // namespace reeve::engine
