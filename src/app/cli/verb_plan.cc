// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/judge_hosts.h"
#include "app/cli/offline_plan.h"
#include "app/cli/verbs.h"
#include "app/show/plan_rows.h"
#include "app/show/render_diff.h"
#include "app/show/render_plan.h"
#include "core/base/text.h"

namespace reeve::cli {
namespace {

int PlanByDaemon(const PlanVerbOptions& options, Output& output) {
  DaemonQuestion question{
      .verb = "plan", .path = "/v1/plan", .without = WithoutDaemon("plan", options.tree)};
  if (!options.cgroup_glob.empty()) question.query.emplace_back("cgroup", options.cgroup_glob);
  if (options.full) question.query.emplace_back("full", "1");
  if (options.raw) question.query.emplace_back("raw", "1");
  if (options.detailed_exitcode) question.query.emplace_back("detailed_exitcode", "1");
  return AskDaemon(DaemonOf(options.tree), question, output);
}

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

// `41`, or `disk` for the files as they are now.
bool IsGeneration(const std::string& word) {
  return word == "disk" || ParseDecimal(word).has_value();
}

// Exit 1 means "differs", so what keeps us from comparing is 2; no daemon stays 5.
int DiffByDaemon(const TreeOptions& options, Output& output) {
  DaemonQuestion question{
      .verb = "diff", .path = "/v1/diff", .without = WithoutDaemon("diff", options)};
  if (!options.files.empty()) question.query.emplace_back("from", options.files[0]);
  if (options.files.size() > 1) question.query.emplace_back("to", options.files[1]);
  return AskDaemon(DaemonOf(options), question, output);
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
  if (options.facts.empty()) {
    return output.Finish(IsForDaemon(options.tree) ? PlanByDaemon(options, output)
                                                   : PlanHere(options, output));
  }
  JudgeHostsOptions hosts{options.facts, options.tree.files, false, false, options.full};
  return output.Finish(JudgeHosts(hosts, output));
}

int RunDiff(const TreeOptions& options, const std::string& cgroup_glob, const std::string& facts) {
  Output output(options.output);
  const bool generations = options.root.empty() && !options.offline && options.files.size() <= 2 &&
                           std::all_of(options.files.begin(), options.files.end(), IsGeneration);
  const bool two_sets = options.root.empty() && !options.offline && options.files.size() == 2;
  if (two_sets && !generations) return output.Finish(DiffPolicies(options, facts, output));
  if (!facts.empty()) {
    Complain(output,
             "--facts goes with two sets of policies, and without --root",
             "reevectl diff --facts HOST.json OLD NEW");
    return output.Finish(kUsage);
  }
  if (generations) return output.Finish(DiffByDaemon(options, output));
  return output.Finish(DiffHere(options, cgroup_glob, output));
}

}  // namespace reeve::cli
