// SPDX-License-Identifier: Apache-2.0
#include "core/plan/diff_desired.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "core/format/knob_text.h"

namespace reeve::plan {
namespace {

using Cgroups = std::map<CgroupPath, DesiredCgroup>;
using Kind = DesiredChange::Kind;

std::string TextOf(const DesiredKnob& knob) {
  return knob.knob == nullptr ? std::get<std::string>(knob.value)
                              : format::FormatKnob(*knob.knob, knob.value);
}

std::string_view WordOf(Shrink shrink) {
  switch (shrink) {
    case Shrink::kWait:
      return "wait";
    case Shrink::kGentle:
      return "gentle";
    case Shrink::kKill:
      return "kill";
  }
  return "wait";
}

std::string_view WordOf(OnDrift on_drift) {
  switch (on_drift) {
    case OnDrift::kRepair:
      return "repair";
    case OnDrift::kReport:
      return "report";
    case OnDrift::kAdopt:
      return "adopt";
  }
  return "repair";
}

class Comparison {
 public:
  explicit Comparison(std::vector<DesiredChange>& out) : out_(out) {}

  void Compare(const Cgroups& from, const Cgroups& to, bool observed_only) {
    observed_only_ = observed_only;
    std::set<CgroupPath> paths;
    for (const auto& entry : from) paths.insert(entry.first);
    for (const auto& entry : to) paths.insert(entry.first);
    const auto find = [](const Cgroups& cgroups, const CgroupPath& path) {
      const auto found = cgroups.find(path);
      return found == cgroups.end() ? nullptr : &found->second;
    };
    for (const CgroupPath& path : paths) CompareOne(path, find(from, path), find(to, path));
  }

  void CompareGaps(const std::vector<Gap>& from, const std::vector<Gap>& to) {
    observed_only_ = false;
    template_name_.clear();
    const auto lists = [](const Gap& gap, const std::vector<Gap>& gaps) {
      return std::any_of(gaps.begin(), gaps.end(), [&](const Gap& other) {
        return other.path == gap.path && other.file == gap.file && other.reason == gap.reason;
      });
    };
    for (const Gap& gap : from) {
      if (lists(gap, to)) continue;
      DesiredChange& change = Add(Kind::kGap, gap.path, gap.file);
      change.from = gap.reason;
      change.from_mark = gap.mark;
    }
    for (const Gap& gap : to) {
      if (lists(gap, from)) continue;
      DesiredChange& change = Add(Kind::kGap, gap.path, gap.file);
      change.to = gap.reason;
      change.to_mark = gap.mark;
    }
  }

 private:
  DesiredChange& Add(Kind kind, const CgroupPath& path, std::string file) {
    DesiredChange change;
    change.kind = kind;
    change.path = path;
    change.template_name = template_name_;
    change.observed_only = observed_only_;
    change.file = std::move(file);
    change.knob = FindKnob(change.file);
    out_.push_back(std::move(change));
    return out_.back();
  }

  void CompareOne(const CgroupPath& path, const DesiredCgroup* from, const DesiredCgroup* to) {
    template_name_ = to != nullptr ? to->template_name : from->template_name;
    if (from == nullptr) {
      Add(Kind::kCgroupAdded, path, "").to_mark = to->mark;
    } else if (to == nullptr) {
      Add(Kind::kCgroupRemoved, path, "").from_mark = from->mark;
    }
    static const DesiredCgroup kNothing;
    const DesiredCgroup& before = from == nullptr ? kNothing : *from;
    const DesiredCgroup& after = to == nullptr ? kNothing : *to;
    CompareKnobs(path, before, after);
    if (from == nullptr || to == nullptr) return;
    const auto property = [&](std::string name, std::string_view old, std::string_view now) {
      if (old == now) return;
      DesiredChange& change = Add(Kind::kProperty, path, std::move(name));
      change.from = old;
      change.to = now;
      change.from_mark = before.mark;
      change.to_mark = after.mark;
    };
    property("shrink", WordOf(before.shrink), WordOf(after.shrink));
    property("on_drift", WordOf(before.on_drift), WordOf(after.on_drift));
    std::set<std::string> labels;
    for (const auto& label : before.labels) labels.insert(label.first);
    for (const auto& label : after.labels) labels.insert(label.first);
    for (const std::string& label : labels) {
      const auto value = [&](const DesiredCgroup& cgroup) {
        const auto found = cgroup.labels.find(label);
        return found == cgroup.labels.end() ? std::string() : found->second;
      };
      property("label " + label, value(before), value(after));
    }
  }

  void CompareKnobs(const CgroupPath& path, const DesiredCgroup& from, const DesiredCgroup& to) {
    std::set<std::string> files;
    for (const auto& knob : from.knobs) files.insert(knob.first);
    for (const auto& knob : to.knobs) files.insert(knob.first);
    for (const std::string& file : files) {
      const auto before = from.knobs.find(file);
      const auto after = to.knobs.find(file);
      const bool was = before != from.knobs.end();
      const bool is = after != to.knobs.end();
      if (was && is && before->second.value == after->second.value) continue;
      DesiredChange& change = Add(Kind::kKey, path, file);
      if (was) {
        change.from = TextOf(before->second);
        change.from_mark = before->second.mark;
      }
      if (is) {
        change.to = TextOf(after->second);
        change.to_mark = after->second.mark;
      }
    }
  }

  std::vector<DesiredChange>& out_;
  bool observed_only_ = false;
  std::string template_name_;
};

}  // namespace

std::vector<DesiredChange> DiffDesired(const Desired& from, const Desired& to) {
  std::vector<DesiredChange> changes;
  Comparison comparison(changes);
  comparison.Compare(from.cgroups, to.cgroups, false);
  comparison.Compare(from.observed_only, to.observed_only, true);
  comparison.CompareGaps(from.gaps, to.gaps);
  return changes;
}

}  // namespace reeve::plan
