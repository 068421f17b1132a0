// SPDX-License-Identifier: Apache-2.0
#include "core/policy/load.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
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

using NameInLayer = std::pair<int, std::string_view>;

NameInLayer NameOf(const SourceFile& file) {
  return {file.layer, file.name};
}

bool SameText(const SourceFile& a, const SourceFile& b) {
  return &a == &b || (a.directory == b.directory && a.text == b.text);
}

}  // namespace

Policy LoadPolicy(const std::vector<std::shared_ptr<const SourceFile>>& files,
                  Findings& findings,
                  std::string_view version) {
  std::vector<std::shared_ptr<const SourceFile>> set = files;
  Loader loader;
  static_cast<void>(loader.Load(set, findings, version));
  return std::move(loader).Release();
}

const Policy& Loader::Load(std::vector<std::shared_ptr<const SourceFile>>& files,
                           Findings& findings,
                           std::string_view version) {
  parsed_ = 0;
  if (version != version_) *this = Loader();
  version_ = version;
  if (!JudgeSetSize(files, findings)) {
    *this = Loader();
    return policy_;
  }
  std::map<NameInLayer, Known*> before;
  for (Known& known : known_) before.emplace(NameOf(*known.file), &known);

  Policy policy;
  std::vector<Known> now;
  now.reserve(files.size());
  bool complete = true;
  for (std::shared_ptr<const SourceFile>& file : files) {
    const auto found = before.find(NameOf(*file));
    const std::size_t first = policy.documents.size();
    if (found != before.end() && SameText(*found->second->file, *file)) {
      now.push_back(std::move(*found->second));
      before.erase(found);
      const Known& known = now.back();
      file = known.file;
      const auto documents = policy_.documents.begin() + static_cast<std::ptrdiff_t>(known.first);
      std::move(documents,
                documents + static_cast<std::ptrdiff_t>(known.documents),
                std::back_inserter(policy.documents));
    } else {
      now.push_back({file, {}, 0, 0, true});
      Read(now.back(), policy, version);
      ++parsed_;
    }
    now.back().first = first;
    complete = complete && now.back().whole;
    for (const Diagnostic& finding : now.back().findings) findings.Add(finding);
  }
  known_ = std::move(now);
  policy_ = std::move(policy);

  const ProfilePlaces profiles = JudgeProfileNames(policy_, findings);
  // A profile that seems to be missing may stand where a file could not be read.
  if (complete) {
    for (const Document& document : policy_.documents) {
      JudgeUses(document.cgroups, profiles, findings);
      JudgeUses(document.units, profiles, findings);
    }
  }
  findings.SortByPlace();
  return policy_;
}

void Loader::Read(Known& known, Policy& into, std::string_view version) const {
  Findings findings;
  for (const YamlDocument& yaml : ReadYaml(known.file, findings)) {
    auto document = ReadDocument(yaml, version, findings);
    if (!document) continue;
    into.documents.push_back(*std::move(document));
    ++known.documents;
  }
  known.findings = findings.all();
  known.whole = !findings.has_errors();
}

Policy Loader::Release() && {
  known_.clear();
  return std::move(policy_);
}

}  // namespace reeve::policy
