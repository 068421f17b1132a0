// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_tree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/show/differences.h"
#include "app/show/human.h"
#include "app/show/plan_rows.h"
#include "app/show/screen.h"
#include "app/show/table.h"

namespace reeve::show {
namespace {

std::string Cores(double cores) {
  return fmt::format("{:.1f}", cores);
}

std::string MaxOf(const std::optional<Limit>& limit) {
  return !limit || limit->is_max() ? "-" : ShortBytes(limit->value());
}

std::string CpuCell(const LiveCgroup& c) {
  if (!c.cpu_cores && !c.cpu_max) return "-";
  const std::string now = c.cpu_cores ? Cores(*c.cpu_cores) : "-";
  std::string max = "-";
  if (c.cpu_max && !c.cpu_max->quota.is_max()) {
    max = Cores(static_cast<double>(c.cpu_max->quota.value()) /
                static_cast<double>(c.cpu_max->period));
  }
  return now + "/" + max + (c.throttled ? " *" : "");
}

std::string MemoryCell(const LiveCgroup& c) {
  if (!c.memory_current) return "-";
  LiveCgroup only = c;
  only.throttled = false;
  only.pids_max.reset();
  return ShortBytes(*c.memory_current) + "/" + MaxOf(c.memory_high) + "/" + MaxOf(c.memory_max) +
         (IsAtLimit(only) ? " *" : "");
}

std::string Percent(const std::optional<std::uint64_t>& hundredths) {
  return hundredths ? fmt::format("{:>2}", (*hundredths + 50) / 100) : " -";
}

std::string StalledCell(const LiveCgroup& c) {
  if (!c.cpu_stalled && !c.memory_stalled && !c.io_stalled) return "-";
  return Percent(c.cpu_stalled) + "/" + Percent(c.memory_stalled) + "/" + Percent(c.io_stalled);
}

class Tree {
 public:
  Tree(const LiveTree& live, const Plan* plan, const Desired* desired, const TreeView& view)
      : live_(live), desired_(desired), view_(view) {
    for (const auto& entry : live.cgroups) {
      if (entry.second.ours) any_ours_ = true;
      if (!entry.first.is_root()) children_[entry.first.Parent()].push_back(entry.first);
    }
    if (plan != nullptr) {
      for (const Difference& d : DifferencesOf(*plan)) differences_[d.path].push_back(d.text);
    }
  }

  std::string Render() {
    lines_ = {{{"CGROUP", "PROCS", "CPU now/max", "MEM now/high/max", "STALLED c/m/i", "NOTE"}}};
    Below(CgroupPath(), 0);
    if (lines_.size() == 1) return "";
    return LayOut(lines_,
                  {Align::kLeft,
                   Align::kRight,
                   Align::kRight,
                   Align::kRight,
                   Align::kRight,
                   Align::kLeft}) +
           (starred_ ? "* at its limit now.  " : "") +
           "CPU in cores, STALLED = % of the last 10 s (some)\n";
  }

 private:
  const LiveCgroup& At(const CgroupPath& path) const { return live_.cgroups.at(path); }

  std::string TemplateOf(const CgroupPath& path) const {
    if (desired_ == nullptr) return "";
    const auto found = desired_->cgroups.find(path);
    return found == desired_->cgroups.end() ? "" : found->second.template_name;
  }

  // Whether it, or something below it, is part of what was asked for.
  bool IsWanted(const CgroupPath& path) const {
    if (IsSelected(path, view_.cgroup_glob)) return true;
    const auto found = children_.find(path);
    return found != children_.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](const CgroupPath& p) {
             return IsWanted(p);
           });
  }

  bool IsWorthALine(const CgroupPath& path) const {
    return IsAtLimit(At(path)) || differences_.count(path) != 0;
  }

  std::string NoteOf(const CgroupPath& path) const {
    const LiveCgroup& c = At(path);
    std::vector<std::string> notes;
    const auto differs = differences_.find(path);
    constexpr std::size_t kShortEnough = 40;
    if (differs != differences_.end()) {
      const std::vector<std::string>& texts = differs->second;
      const bool one = texts.size() == 1 && texts.front().size() <= kShortEnough;
      notes.push_back(one ? texts.front() : Count(texts.size(), "value differs", "values differ"));
    }
    if (c.frozen) notes.emplace_back("frozen");
    if (c.pids_current && c.pids_max && !c.pids_max->is_max() && IsNearPids(c)) {
      notes.push_back(fmt::format("{} of {} tasks *", *c.pids_current, c.pids_max->value()));
    }
    if (!c.ours && any_ours_) notes.emplace_back("not reeve's");
    std::string text;
    for (const std::string& note : notes) text += (text.empty() ? "" : ", ") + note;
    return text;
  }

  static bool IsNearPids(const LiveCgroup& c) {
    LiveCgroup only;
    only.pids_current = c.pids_current;
    only.pids_max = c.pids_max;
    return IsAtLimit(only);
  }

  void Line(const CgroupPath& path, std::size_t level) {
    const LiveCgroup& c = At(path);
    starred_ = starred_ || IsAtLimit(c);
    lines_.push_back({{std::string(2 * level, ' ') + Shown(path.name()),
                       c.processes ? fmt::format("{}", *c.processes) : "-",
                       CpuCell(c),
                       MemoryCell(c),
                       StalledCell(c),
                       NoteOf(path)}});
  }

  // One line for all instances of a template: sums, and the limits if each has the same.
  void TemplateLine(const std::string& name,
                    const std::vector<CgroupPath>& paths,
                    std::size_t level) {
    LiveCgroup sum;
    bool alike = true;
    const LiveCgroup& first = At(paths.front());
    for (const CgroupPath& path : paths) {
      const LiveCgroup& c = At(path);
      sum.processes = sum.processes.value_or(0) + c.processes.value_or(0);
      sum.cpu_cores = sum.cpu_cores.value_or(0) + c.cpu_cores.value_or(0);
      if (c.memory_current) sum.memory_current = sum.memory_current.value_or(0) + *c.memory_current;
      alike = alike && c.cpu_max == first.cpu_max && c.memory_high == first.memory_high &&
              c.memory_max == first.memory_max;
    }
    std::string note = "limits differ";
    if (alike) {
      LiveCgroup limits = first;
      const std::string cpu = CpuCell(limits);
      note = fmt::format("each {}/{}/{}",
                         cpu.substr(std::min(cpu.find('/') + 1, cpu.size())),
                         MaxOf(first.memory_high),
                         MaxOf(first.memory_max));
      if (note.ends_with(" *")) note.resize(note.size() - 2);
    }
    const std::size_t slash = name.rfind('/');
    lines_.push_back(
        {{fmt::format("{}{}  x{}",
                      std::string(2 * level, ' '),
                      Shown(slash == std::string::npos ? name : name.substr(slash + 1)),
                      paths.size()),
          fmt::format("{}", sum.processes.value_or(0)),
          Cores(sum.cpu_cores.value_or(0)) + "/-",
          sum.memory_current ? ShortBytes(*sum.memory_current) : "-",
          "",
          note}});
  }

  void Siblings(std::vector<CgroupPath> paths, std::size_t level) {
    std::size_t hidden = 0;
    if (!view_.full && paths.size() > kShownSiblings) {
      // Those worth a line first, then the largest; shown in the tree's order.
      std::vector<CgroupPath> sorted = paths;
      std::stable_sort(sorted.begin(), sorted.end(), [&](const CgroupPath& a, const CgroupPath& b) {
        if (IsWorthALine(a) != IsWorthALine(b)) return IsWorthALine(a);
        return At(a).memory_current.value_or(0) > At(b).memory_current.value_or(0);
      });
      hidden = sorted.size() - kShownSiblings;
      sorted.resize(kShownSiblings);
      std::sort(sorted.begin(), sorted.end());
      paths = std::move(sorted);
    }
    for (const CgroupPath& path : paths) {
      Line(path, level);
      Below(path, level + 1);
    }
    if (hidden != 0) {
      lines_.push_back({{std::string(2 * level, ' ') + fmt::format("{} more (--full)", hidden),
                         "",
                         "",
                         "",
                         "",
                         ""},
                        0});
    }
  }

  void Below(const CgroupPath& parent, std::size_t level) {
    const auto found = children_.find(parent);
    if (found == children_.end()) return;
    std::map<std::string, std::vector<CgroupPath>> instances;
    std::vector<CgroupPath> others;
    for (const CgroupPath& path : found->second) {
      if (!IsWanted(path)) continue;
      const std::string name = TemplateOf(path);
      if (name.empty()) {
        others.push_back(path);
      } else {
        instances[name].push_back(path);
      }
    }
    for (const auto& entry : instances) {
      constexpr std::size_t kWorthALineOfTheirOwn = 3;
      std::vector<CgroupPath> different;
      const bool sum =
          !view_.full && view_.cgroup_glob.empty() && entry.second.size() > kWorthALineOfTheirOwn;
      if (!sum) {
        Siblings(entry.second, level);
        continue;
      }
      TemplateLine(entry.first, entry.second, level);
      for (const CgroupPath& path : entry.second) {
        if (IsWorthALine(path)) different.push_back(path);
      }
      Siblings(different, level + 1);
      if (!different.empty() && different.size() < entry.second.size()) {
        lines_.push_back(
            {{std::string(2 * level + 2, ' ') + fmt::format("{} more inside their limits",
                                                            entry.second.size() - different.size()),
              "",
              "",
              "",
              "",
              ""},
             0});
      }
    }
    Siblings(others, level);
  }

  const LiveTree& live_;
  const Desired* desired_;
  const TreeView& view_;
  std::map<CgroupPath, std::vector<CgroupPath>> children_;
  std::map<CgroupPath, std::vector<std::string>> differences_;
  std::vector<TableLine> lines_;
  bool any_ours_ = false;
  bool starred_ = false;
};

}  // namespace

std::string RenderTree(const LiveTree& live,
                       const Plan* plan,
                       const Desired* desired,
                       const TreeView& view) {
  return Tree(live, plan, desired, view).Render();
}

}  // namespace reeve::show
