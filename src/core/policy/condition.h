// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/model/host_facts.h"
#include "core/model/policy.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// Whether `when` holds on this host. Facts that are not known here are false (and so `not:` is
// true).
//   document  metadata.name; `rollout:` hashes it with the machine id, so that a machine that is in
//             with 5 % stays in with 25 %
//   now       seconds since the epoch, for `time:` (in the host's local time)
bool Holds(const Condition& condition,
           const HostFacts& facts,
           std::string_view document,
           std::int64_t now);

// What of a condition can be judged without a host: ranges, versions, sizes, times, shares and the
// names of knobs. Called while loading, so that a condition is wrong everywhere or nowhere.
void JudgeCondition(const Condition& condition, Findings& findings);

// True when no host whatever can meet the condition with this version of reeve, because `reeve:`
// excludes it. Such a document is skipped before its keys are judged: it may use words this version
// does not know.
//   version   "0.1.0"
bool ExcludedByVersion(const Condition& condition, std::string_view version);

// The next moment after `now` at which a `time:` inside the condition may turn; nullopt without
// one.
std::optional<std::int64_t> NextTimeBoundary(const Condition& condition,
                                             const HostFacts& facts,
                                             std::int64_t now);

// True for the names that a host's own facts cannot have.
bool IsBuiltInFact(std::string_view name);

}  // namespace reeve::policy
