// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_diff.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/show/human.h"
#include "app/show/plan_counts.h"
#include "app/show/plan_rows.h"
#include "app/show/screen.h"
#include "app/show/watched.h"

namespace reeve::show {
namespace {

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The two sides of a row; a side that has nothing to say is left out.
std::string Lines(const PlanRow& row, const Paint& paint) {
  const std::string place = row.why.empty() ? "" : "  # " + row.why;
  const auto minus = [&](const std::string& text) { return paint.Red("-" + OneLine(text)) + "\n"; };
  const auto plus = [&](const std::string& text) {
    return paint.Green("+" + OneLine(text) + place) + "\n";
  };
  switch (row.kind) {
    case PlanRow::Kind::kCreate:
      return plus("(the cgroup)");
    case PlanRow::Kind::kRemove:
      return minus("(the cgroup)" + place);
    case PlanRow::Kind::kMove:
      return plus(row.key + " " + row.wanted);
    case PlanRow::Kind::kControllers:
      return plus(row.key + ": " + row.wanted);
    case PlanRow::Kind::kSet:
    case PlanRow::Kind::kSame:
      break;
  }
  return (row.now == "-" ? "" : minus(row.key + ": " + row.now)) +
         plus(row.key + ": " + row.wanted);
}

std::string Comments(const Plan& plan, const std::string& glob) {
  std::string out;
  for (const Held& held : plan.held) {
    if (!IsSelected(held.path, glob)) continue;
    const Knob* knob = FindKnob(held.file);
    out += fmt::format("# held back: {} {} stays {}, wanted {}: {}\n",
                       ShownPath(held.path),
                       Shown(held.file),
                       Shown(HumanText(knob, held.now)),
                       Shown(HumanText(knob, held.wanted)),
                       Shown(HumanMessage(knob, held.reason)));
  }
  for (const Refusal& refusal : plan.refusals) {
    out += fmt::format("# would be refused: {} {}: {}\n",
                       ShownPath(refusal.path),
                       Shown(refusal.file),
                       Shown(refusal.which_means));
  }
  for (const Gap& gap : plan.gaps) {
    if (!IsSelected(gap.path, glob)) continue;
    out += fmt::format("# not possible here{}: {} {}: {}\n",
                       gap.required ? ", but required" : "",
                       ShownPath(gap.path),
                       Shown(gap.file),
                       Shown(gap.reason));
  }
  if (!plan.watched.empty()) out += "# " + SumUpWatched(plan) + "\n";
  if (!plan.complete) out += "# not all could be read, so nothing is removed\n";
  return out;
}

}  // namespace

std::string RenderDiff(const PlanPaper& paper, const std::string& cgroup_glob, const Paint& paint) {
  const Plan& plan = *paper.plan;
  const std::string comments = Comments(plan, cgroup_glob);
  if (plan.AsDescribed()) {
    return fmt::format("{}: {}, no difference ({}, {})\n",
                       Shown(paper.host),
                       paint.Green("AS DESCRIBED"),
                       Count(plan.cgroups, "cgroup"),
                       Count(plan.values, "value")) +
           comments;
  }
  std::string out = fmt::format(
      "--- {}:{}\n+++ {}\n", Shown(paper.host), Shown(paper.root), NamesOfFiles(paper.files));
  std::string block;
  for (const PlanRow& row : MakeRows(plan.actions, {false, true, cgroup_glob})) {
    if (row.cgroup != block) {
      block = row.cgroup;
      out += fmt::format("@@ {} @@\n", block);
    }
    out += Lines(row, paint);
  }
  return out + comments;
}

}  // namespace reeve::show
