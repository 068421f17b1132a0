// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/model/host_facts.h"
#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

// `where:` of units: which of those that fit a template's name are meant.
namespace reeve::policy {

// What is not known of a unit is false, and so `not:` is true.
bool WhereHolds(const Condition& where, std::string_view unit, const UnitFact& fact);

// What can be judged without a host: ranges of user ids, names of slices.
void JudgeWhere(const Condition& where, Findings& findings);

// Whose the unit is, from the facts or from a name that logind gave.
std::optional<std::uint64_t> UidOf(std::string_view unit, const UnitFact& fact);

}  // namespace reeve::policy
