// SPDX-License-Identifier: Apache-2.0
#include "core/engine/observe.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/format/owner_mark.h"

namespace reeve::engine {
namespace {

// A cgroup that vanishes while we look is not an error: it is simply not there any more.
bool IsVanished(const Error& error) {
  return error.kind == ErrorKind::kGone || error.kind == ErrorKind::kNotFound;
}

void Note(const Error& error, Observed& observed) {
  if (IsVanished(error)) return;
  observed.complete = false;
  observed.errors.push_back(error);
}

ControllerSet ReadControllers(port::CgroupFs& fs,
                              const CgroupPath& path,
                              std::string_view file,
                              Observed& observed) {
  const auto text = fs.ReadFile(path, file);
  if (text.has_value()) return ControllerSet::Parse(*text);
  Note(text.error(), observed);
  return {};
}

bool IsThreadRoot(const CgroupPath& path, const Observed& observed) {
  if (path.is_root()) return observed.root_type == "domain threaded";
  const auto found = observed.cgroups.find(path);
  return found != observed.cgroups.end() && found->second.type == "domain threaded";
}

const DesiredCgroup* Find(const std::map<CgroupPath, DesiredCgroup>& cgroups,
                          const CgroupPath& path) {
  const auto found = cgroups.find(path);
  return found == cgroups.end() ? nullptr : &found->second;
}

// What a weight reads while cpu.idle is on: 0 on 6.1, 1 later. Only then is the switch itself looked
// at where nobody asked for it.
bool MayBeIdle(const ObservedCgroup& cgroup) {
  const auto weight = cgroup.files.find("cpu.weight");
  if (weight != cgroup.files.end() && (weight->second.text == "0" || weight->second.text == "1")) {
    return true;
  }
  const auto nice = cgroup.files.find("cpu.weight.nice");
  return nice != cgroup.files.end() && nice->second.text == "19";
}

std::string_view FileOf(plan::Evidence::Kind kind) {
  using Kind = plan::Evidence::Kind;
  return kind == Kind::kMemoryCurrent ? "memory.current"
         : kind == Kind::kPidsCurrent ? "pids.current"
         : kind == Kind::kPopulated   ? "cgroup.events"
                                      : "cgroup.procs";
}

// Names of a cgroup's children, sorted.
std::vector<std::string_view> ChildNames(const CgroupPath& parent, const Observed& observed) {
  std::vector<std::string_view> names;
  const std::size_t skip = parent.is_root() ? 0 : parent.text().size() + 1;
  // By path, "a-b" stands between "a" and "a/x": what begins alike must be passed over, not stopped at.
  auto it = parent.is_root() ? observed.cgroups.begin() : observed.cgroups.upper_bound(parent);
  for (; it != observed.cgroups.end() && it->first.text().starts_with(parent.text()); ++it) {
    if (!parent.Contains(it->first)) continue;
    const std::string_view rest = std::string_view(it->first.text()).substr(skip);
    if (rest.find('/') == std::string_view::npos) names.push_back(rest);
  }
  if (!std::is_sorted(names.begin(), names.end())) std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Observed Observer::Observe(const Desired& desired) {
  Observed observed;
  ReadRoot(observed);
  ObserveChildren(CgroupPath(), desired, observed.root_subtree_control, observed);
  return observed;
}

void Observer::ReadRoot(Observed& observed) {
  const CgroupPath root;
  observed.root_controllers = ReadControllers(fs_, root, "cgroup.controllers", observed);
  observed.root_subtree_control = ReadControllers(fs_, root, "cgroup.subtree_control", observed);
  const auto type = fs_.ReadFile(root, "cgroup.type");
  observed.root_is_hierarchy_root = !type.has_value();
  observed.root_type = type.has_value() ? std::string(Trim(*type)) : "domain";
  const auto stat = fs_.Stat(root);
  if (stat.has_value()) return;
  observed.complete = false;
  observed.errors.push_back(stat.error());
}

void Observer::Refresh(const Desired& desired,
                       const std::set<CgroupPath>& changed,
                       Observed& observed) {
  observed.errors.clear();
  observed.root_processes.reset();
  for (auto& entry : observed.cgroups) {
    entry.second.memory_current.reset();
    entry.second.pids_current.reset();
    entry.second.populated.reset();
    entry.second.processes.reset();
  }
  std::optional<CgroupPath> done;  // a whole branch was just looked at
  for (const CgroupPath& path : changed) {
    if (done && done->Contains(path)) continue;
    const CgroupPath parent = path.Parent();
    const auto above = observed.cgroups.find(parent);
    const bool under_strangers =
        !parent.is_root() && (above == observed.cgroups.end() || !above->second.owner);
    if (!path.is_root() && under_strangers && !desired.cgroups.contains(path)) continue;
    observed.cgroups.erase(path);
    // "a-b" stands between "a" and "a/x": what begins alike is passed over.
    auto below = observed.cgroups.upper_bound(path);
    while (below != observed.cgroups.end() && below->first.text().starts_with(path.text())) {
      below = path.Contains(below->first) ? observed.cgroups.erase(below) : std::next(below);
    }
    done = path;
    if (path.is_root()) {
      ReadRoot(observed);
      ObserveChildren(path, desired, observed.root_subtree_control, observed);
    } else {
      const ControllerSet handed_down = parent.is_root() ? observed.root_subtree_control
                                        : above == observed.cgroups.end()
                                            ? ControllerSet()
                                            : above->second.subtree_control;
      ObserveCgroup(path, desired, handed_down, observed);
    }
  }
}

bool Observer::Reread(const Desired& desired,
                      const std::set<CgroupPath>& changed,
                      Observed& observed) {
  for (const CgroupPath& path : changed) {
    const DesiredCgroup* wanted = Find(desired.cgroups, path);
    const auto seen = observed.cgroups.find(path);
    if (wanted == nullptr || seen == observed.cgroups.end()) return false;
    ObservedCgroup& cgroup = seen->second;
    const auto stat = fs_.Stat(path);
    if (!stat.has_value() || stat->id != cgroup.id) return false;
    cgroup.files.clear();
    cgroup.memory_current.reset();
    cgroup.pids_current.reset();
    cgroup.populated.reset();
    cgroup.processes.reset();
    ReadFiles(path, wanted, cgroup, observed);
    const DesiredCgroup* watched = Find(desired.observed_only, path);
    if (watched != nullptr) ReadFiles(path, watched, cgroup, observed);
  }
  return observed.complete;
}

void Observer::ObserveChildren(const CgroupPath& parent,
                               const Desired& desired,
                               ControllerSet handed_down,
                               Observed& observed) {
  const auto names = fs_.ListChildren(parent);
  if (!names.has_value()) return Note(names.error(), observed);
  for (const std::string& name : *names) {
    ObserveCgroup(parent.Child(name), desired, handed_down, observed);
  }
}

void Observer::ObserveCgroup(const CgroupPath& path,
                             const Desired& desired,
                             ControllerSet handed_down,
                             Observed& observed) {
  const DesiredCgroup* wanted = Find(desired.cgroups, path);
  const DesiredCgroup* watched = Find(desired.observed_only, path);
  const auto stat = fs_.Stat(path);
  if (!stat.has_value()) return Note(stat.error(), observed);
  ObservedCgroup cgroup;
  cgroup.id = stat->id;
  cgroup.controllers = handed_down;
  const auto mark = MarkOf(path, stat->id);
  if (!mark.has_value()) return Note(mark.error(), observed);
  cgroup.owner = *mark;
  const bool in_thread_root = IsThreadRoot(path.Parent(), observed);
  if (wanted == nullptr && watched == nullptr && !cgroup.owner) {
    // Somebody else's: only that it is there, so that we neither remove its parent nor look inside,
    // and whether it is what made its parent a threaded domain.
    if (in_thread_root) ReadType(path, cgroup, observed);
    observed.cgroups.emplace(path, std::move(cgroup));
    return;
  }
  ReadFiles(path, wanted, cgroup, observed);
  if (watched != nullptr) ReadFiles(path, watched, cgroup, observed);
  const bool inner = stat->children > 0 || (wanted != nullptr && !wanted->subtree_control.empty());
  if (inner) {
    cgroup.subtree_control = ReadControllers(fs_, path, "cgroup.subtree_control", observed);
  }
  if (inner || in_thread_root) ReadType(path, cgroup, observed);
  const ControllerSet below = cgroup.subtree_control;
  observed.cgroups.emplace(path, std::move(cgroup));
  if (stat->children > 0) ObserveChildren(path, desired, below, observed);
}

void Observer::ReadType(const CgroupPath& path, ObservedCgroup& cgroup, Observed& observed) {
  const auto type = fs_.ReadFile(path, "cgroup.type");
  if (type.has_value()) {
    cgroup.type = std::string(Trim(*type));
  } else {
    Note(type.error(), observed);
  }
}

void Observer::ReadFiles(const CgroupPath& path,
                         const DesiredCgroup* wanted,
                         ObservedCgroup& cgroup,
                         Observed& observed) {
  const auto read = [&](const std::string& file, const Knob* knob) {
    // A file whose controller is not handed down does not exist; asking would cost a failing open.
    if (knob != nullptr && knob->controller != Controller::kCore &&
        !cgroup.controllers.Has(knob->controller)) {
      return;
    }
    if (cgroup.files.contains(file)) return;
    auto text = fs_.ReadFile(path, file);
    if (text.has_value()) {
      cgroup.files.emplace(file, ObservedFile{std::string(Trim(*text)), nullptr});
    } else if (text.error().kind == ErrorKind::kUnsupported) {
      auto error = std::make_shared<const Error>(std::move(text).error());
      cgroup.files.emplace(file, ObservedFile{"", std::move(error)});
    } else {
      Note(text.error(), observed);
    }
  };
  if (wanted != nullptr) {
    for (const auto& knob : wanted->knobs) read(knob.first, knob.second.knob);
  }
  if (cgroup.owner) {
    for (const auto& key : cgroup.owner->keys) {
      if (wanted == nullptr || !wanted->knobs.contains(key.first))
        read(key.first, FindKnob(key.first));
    }
  }
  if (MayBeIdle(cgroup)) read("cpu.idle", FindKnob("cpu.idle"));
}

Result<std::shared_ptr<const OwnerMark>> Observer::MarkOf(const CgroupPath& path, CgroupId id) {
  const auto known = marks_.find(path);
  if (known != marks_.end() && known->second.id == id) return known->second.mark;
  REEVE_TRY(const std::optional<std::string> text, fs_.ReadMark(path));
  KnownMark entry{id, nullptr};
  if (text) {
    auto parsed = format::ParseOwnerMark(*text);
    // A mark we can not read is a newer reeve's or a stranger's, and one with another path that of a
    // reeve whose managed root is not ours (inside this one, say): the cgroup counts as not ours.
    if (parsed.has_value() && parsed->policy_path == path.text()) {
      entry.mark = std::make_shared<const OwnerMark>(*std::move(parsed));
    }
  }
  return marks_.insert_or_assign(path, std::move(entry)).first->second.mark;
}

bool Observer::SameFile(const CgroupPath& path, std::string_view file, std::string_view before) {
  const auto text = fs_.ReadFile(path, file);
  return text.has_value() && Trim(*text) == before;
}

bool Observer::SameChildren(const CgroupPath& parent, const Observed& before) {
  const std::vector<std::string_view> known = ChildNames(parent, before);
  auto names = fs_.ListChildren(parent);
  if (!names.has_value()) return false;
  std::sort(names->begin(), names->end());
  return std::equal(known.begin(), known.end(), names->begin(), names->end());
}

bool Observer::Unchanged(const Observed& before) {
  const CgroupPath root;
  const auto controllers = fs_.ReadFile(root, "cgroup.controllers");
  const auto handed_down = fs_.ReadFile(root, "cgroup.subtree_control");
  if (!controllers.has_value() || ControllerSet::Parse(*controllers) != before.root_controllers ||
      !handed_down.has_value() ||
      ControllerSet::Parse(*handed_down) != before.root_subtree_control ||
      !SameChildren(root, before)) {
    return false;
  }
  for (const auto& [path, cgroup] : before.cgroups) {
    for (const auto& [file, seen] : cgroup.files) {
      if (!seen.error && !SameFile(path, file, seen.text)) return false;
    }
    if (cgroup.subtree_control.empty() && ChildNames(path, before).empty()) continue;
    const auto below = fs_.ReadFile(path, "cgroup.subtree_control");
    if (!below.has_value() || ControllerSet::Parse(*below) != cgroup.subtree_control ||
        !SameChildren(path, before)) {
      return false;
    }
  }
  return true;
}

void Observer::Gather(const std::vector<plan::Evidence>& wanted, Observed& observed) {
  for (const plan::Evidence& item : wanted) {
    if (item.path.is_root()) {
      auto processes = fs_.ReadProcesses(item.path);
      if (processes.has_value()) {
        observed.root_processes = *std::move(processes);
      } else {
        Note(processes.error(), observed);
      }
      continue;
    }
    const auto found = observed.cgroups.find(item.path);
    if (found != observed.cgroups.end()) GatherOne(item, found->second, observed);
  }
}

void Observer::GatherOne(const plan::Evidence& item, ObservedCgroup& cgroup, Observed& observed) {
  using Kind = plan::Evidence::Kind;
  if (item.kind == Kind::kProcesses) {
    auto processes = fs_.ReadProcesses(item.path);
    if (!processes.has_value()) return Note(processes.error(), observed);
    cgroup.processes = *std::move(processes);
    return;
  }
  const auto text = fs_.ReadFile(item.path, FileOf(item.kind));
  if (!text.has_value()) {
    // Its controller was taken away since we looked: that is heard of, and looked at again.
    if (text.error().kind == ErrorKind::kUnsupported) return;
    return Note(text.error(), observed);
  }
  switch (item.kind) {
    case Kind::kMemoryCurrent:
      cgroup.memory_current = ParseDecimal(Trim(*text));
      return;
    case Kind::kPidsCurrent:
      cgroup.pids_current = ParseDecimal(Trim(*text));
      return;
    case Kind::kPopulated:
      for (const std::string_view line : SplitLines(*text)) {
        if (line.starts_with("populated ")) cgroup.populated = line != "populated 0";
      }
      return;
    case Kind::kProcesses:
      return;
  }
}

}  // namespace reeve::engine
