// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "app/cli/offline.h"
#include "app/cli/render_doctor.h"
#include "app/cli/verbs.h"
#include "edge/kernel/doctor.h"

namespace reeve::cli {

int Doctor(const TreeOptions& options, Output& output) {
  const HostConfig config = ReadHostConfig(options.config);
  const std::string root = options.root.empty() ? config.root : options.root;
  // A root that can not be opened is one of the things the doctor is asked about.
  auto host = OfflineHost::Open(root, config.facts_dir);
  if (!host.has_value()) host = OfflineHost::Open("", config.facts_dir);
  const HostFacts facts = host.has_value() ? host->facts() : HostFacts();
  // What is broken in the policies is check's to say; here only what they use matters.
  std::optional<Judged> judged;
  if (options.root.empty() || !options.files.empty()) {
    auto set = ReadPolicies(options.files, config);
    if (set.has_value()) judged = JudgeSet(*std::move(set), options.files, config, facts);
  }
  const Desired* desired = judged && judged->usable() ? &judged->generation.desired : nullptr;
  const auto checks = kernel::Examine(root, facts, {}, desired);
  if (output.is_table()) {
    output.Print(RenderDoctor(facts, checks, Paint(output.color_out())));
  } else {
    output.PrintValue(DoctorJson(facts, checks));
  }
  return DoctorExitCode(checks);
}

int RunDoctor(const TreeOptions& options) {
  Output output(options.output);
  return output.Finish(Doctor(options, output));
}

}  // namespace reeve::cli
