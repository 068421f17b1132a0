// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/show/exit_code.h"
#include "app/show/paint.h"
#include "app/show/render_plan.h"

namespace reeve::show {

// What differs, in the form of diff -u that tools and people know: the host's side with -, the policy's with +,
// a block a cgroup. What a plan could not do stands in lines with #. One line when nothing differs.
std::string RenderDiff(const PlanPaper& paper, const std::string& cgroup_glob, const Paint& paint);

}  // namespace reeve::show
