// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/policy/expand.h"
#include "core/policy/expand_rows.h"
#include "core/policy/merge.h"

namespace reeve::policy {

// All cgroups of a host together; more are a template that has run away, whatever its
// max_instances.
inline constexpr std::size_t kMaxCgroups = 100'000;

// Instances of one template below one parent, unless max_instances says otherwise.
inline constexpr std::uint64_t kDefaultMaxInstances = 1000;

// What the walk over the documents' trees brings.
struct Walked {
  std::map<CgroupPath, MergedCgroup> cgroups;
  std::map<CgroupPath, std::map<std::string, MergedSetting>> self;
};

// Goes down all documents' trees at once, cgroup by cgroup, so that a template in one file meets
// the literal name in another.
class Walker {
 public:
  Walker(
      SettingCache& settings, RowSource& rows, Merger& merger, std::int64_t now, Findings& findings)
      : settings_(settings), rows_(rows), merger_(merger), now_(now), findings_(findings) {}

  Walked Walk(const std::vector<const Document*>& documents);

  // The first `expires` still to come of the cgroups that were met.
  std::optional<std::int64_t> next_expiry() const { return next_expiry_; }

 private:
  // Entries below one cgroup that come from one part of it.
  struct Below {
    const Document* document;
    const std::vector<CgroupSpec>* children;
    const Scope* scope;
    Strength strength;
  };

  // One child cgroup while its parts are gathered.
  struct Child {
    std::vector<Part> parts;
    const Scope* instance = nullptr;  // scope of the row that makes it; nullptr: no template does
  };

  // A template with `for_each` among the entries below one cgroup.
  struct Template {
    const CgroupSpec* spec;
    const Scope* scope;
  };

  // A literal name that fits a template without being in a row of it.
  struct Missed {
    const CgroupSpec* fits = nullptr;
    bool fine = false;      // below another parent it is in a row, or fits none
    bool left_out = false;  // it uses variables that only a row could give
    std::string nearest;    // the instance that may be meant
  };

  using Children = std::map<std::string, Child>;

  void Descend(const CgroupPath& path,
               const std::string& template_path,
               const std::vector<Below>& below,
               const Labels& inherited);
  void AddInstances(const CgroupSpec& spec, const Below& below, Children& children);
  void AddInstance(const CgroupSpec& spec,
                   const Below& below,
                   const Scope* scope,
                   std::map<std::string, const DataRow*>& made,
                   Children& children);
  void AddNamed(const CgroupSpec& spec, const Below& below, Children& children);
  void AddLiterals(const std::vector<Below>& below, Children& children);
  void Visit(const CgroupPath& path,
             const std::string& template_path,
             Child& child,
             const Labels& inherited);
  std::vector<Template> TemplatesOf(const std::vector<Below>& below);
  // The template that a literal name fits without being in a row of it.
  static const CgroupSpec* MissedTemplate(const CgroupSpec& spec,
                                          const std::vector<Template>& templates);
  // Whether an entry uses variables that are not bound here.
  bool NeedsRow(const CgroupSpec& spec, const Scope* scope) const;
  void WarnOfUnused();
  bool Expired(const CgroupSpec& spec);

  SettingCache& settings_;
  RowSource& rows_;
  Merger& merger_;
  std::int64_t now_;
  Findings& findings_;
  std::deque<Scope> scopes_;
  std::optional<std::int64_t> next_expiry_;
  std::size_t cgroups_ = 0;
  // What may come to nothing below one parent and be fine below another: warned of when it always
  // does.
  std::set<const CgroupSpec*> wrong_;  // templates whose rows could not be had, which has been said
  std::map<const CgroupSpec*, bool> templates_;  // whether any row made an instance
  std::map<const CgroupSpec*, Missed> missed_;
  Walked walked_;
};

}  // namespace reeve::policy
