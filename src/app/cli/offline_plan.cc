// SPDX-License-Identifier: Apache-2.0
#include "app/cli/offline_plan.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/show/render_apply.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "core/base/text.h"

namespace reeve::cli {
namespace {

// The answer a script gets where the verb could not begin.
void SayNotDone(Output& output,
                const std::string& host,
                std::string_view result,
                const Error& error) {
  if (!output.is_table()) output.PrintValue(NotAppliedJson(host, result, error.ToString()));
}

bool Lock(OfflineWork& work, const TreeOptions& options, Output& output) {
  OfflineHost& host = *work.host;
  if (host.fs().read_only()) {
    const Error error{
        ErrorKind::kDenied, 0, host.root(), "is mounted read-only, so nothing can be applied"};
    Complain(output, Shown(error.ToString()), SameFor("plan", host.root(), options));
    SayNotDone(output, host.facts().host, "refused", error);
    work.exit_code = kRefused;
    return false;
  }
  const auto locked = host.fs().Lock();
  if (locked.has_value()) return true;
  Complain(output, locked.error());
  SayNotDone(output, host.facts().host, "refused", locked.error());
  work.exit_code = locked.error().kind == ErrorKind::kConflict ? kRefused : kFailed;
  return false;
}

bool Judge(OfflineWork& work,
           const TreeOptions& options,
           const HostConfig& config,
           Output& output) {
  auto set = ReadPolicies(options.files, config);
  if (!set.has_value()) {
    Complain(output, set.error());
    SayNotDone(output, work.host->facts().host, "load-failed", set.error());
    work.exit_code = kFailed;
    return false;
  }
  const bool any_error = std::any_of(set->ignored.begin(),
                                     set->ignored.end(),
                                     [](const port::IgnoredName& name) { return name.error; });
  if (set->files.empty() && !any_error) {
    // Taken literally it would lift every limit, but it is more often a lost mount or a typing error.
    const Error error{
        ErrorKind::kNotFound,
        0,
        "",
        "there are no policies in " +
            (options.files.empty() ? "this host's policy directories" : Join(options.files, ", "))};
    Complain(output,
             Shown(error.ToString()) + ". An empty document in a file lifts all limits on purpose");
    SayNotDone(output, work.host->facts().host, "refused", error);
    work.exit_code = kRefused;
    return false;
  }
  work.judged = JudgeSet(*std::move(set), options.files, config, work.host->facts());
  const std::vector<policy::Diagnostic>& findings = work.judged->findings;
  if (work.judged->usable()) {
    // In full they are check's business; here they would push the answer off the screen.
    if (!findings.empty()) {
      std::string command = "reevectl check";
      for (const std::string& file : options.files) command += " " + ShellWord(file);
      if (options.files.empty()) command += " " + Join(config.policy_dirs, " ");
      output.Complain(fmt::format("note: {} (`{}` shows {})\n",
                                  Count(findings.size(), "warning"),
                                  Shown(command),
                                  findings.size() == 1 ? "it" : "them"));
    }
    return true;
  }
  output.Complain(RenderFindings(findings, Paint(output.color_err())));
  output.Complain(fmt::format("{}. {} cannot be used; nothing was changed.\n",
                              CountFindings(findings),
                              NameOfBrokenFile(findings)));
  if (!output.is_table()) {
    Json json = NotAppliedJson(work.host->facts().host, "load-failed", CountFindings(findings));
    json["findings"] = FindingsJson(findings);
    output.PrintValue(json);
  }
  work.exit_code = kFailed;
  return false;
}

// Without the privilege for trusted.* the marks of a privileged reeve can not be seen.
void WarnOfUnseenMarks(OfflineHost& host, Output& output) {
  if (::geteuid() == 0 || host.fs().mark_name() == "trusted.reeve") return;
  output.Complain(Hanging(
      "note: ",
      "marks that reeve leaves as root can not be seen by this user: what left the policy is not "
      "shown, and cgroups seem not to be reeve's"));
}

// They are systemd's, and following them takes somebody who stays.
void SayUnitsAreLeft(const engine::Generation& generation, Output& output) {
  if (!generation.names_units) return;
  output.Complain(Hanging(
      "note: ",
      "what these policies say under `units:` is neither looked at nor set here: reeved does "
      "that, as a daemon or with --once"));
}

}  // namespace

OfflineWork PlanOffline(const TreeOptions& options,
                        std::string_view verb,
                        Output& output,
                        bool lock) {
  OfflineWork work;
  const std::string root = RootFor(options, verb, output, &work.exit_code);
  if (root.empty()) return work;
  const HostConfig config = ReadHostConfig(options.config);
  auto host = OfflineHost::Open(root, config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    SayNotDone(output, "", "refused", host.error());
    work.exit_code = CodeOfRootError(host.error());
    return work;
  }
  work.host = *std::move(host);
  output.Complain(RenderFindings(work.host->facts_findings().all(), Paint(output.color_err())));
  if (lock && !Lock(work, options, output)) return work;
  WarnOfUnseenMarks(*work.host, output);
  if (!Judge(work, options, config, output)) return work;
  SayUnitsAreLeft(work.judged->generation, output);
  work.planned = work.host->Plan(work.judged->generation.desired);
  return work;
}

PlanPaper PaperOf(const OfflineWork& work) {
  PlanPaper paper;
  paper.host = work.host->facts().host;
  paper.root = work.host->root();
  paper.files = work.judged->FileNames();
  paper.policy_hash = work.judged->generation.desired.policy_hash;
  paper.plan = &work.planned->plan;
  paper.desired = &work.judged->generation.desired;
  paper.observe_errors = work.planned->observed.errors;
  return paper;
}

}  // namespace reeve::cli
