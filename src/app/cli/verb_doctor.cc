// SPDX-License-Identifier: Apache-2.0
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
  const auto checks = kernel::Examine(root, facts, {});
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
