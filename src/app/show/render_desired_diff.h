// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/show/paint.h"
#include "app/show/printing.h"
#include "core/plan/diff_desired.h"

namespace reeve::show {

// Two desired trees held against each other, in the form of diff -u: a block a cgroup. One line when
// nothing differs.
//   from, to   what the two are called: "generation 41", "policy.d"
std::string RenderDesiredDiff(const std::string& from,
                              const std::string& to,
                              const std::vector<plan::DesiredChange>& changes,
                              const Paint& paint);

// {"from", "to", "same", "changes": [{what, cgroup, key, from, to, from_at, to_at}]}, in kernel units.
Json DesiredDiffJson(const std::string& from,
                     const std::string& to,
                     const std::vector<plan::DesiredChange>& changes);

}  // namespace reeve::show
