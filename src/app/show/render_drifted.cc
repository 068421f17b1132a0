// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/plan_rows.h"
#include "app/show/render_plan.h"
#include "app/show/screen.h"
#include "app/show/table.h"
#include "core/engine/words.h"

namespace reeve::show {

std::string RenderDrifted(const Plan& plan, const PlanView& view) {
  std::vector<TableLine> lines;
  for (const Drifted& drifted : plan.drifted) {
    if (!IsSelected(drifted.path, view.cgroup_glob)) continue;
    const auto value = [&](const std::string& text) {
      return Shown(view.raw ? text : HumanText(FindKnob(drifted.file), text));
    };
    std::string what = drifted.file.empty() ? std::string("was removed, with all below it")
                                            : fmt::format("{} is {}, wanted {}",
                                                          Shown(drifted.file),
                                                          value(drifted.now),
                                                          value(drifted.wanted));
    const std::string who = engine::DescribeWriter(drifted.by.get());
    if (!who.empty()) what += ", by " + who;
    lines.push_back(
        {{" ", ShownPath(drifted.path), std::move(what), Shown(drifted.mark.FileLine())}});
  }
  if (lines.empty()) return "";
  return "DRIFTED, and left so (`on_drift: report`)\n" +
         LayOut(lines, std::vector<Align>(4, Align::kLeft)) + "\n";
}

}  // namespace reeve::show
