// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/judge_hosts.h"
#include "app/cli/offline_plan.h"
#include "app/cli/verbs.h"
#include "app/show/plan_rows.h"
#include "app/show/render_diff.h"
#include "app/show/render_plan.h"

namespace reeve::cli {
namespace {

int PlanHere(const PlanVerbOptions& options, Output& output) {
  auto work = PlanOffline(options.tree, "plan", output);
  if (!work.planned) return work.exit_code;
  PlanPaper paper = PaperOf(work);
  // Where the host is as described nothing is left to type.
  paper.next = SameFor("apply", work.host->root(), options.tree);
  if (output.is_table()) {
    output.Print(RenderPlan(
        paper, {options.full, options.raw, options.cgroup_glob}, Paint(output.color_out())));
  } else {
    output.PrintValue(PlanJson(paper));
  }
  return options.detailed_exitcode && !work.planned->plan.AsDescribed() ? kTrouble : kDone;
}

int DiffHere(const TreeOptions& options, const std::string& cgroup_glob, Output& output) {
  auto work = PlanOffline(options, "diff", output);
  if (!work.planned)
    return work.exit_code == kUnreachable || work.exit_code == kUsage ? work.exit_code : kTrouble;
  const PlanPaper paper = PaperOf(work);
  if (output.is_table()) {
    output.Print(RenderDiff(paper, cgroup_glob, Paint(output.color_out())));
  } else {
    output.PrintValue(PlanJson(paper));
  }
  return work.planned->plan.AsDescribed() ? kDone : kFailed;
}

}  // namespace

int RunPlan(const PlanVerbOptions& options) {
  Output output(options.tree.output);
  if (options.facts.empty()) return output.Finish(PlanHere(options, output));
  JudgeHostsOptions hosts{options.facts, options.tree.files, false, false, options.full};
  return output.Finish(JudgeHosts(hosts, output));
}

int RunDiff(const TreeOptions& options, const std::string& cgroup_glob) {
  Output output(options.output);
  return output.Finish(DiffHere(options, cgroup_glob, output));
}

}  // namespace reeve::cli
