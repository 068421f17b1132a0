// SPDX-License-Identifier: Apache-2.0
#include "core/engine/joined.h"

#include <algorithm>
#include <iterator>

namespace reeve::engine {
namespace {

template <typename List>
void Append(const List& from, List& to) {
  to.insert(to.end(), from.begin(), from.end());
}

void AppendActions(const std::vector<Action>& from, std::vector<Action>& to) {
  const std::size_t before = to.size();
  for (Action action : from) {
    for (std::size_t& need : action.needs) need += before;
    to.push_back(std::move(action));
  }
}

}  // namespace

Desired Joined(const Desired& tree, const Desired& units) {
  Desired all = tree;
  all.cgroups.insert(units.cgroups.begin(), units.cgroups.end());
  all.observed_only.insert(units.observed_only.begin(), units.observed_only.end());
  Append(units.gaps, all.gaps);
  return all;
}

// A document that is only watched may speak of both.
Plan Joined(const Plan& tree, const Plan& units) {
  Plan all = tree;
  AppendActions(units.actions, all.actions);
  AppendActions(units.observe_only, all.observe_only);
  Append(units.care, all.care);
  Append(units.held, all.held);
  Append(units.drifted, all.drifted);
  Append(units.refusals, all.refusals);
  Append(units.gaps, all.gaps);
  for (const WatchedDocument& document : units.watched) {
    if (std::find(all.watched.begin(), all.watched.end(), document) == all.watched.end()) {
      all.watched.push_back(document);
    }
  }
  all.complete = tree.complete && units.complete;
  all.units = units.cgroups;
  all.values += units.values;
  return all;
}

ApplyReport Joined(const ApplyReport& tree, const ApplyReport& units) {
  ApplyReport all = tree;
  for (Outcome outcome : units.outcomes) {
    outcome.blocker += tree.outcomes.size();
    all.outcomes.push_back(std::move(outcome));
  }
  return all;
}

}  // namespace reeve::engine
