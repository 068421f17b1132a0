// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/host_facts.h"
#include "core/model/policy.h"

namespace reeve::policy {

// Whether `when` holds on this host. Facts that are not known here are false (and so `not:` is true).
//   now   seconds since the epoch, for `time:`; `rollout:` hashes machine id and `document`
bool Holds(const Condition& condition,
           const HostFacts& facts,
           std::string_view document,
           std::int64_t now);

}  // namespace reeve::policy
