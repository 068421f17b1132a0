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
//
// Which units there are never makes a policy wrong: what a text comes to with one unit's variables is a gap
// of that unit. Wrong are variables that no unit could have, and places that contradict each other.
class UnitWalker {
 public:
  //   conflicts   as for Merger
  UnitWalker(const Policy& policy,
             const HostFacts& facts,
             bool conflicts,
             std::int64_t now,
             Findings& findings)
      : facts_(facts),
        now_(now),
        findings_(findings),
        settings_(facts, met_),
        merger_(policy, settings_, conflicts, met_) {}

  std::map<CgroupPath, MergedUnit> Walk(const std::vector<const Document*>& documents);

  // Of the units of the last Walk.
  const std::vector<Gap>& gaps() const { return gaps_; }

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
  void JudgeVariables(const CgroupSpec& spec, const std::vector<Entry>& templates);
  void AddGap(const std::string& unit,
              std::string file,
              const SourceMark& mark,
              std::string reason);
  void AddGapsOfValues(const std::string& unit,
                       const std::vector<Part>& parts,
                       const MergedCgroup& merged);
  void AddLiterals(const std::vector<Entry>& literals,
                   const std::vector<Entry>& templates,
                   PartsByUnit& parts);
  void AddInstances(const Entry& entry, PartsByUnit& parts);
  // nullptr: the unit does not fit the name.
  const Scope* ScopeOf(const std::string& pattern, const std::string& unit, const UnitFact& fact);

  const HostFacts& facts_;
  std::int64_t now_;
  Findings& findings_;
  Findings met_;  // with the variables of some unit
  SettingCache settings_;
  Merger merger_;
  std::deque<DataRow> rows_;
  std::deque<Scope> scopes_;
  std::vector<Gap> gaps_;
  std::optional<std::int64_t> next_expiry_;
};

}  // namespace reeve::policy
