// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline_plan.h"
#include "app/cli/verbs.h"
#include "app/show/render_apply.h"
#include "core/engine/applier.h"
#include "edge/io/clock.h"

namespace reeve::cli {
namespace {

// A cgroup that was made anew while we worked needs a new plan. Somebody who does that all the time is not
// waited for.
constexpr int kMostRounds = 3;

bool IsStale(const ApplyReport& report) {
  return report.Count(Outcome::Kind::kStale) != 0;
}

int Apply(const ApplyOptions& options, Output& output) {
  OfflineWork work = PlanOffline(options.tree, "apply", output, true);
  if (!work.planned) return work.exit_code;
  OfflineHost& host = *work.host;
  const Desired& desired = work.judged->generation.desired;
  ApplyPaper paper;
  paper.host = host.facts().host;
  paper.root = host.root();
  paper.facts = &host.facts();
  paper.policy_hash = desired.policy_hash;
  const Usec begin = io::MonotonicTime();
  Plan plan = std::move(work.planned->plan);
  for (int round = 0; round < kMostRounds; ++round) {
    ApplyReport report = engine::ApplyAll(host.fs(), plan, host.facts().page_size);
    const bool again = IsStale(report);
    const bool empty = plan.actions.empty();
    paper.rounds.push_back({std::move(plan), std::move(report)});
    if (empty) {
      paper.left = paper.rounds.back().plan;
      break;
    }
    // Looked at once more, because what counts is what is true now.
    plan = host.Plan(desired).plan;
    paper.left = plan;
    if (!again) break;
  }
  paper.seconds = static_cast<double>((io::MonotonicTime() - begin).count()) / 1e6;
  if (output.is_table()) {
    output.Print(RenderApply(paper, Paint(output.color_out())));
  } else {
    output.PrintValue(ApplyJson(paper));
  }
  return ExitCodeOf(ResultOf(paper));
}

}  // namespace

int RunApply(const ApplyOptions& options) {
  Output output(options.tree.output);
  const TreeOptions& tree = options.tree;
  if (IsForDaemon(tree)) {
    return output.Finish(
        ApplyByTheDaemon(DaemonOf(tree), options.by_daemon, WithoutDaemon("apply", tree), output));
  }
  const ApplyByDaemon& by_daemon = options.by_daemon;
  if (!by_daemon.accept.empty() || !by_daemon.confirm.empty() || !by_daemon.plan.empty()) {
    Complain(output, "--plan, --confirm and --accept are the daemon's: not with files or --root");
    return output.Finish(kUsage);
  }
  if (tree.root.empty() && !tree.offline) {
    // What files say here the daemon would undo with what its own say.
    Complain(output,
             "apply: the daemon applies what is in its policy directories, not files named here",
             SameFor("apply", "CGROUP_DIR", tree));
    return output.Finish(kUsage);
  }
  return output.Finish(Apply(options, output));
}

}  // namespace reeve::cli
