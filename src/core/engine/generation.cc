// SPDX-License-Identifier: Apache-2.0
#include "core/engine/generation.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/engine/policy_hash.h"
#include "core/plan/resolve.h"
#include "core/plan/resolve_units.h"
#include "core/policy/clock_use.h"
#include "core/policy/lint.h"

namespace reeve::engine {
namespace {

// Findings that may be mere echoes when a document could not be read: the profile, the template or
// the row's filter that is missing stands in the part that was not.
constexpr std::array<std::string_view, 5> kEchoes = {"R0302", "R0303", "R0308", "R0405", "R0407"};

policy::DataFiles ReadNeeded(const policy::DataNeeds& needs, port::DataSource& data) {
  policy::DataFiles files;
  for (const std::string& name : needs.files) {
    auto file = data.ReadData(name);
    if (file.has_value()) {
      files.files.emplace(name, *std::move(file));
    } else {
      files.problems.emplace(name, file.error().message);
    }
  }
  for (const std::string& glob : needs.paths) {
    auto paths = data.MatchPaths(glob);
    if (paths.has_value()) {
      files.paths.emplace(glob, *std::move(paths));
    } else {
      files.problems.emplace(glob, paths.error().message);
    }
  }
  return files;
}

void Take(const policy::Findings& found, bool echoes, policy::Findings& findings) {
  for (const policy::Diagnostic& finding : found.all()) {
    const bool echo = std::find(kEchoes.begin(), kEchoes.end(), finding.code) != kEchoes.end();
    if (!echo || echoes) findings.Add(finding);
  }
}

}  // namespace

Generation Judge(std::vector<std::shared_ptr<const SourceFile>> files,
                 const HostFacts& facts,
                 port::DataSource& data,
                 std::int64_t now) {
  policy::Loader loader;
  return Judge(std::move(files), facts, data, now, loader);
}

Generation Judge(std::vector<std::shared_ptr<const SourceFile>> files,
                 const HostFacts& facts,
                 port::DataSource& data,
                 std::int64_t now,
                 policy::Loader& loader) {
  Generation generation;
  generation.files = std::move(files);
  const Policy& policy = loader.Load(generation.files, generation.findings);
  generation.documents = policy.documents.size();
  generation.names_units =
      std::any_of(policy.documents.begin(), policy.documents.end(), [](const Document& document) {
        return !document.units.empty();
      });
  generation.depends_on_clock = policy::DependsOnClock(policy);
  const bool whole = !generation.findings.has_errors();

  const policy::DataFiles needed = ReadNeeded(policy::NeededData(policy, facts, now), data);
  policy::Findings expanding;
  generation.tree = policy::Expand(policy, facts, needed, now, expanding);
  Take(expanding, whole, generation.findings);

  // Numbers are worked out also when something else is wrong, so that all that can be found is
  // found at once.
  generation.desired = plan::Resolve(generation.tree, facts, generation.findings);
  generation.units = plan::ResolveUnits(generation.tree, facts, generation.findings);
  std::vector<std::shared_ptr<const SourceFile>> texts = generation.files;
  for (const auto& [name, file] : needed.files) {
    generation.data.push_back(file);
    texts.push_back(file);
  }
  generation.desired.policy_hash = PolicyHash(texts);
  generation.units.policy_hash = generation.desired.policy_hash;
  if (generation.usable()) {
    policy::Lint(policy, generation.desired, facts, generation.findings);
    policy::LintUnits(policy, generation.units, generation.findings);
  }
  generation.findings.SortByPlace();
  return generation;
}

}  // namespace reeve::engine
