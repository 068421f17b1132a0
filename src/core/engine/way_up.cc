// SPDX-License-Identifier: Apache-2.0
#include "core/engine/way_up.h"

#include <memory>
#include <utility>

#include "core/base/text.h"
#include "core/engine/sample.h"
#include "core/format/flat_keyed.h"

namespace reeve::engine {
namespace {

ControllerSet Everything() {
  ControllerSet all;
  for (int i = 1; i < kControllerCount; ++i) all.Add(static_cast<Controller>(i));
  return all;
}

std::optional<std::uint64_t> ReadWeight(port::CgroupFs& fs, const CgroupPath& path) {
  const auto text = fs.ReadFile(path, "cpu.weight");
  if (!text.has_value()) return std::nullopt;
  return ParseDecimal(Trim(*text));
}

bool IsPopulated(port::CgroupFs& fs, const CgroupPath& path) {
  const auto text = fs.ReadFile(path, "cgroup.events");
  if (!text.has_value()) return false;
  const auto events = format::ParseCgroupEvents(*text);
  return events.has_value() && events->populated;
}

}  // namespace

Step ReadStep(port::CgroupFs& fs,
              const CgroupPath& path,
              std::string name,
              const std::vector<std::string>& files) {
  Step step;
  step.name = std::move(name);
  step.path = path;
  SampleTarget target;
  auto names = std::make_shared<CgroupNames>();
  names->path = path;
  target.names = std::move(names);
  target.controllers = Everything();
  UsageSnapshot snapshot;
  if (SampleOne(fs, target, snapshot) && !snapshot.cgroups.empty()) {
    step.usage = std::move(snapshot.cgroups.front());
  }
  for (const std::string& file : files) {
    const auto text = fs.ReadFile(path, file);
    if (text.has_value()) step.files.emplace(file, Trim(*text));
  }
  return step;
}

void ReadWeights(port::CgroupFs& fs, const CgroupPath& parent, std::string_view child, Step& step) {
  step.cpu_weight = ReadWeight(fs, parent.Child(child));
  if (!step.cpu_weight) return;
  step.cpu_weights = *step.cpu_weight;
  const auto names = fs.ListChildren(parent);
  if (!names.has_value()) return;
  for (const std::string& name : *names) {
    const CgroupPath sibling = parent.Child(name);
    if (name == child || !IsPopulated(fs, sibling)) continue;
    step.cpu_weights += ReadWeight(fs, sibling).value_or(0);
  }
}

WayUp ReadWayUp(port::CgroupFs& fs,
                const CgroupPath& path,
                const std::string& root_name,
                const std::vector<std::string>& files) {
  WayUp way;
  if (!fs.Stat(path).has_value()) return way;
  for (CgroupPath at = path;; at = at.Parent()) {
    way.push_back(ReadStep(fs, at, at.is_root() ? root_name : at.text(), files));
    if (at.is_root()) return way;
    ReadWeights(fs, at.Parent(), at.name(), way.back());
  }
}

void AddAbove(const std::string& root,
              const OpenTree& open,
              const std::vector<std::string>& files,
              WayUp& way) {
  if (way.empty()) return;
  std::string at = root;
  for (std::size_t slash = at.rfind('/'); slash != std::string::npos && slash != 0;
       slash = at.rfind('/')) {
    const std::string name = at.substr(slash + 1);
    at.resize(slash);
    const std::unique_ptr<port::CgroupFs> above = open(at);
    if (!above) return;
    ReadWeights(*above, CgroupPath(), name, way.back());
    way.push_back(ReadStep(*above, CgroupPath(), at, files));
    way.back().above_root = true;
  }
}

void AddBefore(const WayUp& earlier, double seconds, WayUp& now) {
  for (Step& step : now) {
    for (const Step& before : earlier) {
      if (before.name != step.name || before.usage.id != step.usage.id) continue;
      step.before = before.usage;
      step.seconds = seconds;
    }
  }
}

}  // namespace reeve::engine
