// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/plan.h"

namespace reeve::show {

// One thing that is not as described, in words: "cpu.max max, wanted 2 cores". Escaped.
struct Difference {
  CgroupPath path;
  std::string text;
};

// Everything that keeps a host from being as described; empty exactly when plan.AsDescribed().
std::vector<Difference> DifferencesOf(const Plan& plan);

}  // namespace reeve::show
