// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/plan.h"
#include "core/model/standing.h"

namespace reeve::engine {

// Lays adopted values over what the policy wants. Records whose time is over are dropped: the key
// or the cgroup left the policy, it says another value, or no longer `on_drift: adopt`.
void LayAdopted(std::vector<Adopted>& adopted, Desired& desired);

// Takes over what a plan found drifted: it stands in `desired` from now on, and in `adopted`, so
// that it can be laid over again. False: the text can not be a value of that key.
bool Adopt(const Drifted& drifted, std::string by, std::vector<Adopted>& adopted, Desired& desired);

}  // namespace reeve::engine
