// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "app/cli/offline.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "app/show/render_plan.h"

namespace reeve::cli {

// What plan, diff, apply and status begin with: root opened, files read and judged, tree observed, planned.
// Where it ends early, what is wrong has been said.
struct OfflineWork {
  int exit_code = kDone;            // to end with, when `planned` is not there
  std::optional<OfflineHost> host;  // opened
  std::optional<Judged> judged;     // files were read; may be unusable
  std::optional<engine::Planned> planned;
};

// Only the root is opened and locked where `lock` is set: nobody writes while we plan and apply.
OfflineWork PlanOffline(const TreeOptions& options,
                        std::string_view verb,
                        Output& output,
                        bool lock = false);

// The plan with what is said around it. `work.planned` must be there, and outlive the paper.
PlanPaper PaperOf(const OfflineWork& work);

}  // namespace reeve::cli
