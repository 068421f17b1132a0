// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/plan/resolve_amounts.h"
#include "core/plan/resolve_checks.h"
#include "core/plan/resolve_host.h"
#include "core/plan/resolve_starving.h"
#include "core/plan/resolve_tree.h"
#include "core/policy/condition_value.h"

namespace reeve::plan {
namespace {

// On everywhere below the managed root, because the accounts are read from them.
constexpr ControllerSet kAccounts = {
    Controller::kCpu, Controller::kIo, Controller::kMemory, Controller::kPids};

constexpr ControllerSet kThreadedOnly = {Controller::kCpu, Controller::kCpuset, Controller::kPids};

class Resolver {
 public:
  Resolver(const policy::MergedTree& tree, const HostFacts& facts, policy::Findings& findings)
      : facts_(facts),
        findings_(findings),
        usable_(UsableControllers(facts)),
        nodes_(MakeNodes(tree)),
        amounts_(nodes_, facts, findings),
        promises_(nodes_.size()),
        results_(nodes_.size(), nullptr),
        handed_down_(nodes_.size()) {
    desired_.populated_cpuset_empties = policy::CompareVersion(facts.kernel, "7") >= 0;
    desired_.watched = tree.watched;
  }

  Desired Run() && {
    for (std::size_t at = 0; at < nodes_.size(); ++at) ResolveNode(at);
    promises_.Report(nodes_, facts_, findings_);
    WarnOfStarving(desired_, facts_, findings_);
    HandDown();
    return std::move(desired_);
  }

 private:
  const Node& At(int place) const { return nodes_[static_cast<std::size_t>(place)]; }

  void ResolveNode(std::size_t at) {
    const Node& node = nodes_[at];
    auto& target = node.observed ? desired_.observed_only : desired_.cgroups;
    DesiredCgroup& cgroup = target.emplace_hint(target.end(), node.path, DesiredCgroup())->second;
    results_[at] = &cgroup;
    cgroup.path = node.path;
    cgroup.mark = node.cgroup->mark;
    cgroup.template_name = node.cgroup->template_name;
    cgroup.owner = node.cgroup->owner;
    cgroup.why = node.cgroup->why;
    cgroup.row = node.cgroup->row;
    cgroup.expires = node.cgroup->expires;
    cgroup.labels = node.cgroup->labels;
    cgroup.shrink = node.cgroup->shrink;
    cgroup.on_drift = node.cgroup->on_drift;

    lacking_.clear();
    for (const auto& [file, merged] : *node.settings) ResolveSetting(at, merged, cgroup);
    // Judged before what this host lacks is taken out: a contradiction is one everywhere.
    CheckTogether(node, cgroup.knobs, findings_);
    for (const std::string& file : lacking_) cgroup.knobs.erase(file);
    if (!node.observed) promises_.Add(at, node.parent, cgroup.knobs);
  }

  void ResolveSetting(std::size_t at, const policy::MergedSetting& merged, DesiredCgroup& cgroup) {
    const Node& node = nodes_[at];
    const Setting& setting = merged.setting;
    std::optional<std::string> why = WhyUnsupported(setting, node, facts_);
    const bool supported = !why.has_value();
    if (why) {
      Gap gap;
      gap.kind = Gap::Kind::kUnsupported;
      gap.file = setting.file;
      gap.reason = *std::move(why);
      gap.mark = setting.mark;
      AddGap(node, std::move(gap));
    }
    if (setting.knob != nullptr && setting.knob->kind == ValueKind::kControllers) {
      if (supported) HandDownByHand(at, setting);
      return;
    }
    Fitted fitted = Fit(at, setting, supported);
    if (supported) {
      for (Gap& gap : fitted.gaps) AddGap(node, std::move(gap));
    }
    if (!fitted.value) return;
    DesiredKnob knob;
    knob.knob = setting.knob;
    knob.value = *std::move(fitted.value);
    knob.written = setting.written;
    knob.note = std::move(fitted.note);
    knob.mark = setting.mark;
    knob.overridden = merged.overridden;
    cgroup.knobs.emplace_hint(cgroup.knobs.end(), setting.file, std::move(knob));
    if (!supported) {
      lacking_.push_back(setting.file);
    } else if (!node.observed) {
      Need(node.parent, ControllerOf(setting));
    }
  }

  // The value for this host. What the host lacks altogether is worked out nevertheless: other keys may
  // refer to it, and contradictions are found on every host.
  Fitted Fit(std::size_t at, const Setting& setting, bool supported) {
    Fitted fitted;
    if (std::holds_alternative<std::vector<RowExpression>>(setting.value)) {
      if (supported) fitted = FitRows(setting, facts_, findings_);
    } else if (std::holds_alternative<IdSet>(setting.value)) {
      fitted = FitIds(setting, facts_);
    } else if (const auto* text = std::get_if<std::string>(&setting.value)) {
      fitted.value = *text;
    } else {
      fitted.value = amounts_.Resolve(static_cast<int>(at), setting);
    }
    return fitted;
  }

  void AddGap(const Node& node, Gap gap) {
    gap.path = node.path;
    // What is only observed cannot be missing.
    gap.required = !node.observed && node.cgroup->require.contains(gap.file);
    desired_.gaps.push_back(std::move(gap));
  }

  ControllerSet& HandedDownBy(int node) {
    return node == Node::kNone ? desired_.root_subtree_control
                               : handed_down_[static_cast<std::size_t>(node)];
  }

  void Need(int node, Controller controller) {
    if (controller != Controller::kCore) HandedDownBy(node).Add(controller);
  }

  // `cgroup.subtree_control` in a policy.
  void HandDownByHand(std::size_t at, const Setting& setting) {
    const Node& node = nodes_[at];
    const ControllerSet wanted = ControllerSet::Parse(std::get<std::string>(setting.value));
    handed_down_[at] = handed_down_[at] | (wanted & usable_);
    for (const Controller controller : (wanted - usable_).List()) {
      Gap gap;
      gap.kind = Gap::Kind::kUnsupported;
      gap.file = setting.file;
      gap.reason =
          fmt::format("this host's managed root has no {} controller", ControllerName(controller));
      gap.mark = setting.mark;
      AddGap(node, std::move(gap));
    }
  }

  // From the leaves up: a cgroup hands down what its children use and hand down themselves.
  void HandDown() {
    for (std::size_t at = nodes_.size(); at-- > 0;) {
      const Node& node = nodes_[at];
      if (node.observed) continue;
      if (node.threaded || node.thread_root) {
        handed_down_[at] = handed_down_[at] & kThreadedOnly;
      }
      results_[at]->subtree_control = handed_down_[at];
      ControllerSet& above = HandedDownBy(node.parent);
      above = above | handed_down_[at];
      if (node.account) above = above | (kAccounts & usable_);
    }
  }

  const HostFacts& facts_;
  policy::Findings& findings_;
  ControllerSet usable_;
  std::vector<Node> nodes_;
  Amounts amounts_;
  Promises promises_;
  Desired desired_;
  std::vector<DesiredCgroup*> results_;  // in the maps of desired_, where they stay
  std::vector<ControllerSet> handed_down_;
  std::vector<std::string> lacking_;  // files of the node at hand
};

}  // namespace

Desired Resolve(const policy::MergedTree& tree,
                const HostFacts& facts,
                policy::Findings& findings) {
  return Resolver(tree, facts, findings).Run();
}

}  // namespace reeve::plan
