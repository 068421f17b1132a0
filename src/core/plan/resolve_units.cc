// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_units.h"

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/format/knob_text.h"
#include "core/format/unit_text.h"
#include "core/model/unit_name.h"
#include "core/model/unit_property.h"
#include "core/plan/resolve_amounts.h"
#include "core/plan/resolve_checks.h"
#include "core/plan/resolve_host.h"
#include "core/plan/resolve_tree.h"
#include "core/policy/condition_value.h"

namespace reeve::plan {
namespace {

using Units = std::map<CgroupPath, policy::MergedUnit>;

// The slice that a unit is in: slices say it by their names.
std::string SliceOf(std::string_view unit, const HostFacts& facts) {
  if (UnitTypeOf(unit) == "slice") return SliceAbove(unit);
  const auto fact = facts.units.find(std::string(unit));
  if (fact == facts.units.end() || UnitTypeOf(fact->second.slice) != "slice") return "";
  return fact->second.slice == "-.slice" ? std::string() : fact->second.slice;
}

// Units and the slices above them; those stand before what is in them.
class NodeMaker {
 public:
  NodeMaker(const policy::MergedTree& tree, const HostFacts& facts) : tree_(tree), facts_(facts) {}

  std::vector<Node> Make() && {
    for (const auto& entry : tree_.units) Add(entry.first.text(), tree_.units, in_force_);
    // What is observed above counts before what is in force there.
    for (const auto& entry : tree_.units_observed) {
      Add(entry.first.text(), tree_.units_observed, observed_);
    }
    return std::move(nodes_);
  }

 private:
  using Index = std::map<std::string, int>;

  // The place of the unit's node.
  int Add(const std::string& name, const Units& units, Index& index) {
    if (const auto known = index.find(name); known != index.end()) return known->second;
    const bool observed = &units == &tree_.units_observed;
    Node node;
    const std::string slice = SliceOf(name, facts_);
    node.parent = slice.empty() ? Node::kNone : Add(slice, units, index);
    node.path = CgroupPath().Child(name);
    node.observed = observed;
    const auto said = units.find(node.path);
    node.cgroup = said == units.end() ? nullptr : &said->second.cgroup;
    node.settings = node.cgroup == nullptr ? &kNothing : &node.cgroup->settings;
    if (observed) {
      const auto in_force = tree_.units.find(node.path);
      if (in_force != tree_.units.end()) node.below = &in_force->second.cgroup.settings;
    }
    const auto fact = facts_.units.find(name);
    if (fact != facts_.units.end()) node.found = &fact->second.limits;
    nodes_.push_back(std::move(node));
    const int place = static_cast<int>(nodes_.size()) - 1;
    index.emplace(name, place);
    return place;
  }

  static inline const MergedSettings kNothing;

  const policy::MergedTree& tree_;
  const HostFacts& facts_;
  std::vector<Node> nodes_;
  Index in_force_;
  Index observed_;
};

bool RefersUp(const Expression& e) {
  return e.op == Expression::Op::kParent || e.op == Expression::Op::kKey ||
         std::any_of(e.operands.begin(), e.operands.end(), RefersUp);
}

bool RefersUp(const Setting& setting) {
  if (const auto* amount = std::get_if<Expression>(&setting.value)) return RefersUp(*amount);
  const auto* cpu = std::get_if<CpuMaxExpression>(&setting.value);
  return cpu != nullptr && RefersUp(cpu->quota);
}

// The facts as they are for systemd's tree, which does not lie below the managed root.
HostFacts ForUnits(HostFacts facts) {
  facts.limits_above.clear();
  return facts;
}

std::string NamesOf(std::string_view file) {
  std::string names;
  for (const UnitProperty& property : UnitPropertiesOf(file)) {
    if (!names.empty()) names += " and ";
    names += fmt::format("{}=", property.property);
  }
  return names;
}

// Why systemd cannot put a file in force here, in words; "" when it can.
std::string WhyNotInUnit(const Setting& setting, const HostFacts& facts) {
  if (facts.systemd.empty() && facts.units.empty()) return "this host has no systemd";
  const auto since = UnitFileSince(setting.file);
  if (!since) {
    return fmt::format(
        "systemd has no property for {}: give the unit Delegate=, and set it in a "
        "cgroup that it makes below",
        setting.file);
  }
  const bool known = !facts.systemd.empty();
  if (known && policy::CompareVersion(facts.systemd, fmt::format("{}", *since)) < 0) {
    return fmt::format("systemd {} can not say {}; systemd {} can ({})",
                       facts.systemd,
                       setting.file,
                       *since,
                       NamesOf(setting.file));
  }
  const bool kernel = !facts.kernel.empty() && setting.knob != nullptr;
  if (kernel && policy::CompareVersion(facts.kernel, setting.knob->since) < 0) {
    return fmt::format("kernel {} has no {}; Linux {} brought it",
                       facts.kernel,
                       setting.file,
                       setting.knob->since);
  }
  return "";
}

class UnitResolver {
 public:
  UnitResolver(const policy::MergedTree& tree, const HostFacts& facts, policy::Findings& findings)
      : tree_(tree),
        facts_(ForUnits(facts)),
        findings_(findings),
        nodes_(NodeMaker(tree, facts_).Make()),
        amounts_(nodes_, facts_, met_),
        promises_(nodes_.size()) {
    desired_.populated_cpuset_empties = policy::CompareVersion(facts.kernel, "7") >= 0;
  }

  Desired Run() && {
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (nodes_[at].cgroup != nullptr) {
        ResolveNode(at);
      } else if (!nodes_[at].observed) {
        Promise(at, {});
      }
    }
    promises_.Report(nodes_, facts_, findings_);
    desired_.gaps.insert(desired_.gaps.end(), tree_.unit_gaps.begin(), tree_.unit_gaps.end());
    return std::move(desired_);
  }

 private:
  const policy::MergedUnit& UnitOf(const Node& node) const {
    const Units& units = node.observed ? tree_.units_observed : tree_.units;
    return units.at(node.path);
  }

  // Whether a value depends on which units there are and on what was found in slices. What is wrong with it
  // then is a gap of this unit: a unit that starts must never make a policy wrong.
  bool Varies(const Node& node, const Setting& setting) const {
    return UnitOf(node).varies || RefersUp(setting);
  }

  void JudgeTogether(const Node& node, DesiredCgroup& unit, std::vector<std::string>& lacking) {
    policy::Findings found;
    CheckTogether(node, unit.knobs, found);
    const bool varies =
        std::any_of(node.settings->begin(), node.settings->end(), [&](const auto& entry) {
          return Varies(node, entry.second.setting);
        });
    for (const policy::Diagnostic& one : found.all()) {
      const auto about =
          std::find_if(node.settings->begin(), node.settings->end(), [&](const auto& entry) {
            const Setting& setting = entry.second.setting;
            return setting.mark == one.mark || setting.key_mark == one.mark;
          });
      const bool gap =
          varies && one.severity == policy::Severity::kError && about != node.settings->end();
      if (!gap) {
        findings_.Add(one);
        continue;
      }
      AddGap(node, about->second.setting, Gap::Kind::kUnsupported, one.message);
      lacking.push_back(about->first);
    }
  }

  void ResolveNode(std::size_t at) {
    const Node& node = nodes_[at];
    const bool loaded = UnitOf(node).loaded;
    DesiredCgroup unit;
    unit.path = node.path;
    unit.mark = node.cgroup->mark;
    unit.template_name = node.cgroup->template_name;
    unit.labels = node.cgroup->labels;
    unit.owner = node.cgroup->owner;
    unit.why = node.cgroup->why;
    unit.expires = node.cgroup->expires;
    unit.shrink = node.cgroup->shrink;
    unit.on_drift = node.cgroup->on_drift;
    std::vector<std::string> lacking;
    for (const auto& [file, merged] : *node.settings) {
      if (!ResolveSetting(at, merged, loaded, unit)) lacking.push_back(file);
    }
    // Judged before what this host lacks is taken out: a contradiction is one everywhere.
    JudgeTogether(node, unit, lacking);
    for (const std::string& file : lacking) unit.knobs.erase(file);
    // CPUWeight= says both: whoever has a weight is not idle.
    if (unit.knobs.contains("cpu.weight")) unit.knobs.erase("cpu.idle");
    if (!loaded) return;
    for (auto& [file, knob] : unit.knobs) KeepAsSystemdDoes(knob);
    auto& target = node.observed ? desired_.observed_only : desired_.cgroups;
    const DesiredCgroup& kept = target.emplace(node.path, std::move(unit)).first->second;
    if (!node.observed) Promise(at, kept.knobs);
  }

  // What the unit protects, or what was found there where no policy says it. A slice of which nothing is known
  // may have all that is asked of it.
  void Promise(std::size_t at, const DesiredKnobs& said) {
    const Node& node = nodes_[at];
    DesiredKnobs& knobs = promised_.emplace_back();
    for (const std::string_view file : {"memory.min", "memory.low"}) {
      const auto knob = said.find(std::string(file));
      if (knob != said.end()) {
        knobs.emplace(file, knob->second);
        continue;
      }
      const auto found = node.found == nullptr
                             ? std::map<std::string, std::string>::const_iterator()
                             : node.found->find(std::string(file));
      if (node.found == nullptr || found == node.found->end()) continue;
      auto value = format::ParseKnob(*FindKnob(file), found->second);
      if (!value.has_value()) continue;
      DesiredKnob& there = knobs[std::string(file)];
      there.knob = FindKnob(file);
      there.value = *std::move(value);
    }
    int parent = node.parent;
    if (parent != Node::kNone) {
      const Node& slice = nodes_[static_cast<std::size_t>(parent)];
      if (slice.found == nullptr && slice.cgroup == nullptr) parent = Node::kNone;
    }
    promises_.Add(at, parent, knobs);
  }

  // False: it is not in force on this host.
  bool ResolveSetting(std::size_t at,
                      const policy::MergedSetting& merged,
                      bool loaded,
                      DesiredCgroup& unit) {
    const Node& node = nodes_[at];
    const Setting& setting = merged.setting;
    std::string why = WhyNotInUnit(setting, facts_);
    const std::size_t met = met_.all().size();
    Fitted fitted = Fit(at, setting, why.empty() && loaded);
    for (std::size_t i = met; i < met_.all().size(); ++i) {
      if (!Varies(node, setting)) findings_.Add(met_.all()[i]);
    }
    const bool amount = std::holds_alternative<Expression>(setting.value) ||
                        std::holds_alternative<CpuMaxExpression>(setting.value);
    if (why.empty() && amount && !fitted.value && Varies(node, setting)) {
      why = met < met_.all().size() ? met_.all()[met].message
                                    : "what it is worked out from has no value";
    }
    if (why.empty() && fitted.value && setting.knob != nullptr) {
      why = format::WhySystemdRefuses(*setting.knob, *fitted.value);
    }
    const bool supported = why.empty();
    if (!supported) {
      AddGap(node, setting, Gap::Kind::kUnsupported, std::move(why));
    } else if (!loaded) {
      // A systemd that runs has units; none means that nobody could ask it.
      AddGap(node,
             setting,
             Gap::Kind::kPending,
             facts_.units.empty() ? "which units are loaded is not known"
                                  : "no unit of this name is loaded");
    } else {
      for (Gap& gap : fitted.gaps)
        AddGap(node, setting, gap.kind, std::move(gap.reason), &gap.mark);
    }
    if (!fitted.value) return true;
    DesiredKnob knob;
    knob.knob = setting.knob;
    knob.value = *std::move(fitted.value);
    knob.written = setting.written;
    knob.note = std::move(fitted.note);
    knob.mark = setting.mark;
    knob.overridden = merged.overridden;
    unit.knobs.emplace(setting.file, std::move(knob));
    return supported;
  }

  Fitted Fit(std::size_t at, const Setting& setting, bool in_force) {
    Fitted fitted;
    if (std::holds_alternative<std::vector<RowExpression>>(setting.value)) {
      if (in_force) fitted = FitRows(setting, facts_, findings_);
    } else if (std::holds_alternative<IdSet>(setting.value)) {
      fitted = FitIds(setting, facts_);
    } else if (const auto* text = std::get_if<std::string>(&setting.value)) {
      fitted.value = *text;
    } else {
      fitted.value = amounts_.Resolve(static_cast<int>(at), setting);
    }
    return fitted;
  }

  static void KeepAsSystemdDoes(DesiredKnob& knob) {
    if (knob.knob == nullptr) return;
    KnobValue kept = format::AsSystemdKeepsIt(*knob.knob, knob.value);
    if (kept == knob.value) return;
    if (knob.knob->kind == ValueKind::kCpuMax) {
      if (!knob.note.empty()) knob.note += "; ";
      knob.note += "as systemd keeps it, in whole percents of a CPU";
    }
    knob.value = std::move(kept);
  }

  void AddGap(const Node& node,
              const Setting& setting,
              Gap::Kind kind,
              std::string reason,
              const SourceMark* mark = nullptr) {
    Gap gap;
    gap.kind = kind;
    gap.path = node.path;
    gap.file = setting.file;
    gap.reason = std::move(reason);
    gap.mark = mark == nullptr ? setting.mark : *mark;
    // What is only observed cannot be missing.
    gap.required = !node.observed && node.cgroup->require.contains(gap.file);
    desired_.gaps.push_back(std::move(gap));
  }

  const policy::MergedTree& tree_;
  HostFacts facts_;
  policy::Findings& findings_;
  policy::Findings met_;  // about amounts
  std::vector<Node> nodes_;
  Amounts amounts_;
  Promises promises_;
  std::deque<DesiredKnobs> promised_;  // promises_ points into them
  Desired desired_;
};

}  // namespace

Desired ResolveUnits(const policy::MergedTree& tree,
                     const HostFacts& facts,
                     policy::Findings& findings) {
  if (tree.units.empty() && tree.units_observed.empty() && tree.unit_gaps.empty()) return {};
  return UnitResolver(tree, facts, findings).Run();
}

}  // namespace reeve::plan
