// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_units.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/model/unit_name.h"
#include "core/policy/condition_time.h"
#include "core/policy/expand_walk.h"
#include "core/policy/where.h"

namespace reeve::policy {
namespace {

// Of a template's name: how much it says of the units it means.
std::size_t LiteralBytes(std::string_view name) {
  std::size_t bytes = name.size();
  for (const Variable& variable : FindVariables(name)) bytes -= variable.length;
  return bytes;
}

// Templates by how much of a name they say themselves, the least first. Which units there are must never
// make two of them contradict each other, so that no two have the same place; only the same name in two
// documents has.
std::map<std::string_view, int> RankTemplates(const std::vector<const Document*>& documents) {
  std::set<std::pair<std::size_t, std::string_view>> names;
  for (const Document* document : documents) {
    for (const CgroupSpec& spec : document->units) {
      if (HasVariables(spec.name.text)) names.emplace(LiteralBytes(spec.name.text), spec.name.text);
    }
  }
  std::map<std::string_view, int> ranks;
  int rank = -static_cast<int>(names.size());
  for (const auto& name : names) ranks.emplace(name.second, rank++);
  return ranks;
}

const UnitFact* FactOf(const HostFacts& facts, const std::string& unit) {
  const auto found = facts.units.find(unit);
  return found == facts.units.end() ? nullptr : &found->second;
}

// A loaded unit that some policy may govern.
bool MayGovern(const std::string& unit) {
  return WhyNotUnitName(unit).empty() && WhyLeftAlone(unit).empty();
}

}  // namespace

bool UnitWalker::Expired(const CgroupSpec& spec) {
  const auto moment = spec.expires ? ParseMoment(spec.expires->text) : std::nullopt;
  if (!moment) return false;
  if (*moment <= now_) return true;
  if (!next_expiry_ || *moment < *next_expiry_) next_expiry_ = *moment;
  return false;
}

const Scope* UnitWalker::ScopeOf(const std::string& pattern,
                                 const std::string& unit,
                                 const UnitFact& fact) {
  auto captures = CaptureName(pattern, unit);
  if (!captures) return nullptr;
  DataRow& row = rows_.emplace_back();
  const auto bind = [&](std::string name, std::string value) {
    if (value.empty()) return;
    Scalar scalar;
    scalar.text = std::move(value);
    row.fields.emplace_back(std::move(name), std::move(scalar));
  };
  for (auto& [name, value] : *captures) bind(std::move(name), std::move(value));
  bind("unit", unit);
  bind("slice", fact.slice);
  bind("user", fact.user);
  if (const auto uid = UidOf(unit, fact)) bind("uid", fmt::format("{}", *uid));
  scopes_.push_back({nullptr, &row});
  return &scopes_.back();
}

void UnitWalker::AddInstances(const Entry& entry, PartsByUnit& parts) {
  const std::string& pattern = entry.spec->name.text;
  const std::uint64_t most = entry.spec->max_instances.value_or(kDefaultMaxInstances);
  std::uint64_t instances = 0;
  // What is not loaded stands here by its literal name only.
  static const UnitFact kUnknown;
  std::map<std::string, const UnitFact*> candidates;
  for (const auto& [unit, fact] : facts_.units) candidates.emplace(unit, &fact);
  for (const auto& named : parts) candidates.emplace(named.first, &kUnknown);
  for (const auto& [unit, fact] : candidates) {
    if (!FitsTemplate(pattern, unit, nullptr) || !MayGovern(unit)) continue;
    if (!WhereHolds(entry.spec->where, unit, *fact)) continue;
    if (++instances > most) {
      auto path = CgroupPath::Parse(unit);
      if (path.has_value()) beyond_.emplace_back(*std::move(path), entry.spec->name.mark);
      continue;
    }
    const Scope* scope = ScopeOf(pattern, unit, *fact);
    parts[unit].push_back({entry.document, entry.spec, scope, entry.strength});
  }
}

void UnitWalker::AddLiterals(const std::vector<Entry>& literals,
                             const std::vector<Entry>& templates,
                             PartsByUnit& parts) {
  static const UnitFact kUnknown;
  for (const Entry& entry : literals) {
    const std::string& unit = entry.spec->name.text;
    const UnitFact* fact = FactOf(facts_, unit);
    // It may use the variables of the template that it is an instance of.
    const Scope* scope = nullptr;
    for (const Entry& candidate : templates) {
      if (scope != nullptr) break;
      scope = ScopeOf(candidate.spec->name.text, unit, fact == nullptr ? kUnknown : *fact);
    }
    if (scope == nullptr) scope = ScopeOf(unit, unit, fact == nullptr ? kUnknown : *fact);
    parts[unit].push_back({entry.document, entry.spec, scope, entry.strength});
  }
}

std::map<CgroupPath, MergedUnit> UnitWalker::Walk(const std::vector<const Document*>& documents) {
  const std::map<std::string_view, int> ranks = RankTemplates(documents);
  std::vector<Entry> literals;
  std::vector<Entry> templates;
  for (const Document* document : documents) {
    Strength strength{document->metadata.priority, Merger::LayerOf(*document), 0};
    for (const CgroupSpec& spec : document->units) {
      if (Expired(spec)) continue;
      if (!HasVariables(spec.name.text)) {
        strength.literal = 0;
        literals.push_back({document, &spec, strength});
      } else {
        strength.literal = ranks.at(spec.name.text);
        templates.push_back({document, &spec, strength});
      }
    }
  }
  PartsByUnit parts;
  AddLiterals(literals, templates, parts);
  for (const Entry& entry : templates) AddInstances(entry, parts);

  std::map<CgroupPath, MergedUnit> units;
  for (auto& [name, all] : parts) {
    const auto path = CgroupPath::Parse(name);
    if (!path.has_value()) continue;
    std::stable_sort(all.begin(), all.end(), [](const Part& a, const Part& b) {
      return a.document < b.document;  // all in one vector
    });
    MergedUnit unit;
    unit.cgroup = merger_.Merge(*path, all, {}).cgroup;
    unit.loaded = facts_.units.contains(name);
    const bool says = std::any_of(
        all.begin(), all.end(), [](const Part& part) { return part.spec->on_drift.has_value(); });
    if (!says) unit.cgroup.on_drift = OnDrift::kReport;
    // A literal name alone is no instance; of several templates the one that says most is named.
    const Part* best = nullptr;
    for (const Part& part : all) {
      const bool instance = part.strength.literal < 0;
      if (instance && (best == nullptr || part.strength.literal > best->strength.literal)) {
        best = &part;
      }
    }
    if (best != nullptr) unit.cgroup.template_name = best->spec->name.text;
    units.emplace(*path, std::move(unit));
  }
  return units;
}

}  // namespace reeve::policy
