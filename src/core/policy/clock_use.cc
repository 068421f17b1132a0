// SPDX-License-Identifier: Apache-2.0
#include "core/policy/clock_use.h"

#include <algorithm>

namespace reeve::policy {
namespace {

bool AsksForTime(const Condition& condition) {
  if (condition.kind == Condition::Kind::kFact) return condition.fact == "time";
  return std::any_of(condition.children.begin(), condition.children.end(), AsksForTime);
}

bool Expires(const CgroupSpec& cgroup) {
  return cgroup.expires.has_value() ||
         std::any_of(cgroup.children.begin(), cgroup.children.end(), Expires);
}

}  // namespace

bool DependsOnClock(const Policy& policy) {
  return std::any_of(
      policy.documents.begin(), policy.documents.end(), [](const Document& document) {
        return document.metadata.expires.has_value() || AsksForTime(document.when) ||
               std::any_of(document.cgroups.begin(), document.cgroups.end(), Expires) ||
               std::any_of(document.units.begin(), document.units.end(), Expires);
      });
}

}  // namespace reeve::policy
