// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_units.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/unit_name.h"
#include "core/policy/condition_time.h"
#include "core/policy/expand_walk.h"
#include "core/policy/expression_parser.h"
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

// All texts of an entry that may hold variables of its unit.
std::vector<const Scalar*> TextsOf(const CgroupSpec& spec) {
  std::vector<const Scalar*> texts;
  for (const SettingText& setting : spec.settings) {
    if (!setting.is_rows) texts.push_back(&setting.value);
    for (const RowText& row : setting.rows) {
      for (const auto& field : row.fields) texts.push_back(&field.second);
    }
  }
  for (const Scalar& use : spec.use) texts.push_back(&use);
  for (const auto& label : spec.labels) texts.push_back(&label.second);
  return texts;
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
      AddGap(unit,
             "max_instances",
             entry.spec->name.mark,
             "it fits the template, but is beyond its max_instances");
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

void UnitWalker::AddGap(const std::string& unit,
                        std::string file,
                        const SourceMark& mark,
                        std::string reason) {
  auto path = CgroupPath::Parse(unit);
  if (!path.has_value()) return;
  Gap gap;
  gap.path = *std::move(path);
  gap.file = std::move(file);
  gap.mark = mark;
  gap.reason = std::move(reason);
  gaps_.push_back(std::move(gap));
}

// Variables that no unit has, whatever is loaded.
void UnitWalker::JudgeVariables(const CgroupSpec& spec, const std::vector<Entry>& templates) {
  std::vector<std::string_view> known = {"unit", "slice", "user", "uid"};
  const auto add = [&](const std::string& name) {
    for (const Variable& variable : FindVariables(name)) known.push_back(variable.name);
  };
  add(spec.name.text);
  for (const Entry& entry : templates) {
    const bool fits = CaptureName(entry.spec->name.text, spec.name.text).has_value();
    if (!HasVariables(spec.name.text) && fits) add(entry.spec->name.text);
  }
  for (const Scalar* text : TextsOf(spec)) {
    for (const Variable& variable : FindVariables(text->text)) {
      const bool bound = std::find(known.begin(), known.end(), variable.name) != known.end();
      if (bound || settings_.facts().contains(variable.name)) continue;
      const auto nearest = NearestSpelling(variable.name, known);
      findings_.Error("R0302",
                      MarkIn(*text, variable.offset, variable.length),
                      fmt::format("`<{}>` has no value here", variable.name),
                      fmt::format("{}bound here: {}",
                                  nearest ? fmt::format("did you mean `<{}>`? ", *nearest) : "",
                                  fmt::join(known, ", ")));
    }
  }
}

// Values that are not there although a place says them: they make no sense with this unit's variables.
void UnitWalker::AddGapsOfValues(const std::string& unit,
                                 const std::vector<Part>& parts,
                                 const MergedCgroup& merged) {
  const auto why = [&](const SourceMark& mark) {
    const auto& met = met_.all();
    const auto last = std::find_if(met.rbegin(), met.rend(), [&](const Diagnostic& one) {
      return one.mark.line == mark.line && one.mark.file == mark.file;
    });
    if (last != met.rend()) return last->message;
    return std::string("its value makes no sense for this unit");
  };
  for (const Part& part : parts) {
    for (const SettingText& setting : part.spec->settings) {
      if (merged.settings.contains(setting.file)) continue;
      AddGap(unit, setting.file, setting.key_mark, why(setting.key_mark));
      gaps_.back().required = merged.require.contains(setting.file);
    }
    for (const Scalar& use : part.spec->use) {
      if (HasVariables(use.text) && merger_.FindProfile(use, part.scope) == nullptr) {
        AddGap(unit, "use", use.mark, why(use.mark));
      }
    }
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
  for (const Entry& entry : templates) JudgeVariables(*entry.spec, templates);
  for (const Entry& entry : literals) JudgeVariables(*entry.spec, templates);
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
    unit.varies = std::any_of(all.begin(), all.end(), [](const Part& part) {
      const std::vector<const Scalar*> texts = TextsOf(*part.spec);
      return std::any_of(
          texts.begin(), texts.end(), [](const Scalar* text) { return HasVariables(text->text); });
    });
    AddGapsOfValues(name, all, unit.cgroup);
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
  for (const Diagnostic& met : met_.all()) {
    if (met.code == "R0301") findings_.Add(met);
  }
  return units;
}

}  // namespace reeve::policy
