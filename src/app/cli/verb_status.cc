// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/live_tree.h"
#include "app/show/plan_rows.h"
#include "app/show/render_diagnostic.h"
#include "app/show/render_status.h"
#include "app/show/screen.h"

namespace reeve::cli {
namespace {

bool IsThere(const std::string& path) {
  struct stat status = {};
  return path == "-" || ::stat(path.c_str(), &status) == 0;
}

// An argument that names a file or directory is a policy, anything else a cgroup.
struct Arguments {
  std::vector<std::string> files;
  std::string cgroup_glob;
  std::string mistake;
};

Arguments Sort(const StatusOptions& options) {
  Arguments sorted;
  sorted.cgroup_glob = options.cgroup_glob;
  for (const std::string& argument : options.tree.files) {
    if (IsThere(argument)) {
      sorted.files.push_back(argument);
    } else if (argument.ends_with(".yaml") || argument.starts_with('/')) {
      sorted.mistake = Shown(argument) + ": no such file";
    } else if (sorted.cgroup_glob.empty()) {
      sorted.cgroup_glob = argument;
    } else {
      sorted.mistake = "one cgroup at a time: use a pattern (--cgroup 'web/*')";
    }
  }
  return sorted;
}

int Status(const StatusOptions& options, Output& output) {
  const Arguments arguments = Sort(options);
  if (!arguments.mistake.empty()) {
    Complain(output, arguments.mistake);
    return kUsage;
  }
  if (arguments.files.empty() && options.tree.root.empty() && !options.tree.offline) {
    DaemonQuestion question{
        .verb = "status", .path = "/v1/status", .without = WithoutDaemon("status", options.tree)};
    if (!arguments.cgroup_glob.empty())
      question.query.emplace_back("cgroup", arguments.cgroup_glob);
    if (options.quiet) question.query.emplace_back("quiet", "1");
    if (options.full) question.query.emplace_back("full", "1");
    return AskDaemon(DaemonOf(options.tree), question, output);
  }
  int code = kDone;
  const std::string root = RootFor(options.tree, "status", output, &code);
  if (root.empty()) return code;
  const HostConfig config = ReadHostConfig(options.tree.config);
  auto host = OfflineHost::Open(root, config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    return CodeOfRootError(host.error());
  }

  StatusPaper paper;
  paper.host = host->facts().host;
  paper.root = host->root();
  Judged judged;
  engine::Planned planned;
  // Without --root the host's own policies are meant; with it only what is named.
  const bool judge = !arguments.files.empty() || options.tree.root.empty();
  if (judge) {
    auto set = ReadPolicies(arguments.files, config);
    if (!set.has_value()) {
      Complain(output, set.error());
      return kFailed;
    }
    judged = JudgeSet(*std::move(set), arguments.files, config, host->facts());
    paper.files = judged.FileNames();
    if (judged.usable()) {
      planned = host->Plan(judged.generation.desired);
      paper.plan = &planned.plan;
      paper.desired = &judged.generation.desired;
    } else {
      output.Complain(RenderFindings(judged.findings, Paint(output.color_err())));
      paper.load_errors = &judged.findings;
    }
  }
  if (options.quiet) {
    output.Print(RenderStatusLine(paper));
    return ExitCodeOf(paper);
  }
  paper.live = ReadLiveTree(host->fs(), RealSampleClock());
  const bool found =
      arguments.cgroup_glob.empty() ||
      std::any_of(paper.live.cgroups.begin(), paper.live.cgroups.end(), [&](const auto& entry) {
        return !entry.first.is_root() && IsSelected(entry.first, arguments.cgroup_glob);
      });
  if (!found) {
    Complain(output,
             fmt::format("no cgroup {} below {}", Shown(arguments.cgroup_glob), Shown(paper.root)));
    return kNotFound;
  }
  if (output.is_table()) {
    output.Print(
        RenderStatus(paper, {options.full, arguments.cgroup_glob}, Paint(output.color_out())));
  } else {
    output.PrintValue(StatusJson(paper));
  }
  return ExitCodeOf(paper);
}

}  // namespace

int RunStatus(const StatusOptions& options) {
  Output output(options.tree.output);
  return output.Finish(Status(options, output));
}

}  // namespace reeve::cli
