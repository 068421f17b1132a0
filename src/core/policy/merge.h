// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/model/policy.h"
#include "core/policy/expand.h"
#include "core/policy/expand_settings.h"

namespace reeve::policy {

// What decides between two places that say different things about one cgroup, from the first member
// to the last. Equal strengths that disagree are an error.
//   priority  metadata.priority, before the layer: a person wrote the number to be heard
//   layer     /usr/lib < /etc < /run
//   literal   how many templates the path of the place goes through, negated: a literal name's own
//             keys win over those of the template it fits. Of units: the place of a template among
//             all, by how much of a name it says itself, so that app-<n>.service wins over <x>.service
struct Strength {
  std::int64_t priority = 0;
  int layer = 1;
  int literal = 0;

  auto operator<=>(const Strength&) const = default;
};

// One place that says something about a cgroup: an entry of a document, with what its variables
// stand for.
struct Part {
  const Document* document = nullptr;
  const CgroupSpec* spec = nullptr;
  const Scope* scope = nullptr;
  Strength strength;
};

using Labels = std::map<std::string, std::string>;

// A cgroup of which all places have spoken.
struct Merged {
  MergedCgroup cgroup;
  std::map<std::string, MergedSetting> self;
  // Labels that the cgroups below inherit: its own and its ancestors', not the documents'.
  Labels handed_down;
};

// Lays the parts of one cgroup over each other.
class Merger {
 public:
  // Layer of a document; 1 when its place is not known.
  static int LayerOf(const Document& document);

  // `conflicts` false: what disagrees is not an error, the first place counts (mode: observe).
  Merger(const Policy& policy, SettingCache& settings, bool conflicts, Findings& findings);

  // The profile that a `use` names; nullptr when there is none, which is found.
  const Profile* FindProfile(const Scalar& use, const Scope* scope);

  //   parts       at least one, in the order of the documents
  //   inherited   handed_down of the parent
  Merged Merge(const CgroupPath& path, std::span<const Part> parts, const Labels& inherited);

 private:
  // A value that one of several parts asks for.
  struct Candidate {
    const Part* part = nullptr;
    const Setting* setting = nullptr;
  };

  // Texts of one part by interface file: profiles from left to right, then its own keys.
  std::vector<const SettingText*> TextsOf(const Part& part);

  void MergeSettings(const std::string& name, std::span<const Part> parts, MergedCgroup& cgroup);
  void MergeSelf(const std::string& name, std::span<const Part> parts, Merged& merged);
  void MergeAll(const std::string& name,
                const std::map<std::string_view, std::vector<Candidate>>& candidates,
                std::map<std::string, MergedSetting>& merged);
  void JudgeEqual(const std::string& name, const std::vector<Candidate>& candidates);
  static const Candidate& StrongestOf(const std::vector<Candidate>& candidates);
  static MergedSetting MergeOne(const std::vector<Candidate>& candidates);
  MergedSetting MergeRows(const std::string& name, const std::vector<Candidate>& candidates);
  void MergeLabels(const std::string& name,
                   std::span<const Part> parts,
                   const Labels& inherited,
                   Merged& merged);
  void MergeProperties(const std::string& name, std::span<const Part> parts, MergedCgroup& cgroup);
  const Labels& LabelsOf(const Document& document);

  // Finds that two places of equal strength disagree. `what`: "`memory.max` of `web`".
  void Disagree(const std::string& what,
                const SourceMark& first,
                std::string_view first_text,
                const SourceMark& second,
                std::string_view second_text);

  SettingCache& settings_;
  bool conflicts_;
  Findings& findings_;
  std::unordered_map<std::string_view, const Profile*> profiles_;
  std::map<std::pair<std::int64_t, int>, int>
      ranks_;  // (priority, layer) -> RowExpression::strength
  std::unordered_map<const Document*, Labels> document_labels_;
};

}  // namespace reeve::policy
