// SPDX-License-Identifier: Apache-2.0
#include "core/policy/load.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/policy/policy_reader.h"
#include "core/policy/template.h"
#include "core/policy/yaml_tree.h"

namespace reeve::policy {
namespace {

using ProfilePlaces = std::map<std::string_view, SourceMark>;

ProfilePlaces JudgeProfileNames(const Policy& policy, Findings& findings) {
  ProfilePlaces places;
  for (const Document& document : policy.documents) {
    for (const Profile& profile : document.profiles) {
      const auto [first, is_new] = places.try_emplace(profile.name.text, profile.name.mark);
      if (is_new) continue;
      Diagnostic& finding = findings.Error(
          "R0126",
          profile.name.mark,
          fmt::format("there is a profile `{}` already", EscapeForTerminal(profile.name.text)),
          "names of profiles are unique over all files; rename one");
      finding.related = RelatedPlace{first->second, "the first one"};
    }
  }
  return places;
}

// Profiles that no host has; those with a <variable> in their name are known when it is bound.
void JudgeUses(const std::vector<CgroupSpec>& cgroups,
               const ProfilePlaces& profiles,
               Findings& findings) {
  for (const CgroupSpec& cgroup : cgroups) {
    for (const Scalar& name : cgroup.use) {
      if (HasVariables(name.text) || profiles.contains(name.text)) continue;
      std::vector<std::string_view> names;
      for (const auto& [known, place] : profiles) names.push_back(known);
      const auto nearest = NearestSpelling(name.text, names);
      findings.Error("R0303",
                     name.mark,
                     fmt::format("no profile is called `{}`", EscapeForTerminal(name.text)),
                     nearest ? fmt::format("did you mean `{}`?", *nearest)
                             : "profiles stand under the top-level `profiles:`");
    }
    JudgeUses(cgroup.children, profiles, findings);
  }
}

// Before a byte is read, so that a runaway generator costs nothing.
bool JudgeSetSize(const std::vector<std::shared_ptr<const SourceFile>>& files, Findings& findings) {
  std::size_t bytes = 0;
  for (const std::shared_ptr<const SourceFile>& file : files) {
    bytes += file->text.size();
    if (bytes <= kMaxSetBytes) continue;
    findings
        .Error("R0103",
               SourceMark{file, 1, 1, 1},
               fmt::format("with this file the set has more than {} bytes (64 MiB)", kMaxSetBytes),
               "write many similar cgroups as a template: for_each: {file: NAME.csv}")
        .note = "nothing of this set was judged";
    return false;
  }
  return true;
}

}  // namespace

Policy LoadPolicy(const std::vector<std::shared_ptr<const SourceFile>>& files,
                  Findings& findings,
                  std::string_view version) {
  Policy policy;
  if (!JudgeSetSize(files, findings)) return policy;
  bool complete = true;
  for (const std::shared_ptr<const SourceFile>& file : files) {
    const std::size_t errors = findings.error_count();
    for (const YamlDocument& yaml : ReadYaml(file, findings)) {
      if (auto document = ReadDocument(yaml, version, findings)) {
        policy.documents.push_back(*std::move(document));
      }
    }
    complete = complete && findings.error_count() == errors;
  }
  const ProfilePlaces profiles = JudgeProfileNames(policy, findings);
  // A profile that seems to be missing may stand where a file could not be read.
  if (complete) {
    for (const Document& document : policy.documents) {
      JudgeUses(document.cgroups, profiles, findings);
    }
  }
  findings.SortByPlace();
  return policy;
}

}  // namespace reeve::policy
