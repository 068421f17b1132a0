// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/complain.h"
#include "app/cli/offline.h"
#include "app/cli/verbs.h"
#include "app/show/render_desired_diff.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "core/plan/diff_desired.h"

namespace reeve::cli {
namespace {

// The host that both sets are judged for; nullopt after saying what is wrong.
std::optional<HostFacts> HostFor(const TreeOptions& options,
                                 const std::string& facts,
                                 Output& output) {
  if (facts.empty()) {
    const HostConfig config = ReadHostConfig(options.config);
    auto host = OfflineHost::Open("", config.facts_dir);
    if (host.has_value()) return host->facts();
    Complain(output, host.error());
    return std::nullopt;
  }
  policy::Findings findings;
  auto host = ReadHostOf(facts, findings);
  output.Complain(RenderFindings(findings.all(), Paint(output.color_err())));
  if (host.has_value() && !findings.has_errors()) return std::move(host->facts);
  if (!host.has_value()) Complain(output, host.error());
  return std::nullopt;
}

std::optional<engine::Generation> GenerationOf(const std::string& name,
                                               const TreeOptions& options,
                                               const HostFacts& facts,
                                               Output& output) {
  const HostConfig config = ReadHostConfig(options.config);
  auto set = ReadPolicies({name}, config);
  if (!set.has_value()) {
    Complain(output, set.error());
    return std::nullopt;
  }
  Judged judged = JudgeSet(*std::move(set), {name}, config, facts);
  if (judged.usable()) return std::move(judged.generation);
  output.Complain(RenderFindings(judged.findings, Paint(output.color_err())));
  Complain(output, Shown(name) + " can not be used, so there is nothing to compare");
  return std::nullopt;
}

}  // namespace

int DiffPolicies(const TreeOptions& options, const std::string& facts, Output& output) {
  const auto host = HostFor(options, facts, output);
  if (!host) return kTrouble;
  const auto from = GenerationOf(options.files[0], options, *host, output);
  if (!from) return kTrouble;
  const auto to = GenerationOf(options.files[1], options, *host, output);
  if (!to) return kTrouble;
  auto changes = plan::DiffDesired(from->desired, to->desired);
  const auto units = plan::DiffDesired(from->units, to->units);
  changes.insert(changes.end(), units.begin(), units.end());
  if (output.is_table()) {
    output.Print(
        RenderDesiredDiff(options.files[0], options.files[1], changes, Paint(output.color_out())));
  } else {
    output.PrintValue(DesiredDiffJson(options.files[0], options.files[1], changes));
  }
  return changes.empty() ? kDone : kFailed;
}

}  // namespace reeve::cli
