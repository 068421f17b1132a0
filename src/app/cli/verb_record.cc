// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "core/policy/facts_reader.h"
#include "core/policy/recorded_tree.h"

namespace reeve::cli {
namespace {

// What a plan may ask for, of every cgroup: who plays the record back can not read more.
std::vector<plan::Evidence> AllEvidence(const Observed& observed) {
  using Kind = plan::Evidence::Kind;
  std::vector<plan::Evidence> wanted{{CgroupPath(), Kind::kProcesses}};
  for (const auto& [path, cgroup] : observed.cgroups) {
    if (cgroup.controllers.Has(Controller::kMemory)) wanted.push_back({path, Kind::kMemoryCurrent});
    if (cgroup.controllers.Has(Controller::kPids)) wanted.push_back({path, Kind::kPidsCurrent});
    wanted.push_back({path, Kind::kProcesses});
  }
  return wanted;
}

// Names of strangers' cgroups tell about their tenants, and no plan touches them.
void LeaveOutStrangers(const Desired& desired, Observed& observed) {
  std::erase_if(observed.cgroups, [&](const auto& entry) {
    return !entry.second.owner && !desired.cgroups.contains(entry.first) &&
           !desired.observed_only.contains(entry.first);
  });
}

int Record(const TreeOptions& options, Output& output) {
  int code = kDone;
  const std::string root = RootFor(options, "record", output, &code);
  if (root.empty()) return code;
  const HostConfig config = ReadHostConfig(options.config);
  auto host = OfflineHost::Open(root, config.facts_dir);
  if (!host.has_value()) {
    Complain(output, host.error());
    return CodeOfRootError(host.error());
  }
  for (const std::string& note : host->notes()) output.Complain(Hanging("note: ", Shown(note)));
  AddUnits(options, *host, output);
  Desired desired;
  // Without --root the host's own policies are meant; with it only what is named.
  if (!options.files.empty() || options.root.empty()) {
    auto set = ReadPolicies(options.files, config);
    if (!set.has_value()) {
      Complain(output, set.error());
      return kFailed;
    }
    Judged judged = JudgeSet(*std::move(set), options.files, config, host->facts());
    if (!judged.usable()) {
      output.Complain(RenderFindings(judged.findings, Paint(output.color_err())));
      Complain(output, "the policies cannot be used, so nothing was recorded");
      return kFailed;
    }
    desired = std::move(judged.generation.desired);
  }
  engine::Observer observer(host->fs());
  Observed observed = observer.Observe(desired);
  LeaveOutStrangers(desired, observed);
  observer.Gather(AllEvidence(observed), observed);
  if (!observed.complete) {
    for (const Error& error : observed.errors)
      output.Complain(Hanging("note: ", Shown(error.ToString())));
    Complain(output, "not all could be read, so what is recorded would plan another way");
    return kFailed;
  }
  Json json = Json::parse(policy::FormatFactsJson(host->facts()));
  json["tree"] = Json::parse(policy::FormatRecordedTree(observed));
  if (output.format() == Format::kYaml) {
    output.PrintValue(json);
  } else {
    output.Print(PrintJson(json));
  }
  return kDone;
}

}  // namespace

int RunRecord(const TreeOptions& options) {
  Output output(options.output);
  return output.Finish(Record(options, output));
}

}  // namespace reeve::cli
