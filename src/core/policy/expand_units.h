// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/host_facts.h"
#include "core/policy/expand.h"
#include "core/policy/merge.h"
#include "core/policy/template.h"

namespace reeve::policy {

// Finds the units that the documents mean on this host: literal names, loaded or not, and the loaded units
// that fit a template. A literal name that fits one gets what the template says as well.
//   variables   those of the template's name, and <unit>, <slice>, <uid> and <user> where they are known
class UnitWalker {
 public:
  UnitWalker(Merger& merger, const HostFacts& facts, std::int64_t now)
      : merger_(merger), facts_(facts), now_(now) {}

  std::map<CgroupPath, MergedUnit> Walk(const std::vector<const Document*>& documents);

  // What fits a template, beyond its max_instances.
  const std::vector<std::pair<CgroupPath, SourceMark>>& beyond() const { return beyond_; }

  // The first `expires` still to come of the entries that were met.
  std::optional<std::int64_t> next_expiry() const { return next_expiry_; }

 private:
  struct Entry {
    const Document* document;
    const CgroupSpec* spec;
    Strength strength;
  };

  using PartsByUnit = std::map<std::string, std::vector<Part>>;

  bool Expired(const CgroupSpec& spec);
  void AddLiterals(const std::vector<Entry>& literals,
                   const std::vector<Entry>& templates,
                   PartsByUnit& parts);
  void AddInstances(const Entry& entry, PartsByUnit& parts);
  // nullptr: the unit does not fit the name.
  const Scope* ScopeOf(const std::string& pattern, const std::string& unit, const UnitFact& fact);

  Merger& merger_;
  const HostFacts& facts_;
  std::int64_t now_;
  std::deque<DataRow> rows_;
  std::deque<Scope> scopes_;
  std::vector<std::pair<CgroupPath, SourceMark>> beyond_;
  std::optional<std::int64_t> next_expiry_;
};

}  // namespace reeve::policy
