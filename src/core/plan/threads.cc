// SPDX-License-Identifier: Apache-2.0
// Threaded cgroups: what they make of the cgroup above them, and of those beside them.
#include <fmt/format.h>

#include "core/plan/differ.h"

namespace reeve::plan {
namespace {

constexpr std::string_view kSubtreeControl = "cgroup.subtree_control";

bool WantsThreads(const DesiredCgroup& cgroup) {
  const auto type = cgroup.knobs.find("cgroup.type");
  return type != cgroup.knobs.end() && type->second.value == KnobValue(std::string("threaded"));
}

std::string NameOf(const CgroupPath& path) {
  return path.is_root() ? "the managed root" : fmt::format("`{}`", path.text());
}

ControllerSet WithoutThreaded(ControllerSet controllers) {
  ControllerSet left;
  for (const Controller controller : controllers.List()) {
    if (!IsThreaded(controller)) left.Add(controller);
  }
  return left;
}

}  // namespace

void Differ::FindThreads() {
  const ControllerSet root = desired_.root_subtree_control | observed_.root_subtree_control;
  const bool root_may = observed_.root_is_hierarchy_root || WithoutThreaded(root).empty() ||
                        observed_.root_type == "domain threaded";
  for (const auto& [path, cgroup] : desired_.cgroups) {
    if (!WantsThreads(cgroup)) continue;
    // One threaded cgroup must not take memory and io away from everybody beside it.
    const CgroupPath parent = path.Parent();
    if (!parent.is_root() || root_may) threaded_below_.emplace(parent, path);
  }
  for (const auto& [path, cgroup] : observed_.cgroups) {
    if (cgroup.type == "threaded") threaded_below_.emplace(path.Parent(), path);
  }
}

std::string_view Differ::TypeOf(const CgroupPath& path) const {
  if (path.is_root()) return observed_.root_type;
  const ObservedCgroup* seen = Seen(path);
  return seen == nullptr ? std::string_view("domain") : std::string_view(seen->type);
}

bool Differ::LetThreadsBe(const CgroupPath& path, ControllerSet& missing, const SourceMark& mark) {
  // Nothing is a threaded domain by the hierarchy's own root: it may hold threads and hand down all.
  if (path.is_root() && observed_.root_is_hierarchy_root) return false;
  const auto refuse = [&](ControllerSet refused, std::string means, std::string what_now) {
    if (refused.empty()) return;
    missing = missing - refused;
    refused_[path] = refused;
    plan_.refusals.push_back({path,
                              std::string(kSubtreeControl),
                              "EOPNOTSUPP",
                              std::move(means),
                              std::move(what_now),
                              mark});
  };
  const std::string_view type = TypeOf(path);
  const auto child = threaded_below_.find(path);
  if (type == "threaded" || type == "domain invalid") {
    const ControllerSet refused = type == "threaded" ? WithoutThreaded(missing) : missing;
    refuse(
        refused,
        fmt::format("{} is a {} cgroup; it can not hand {} to children",
                    NameOf(path),
                    type,
                    refused.ToString()),
        type == "threaded"
            ? "remove it or make it a domain again; a threaded cgroup stays threaded for its life"
            : "it is below a threaded domain; remove the threaded cgroup beside it");
    return true;
  }
  if (child == threaded_below_.end()) return false;
  const ControllerSet refused = WithoutThreaded(missing);
  refuse(refused,
         fmt::format("`{}` is threaded, which makes {} a threaded domain: it can hand down cpu, "
                     "cpuset and pids, not {}",
                     child->second.text(),
                     NameOf(path),
                     refused.ToString()),
         "remove the threaded cgroup, or give it a cgroup of its own to be threaded in");
  WarnOfNeighbours(path, child->second, mark);
  return true;
}

bool Differ::MayBeThreaded(const CgroupPath& path, const SourceMark& mark) {
  const CgroupPath parent = path.Parent();
  if (parent.is_root() && observed_.root_is_hierarchy_root) return true;
  const ObservedCgroup* above = parent.is_root() ? nullptr : Seen(parent);
  ControllerSet handed = parent.is_root()   ? observed_.root_subtree_control
                         : above != nullptr ? above->subtree_control
                                            : ControllerSet();
  const auto off = disabled_.find(parent);
  if (off != disabled_.end()) handed = handed - off->second.first;
  if (!threaded_below_.contains(parent)) handed = handed | HandsDown(parent);
  handed = WithoutThreaded(handed);
  if (handed.empty()) return true;
  plan_.refusals.push_back(
      {path,
       "cgroup.type",
       "EOPNOTSUPP",
       fmt::format("no threaded cgroup can be directly below {}, which hands down {}",
                   NameOf(parent),
                   handed.ToString()),
       "put it into a cgroup of its own, which then hands down cpu, cpuset and pids only",
       mark});
  return false;
}

// Whom nobody can enter because somebody made a cgroup beside them threaded.
void Differ::WarnOfNeighbours(const CgroupPath& domain,
                              const CgroupPath& threaded,
                              const SourceMark& mark) {
  if (TypeOf(domain) != "domain threaded" || desired_.cgroups.contains(threaded)) return;
  for (auto it = desired_.cgroups.upper_bound(domain); it != desired_.cgroups.end(); ++it) {
    if (!domain.Contains(it->first)) return;
    if (it->first.Parent() != domain || WantsThreads(it->second)) continue;
    plan_.refusals.push_back({it->first,
                              "cgroup.procs",
                              "EOPNOTSUPP",
                              fmt::format("no process can enter it while `{}`, which reeve did not "
                                          "ask for, makes {} a threaded domain",
                                          threaded.text(),
                                          NameOf(domain)),
                              "remove the threaded cgroup",
                              mark});
    return;
  }
}

}  // namespace reeve::plan
