// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/whole.h"

#include "core/engine/joined.h"

namespace reeve::daemon {
namespace {

// Points to somebody else's.
template <typename T>
std::shared_ptr<const T> Borrow(const T& value) {
  return {std::shared_ptr<const void>(), &value};
}

bool SaysNothing(const Desired& units) {
  return units.cgroups.empty() && units.observed_only.empty() && units.gaps.empty();
}

bool SaysNothing(const Plan& units) {
  return units.cgroups == 0 && units.actions.empty() && units.held.empty() && units.gaps.empty() &&
         units.observe_only.empty() && units.complete;
}

}  // namespace

std::shared_ptr<const Plan> WholePlan(const engine::Engine& engine, const Units& units) {
  const Plan plan = units.plan();
  if (SaysNothing(plan)) return Borrow(engine.plan());
  return std::make_shared<const Plan>(engine::Joined(engine.plan(), plan));
}

std::shared_ptr<const Desired> WholeDesired(const Desired& tree, const Desired& units) {
  if (SaysNothing(units)) return Borrow(tree);
  return std::make_shared<const Desired>(engine::Joined(tree, units));
}

}  // namespace reeve::daemon
