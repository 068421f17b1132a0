// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "app/show/live_tree.h"
#include "core/model/plan.h"

namespace reeve::show {

// Siblings shown one by one without --full; what is at a limit or differs is always among them.
inline constexpr std::size_t kShownSiblings = 20;

struct TreeView {
  bool full = false;
  std::string cgroup_glob;  // only these, what lies below them, and the way there
};

// The tree with use against limits, a cgroup a line. Instances of a template share one line, followed by those
// that are at a limit or differ. "" when there is nothing below the root.
//   plan, desired   what an apply would do and for what; nullptr when not known
std::string RenderTree(const LiveTree& live,
                       const Plan* plan,
                       const Desired* desired,
                       const TreeView& view);

}  // namespace reeve::show
