// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sample.h"

#include <set>
#include <utility>

#include "core/format/usage_text.h"

namespace reeve::engine {
namespace {

constexpr const char* kTenant = "tenant";

bool IsVanished(const Error& error) {
  return error.kind == ErrorKind::kGone || error.kind == ErrorKind::kNotFound;
}

void Count(Error error, UsageSnapshot& snapshot) {
  ++snapshot.unreadable;
  if (!snapshot.first_error) snapshot.first_error = std::move(error);
}

std::shared_ptr<const CgroupNames> NamesOf(const DesiredCgroup& cgroup, bool inner) {
  auto names = std::make_shared<CgroupNames>();
  names->path = cgroup.path;
  names->labels = cgroup.labels;
  names->inner = inner;
  if (const auto tenant = names->labels.extract(kTenant)) names->tenant = tenant.mapped();
  if (cgroup.mark.known()) names->policy = cgroup.mark.file->name;
  return names;
}

}  // namespace

std::vector<SampleTarget> SampleTargets(const Desired& desired) {
  std::set<CgroupPath> parents;
  for (const auto& entry : desired.cgroups) parents.insert(entry.first.Parent());
  std::vector<SampleTarget> targets;
  targets.reserve(desired.cgroups.size());
  for (const auto& [path, cgroup] : desired.cgroups) {
    const CgroupPath parent = path.Parent();
    const auto above = desired.cgroups.find(parent);
    SampleTarget target;
    target.names = NamesOf(cgroup, parents.contains(path));
    target.controllers = parent.is_root()                 ? desired.root_subtree_control
                         : above == desired.cgroups.end() ? ControllerSet()
                                                          : above->second.subtree_control;
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<SampleTarget> UnitSampleTargets(const Desired& units) {
  ControllerSet all;
  for (int i = 1; i < kControllerCount; ++i) all.Add(static_cast<Controller>(i));
  std::vector<SampleTarget> targets;
  for (const auto& [path, unit] : units.cgroups) {
    SampleTarget target;
    target.names = NamesOf(unit, path.text().ends_with(".slice"));
    target.controllers = all;
    targets.push_back(std::move(target));
  }
  return targets;
}

std::map<std::string, std::string> DeviceNames(const HostFacts& facts) {
  std::map<std::string, std::string> number_of;  // name -> number, "" when it is disputed
  for (const auto& entry : facts.devices) {
    const BlockDevice& device = entry.second;
    const auto [place, fresh] = number_of.emplace(device.name, device.number);
    if (!fresh && place->second != device.number) place->second.clear();
  }
  std::map<std::string, std::string> names;
  for (const auto& [name, number] : number_of) {
    if (!name.empty() && !number.empty()) names.emplace(number, name);
  }
  return names;
}

bool SampleOne(port::CgroupFs& fs, const SampleTarget& target, UsageSnapshot& snapshot) {
  const CgroupPath& path = target.names->path;
  CgroupUsage usage;
  usage.names = target.names;
  const auto stat = fs.Stat(path);
  if (stat.has_value()) {
    usage.id = stat->id;
    if (target.birth && target.birth->id == stat->id) usage.born_usec = target.birth->epoch_usec;
  } else if (IsVanished(stat.error())) {
    return false;
  } else {
    Count(stat.error(), snapshot);
  }
  for (const format::UsageFile& file : format::UsageFiles()) {
    const bool there =
        file.controller == Controller::kCore || target.controllers.Has(file.controller);
    if (!there) continue;
    const auto text = fs.ReadFile(path, file.name);
    if (text.has_value()) {
      auto taken = file.Take(*text, usage);
      if (taken.has_value()) continue;
      taken.error().subject = path.text() + "/" + std::string(file.name);
      Count(std::move(taken).error(), snapshot);
    } else if (IsVanished(text.error())) {
      return false;
    } else if (text.error().kind != ErrorKind::kUnsupported) {
      Count(text.error(), snapshot);
    }
  }
  snapshot.cgroups.push_back(std::move(usage));
  return true;
}

UsageSnapshot Sample(port::CgroupFs& fs, const std::vector<SampleTarget>& targets) {
  UsageSnapshot snapshot;
  snapshot.cgroups.reserve(targets.size());
  for (const SampleTarget& target : targets) SampleOne(fs, target, snapshot);
  return snapshot;
}

}  // namespace reeve::engine
