// SPDX-License-Identifier: Apache-2.0
#include "core/engine/planning.h"

#include <utility>

namespace reeve::engine {

Plan PlanOn(Observer& observer,
            const Desired& desired,
            const plan::PlanOptions& options,
            Observed& observed) {
  plan::PlanDraft draft = plan::MakePlan(desired, observed, options);
  // Evidence can ask for more evidence (a cgroup that gets a home needs its own processes known),
  // but never for the same twice; what could not be read is judged without.
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds && !draft.missing.empty(); ++round) {
    observer.Gather(draft.missing, observed);
    draft = plan::MakePlan(desired, observed, options);
  }
  return std::move(draft.plan);
}

Planned ObserveAndPlan(Observer& observer,
                       const Desired& desired,
                       const plan::PlanOptions& options) {
  Planned planned;
  planned.observed = observer.Observe(desired);
  planned.plan = PlanOn(observer, desired, options, planned.observed);
  return planned;
}

}  // namespace reeve::engine
