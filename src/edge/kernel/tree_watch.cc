// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/tree_watch.h"

#include <sys/inotify.h>

#include <utility>

#include "core/model/knob.h"

namespace reeve::kernel {
namespace {

constexpr std::uint32_t kChildrenMask =
    IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;
constexpr std::uint32_t kAllMask = kChildrenMask | IN_MODIFY;

// Who is inside is no value of a policy. Nor is what the kernel says in files that nobody can write: cgroup.events and
// the like change with every process that comes and goes.
bool HoldsNoValue(const std::string& name) {
  return name == "cgroup.procs" || name == "cgroup.threads" || IsReadOnlyFile(name);
}

}  // namespace

Result<> TreeWatch::Add(const CgroupPath& path) {
  if (watches_.contains(path)) return {};
  const auto watch = inotify_->Watch(path.is_root() ? root_ : root_ + "/" + path.text(),
                                     hears_ == Hears::kAll ? kAllMask : kChildrenMask);
  if (!watch.has_value()) {
    if (watch.error().kind == ErrorKind::kNotFound)
      return {};  // its parent's watch tells when it comes
    return watch.error();
  }
  watches_[path] = *watch;
  paths_[*watch] = path;
  return {};
}

Result<> TreeWatch::Cover(const std::set<CgroupPath>& cgroups) {
  if (!inotify_) {
    REEVE_TRY(Inotify inotify, Inotify::Make());
    inotify_.emplace(std::move(inotify));
  }
  for (auto it = watches_.begin(); it != watches_.end();) {
    if (it->first.is_root() || cgroups.contains(it->first)) {
      ++it;
      continue;
    }
    inotify_->Unwatch(it->second);
    paths_.erase(it->second);
    it = watches_.erase(it);
  }
  REEVE_TRY_VOID(Add(CgroupPath()));
  for (const CgroupPath& path : cgroups) {
    REEVE_TRY_VOID(Add(path));
  }
  return {};
}

Result<TreeWatch::Changes> TreeWatch::Read() {
  Changes changes;
  if (!inotify_) return changes;
  REEVE_TRY(const std::vector<Inotify::Event> events, inotify_->Read());
  for (const Inotify::Event& event : events) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) changes.overflow = true;
    const auto found = paths_.find(event.watch);
    if (found == paths_.end() || HoldsNoValue(event.name)) continue;
    if ((event.mask & (IN_IGNORED | IN_DELETE_SELF | IN_UNMOUNT)) != 0) {
      changes.children.insert(found->second);
      watches_.erase(found->second);
      paths_.erase(found);
      continue;
    }
    if ((event.mask & (IN_CREATE | IN_DELETE)) == 0) {
      changes.paths.insert(found->second);
      continue;
    }
    changes.children.insert(found->second.Child(event.name));
    if ((event.mask & IN_DELETE) != 0) {
      // The watch of a removed cgroup dies without a word when its directory is held open; the next
      // one of the same name needs a new watch.
      const auto child = watches_.find(found->second.Child(event.name));
      if (child != watches_.end()) {
        inotify_->Unwatch(child->second);
        paths_.erase(child->second);
        watches_.erase(child);
      }
    }
  }
  return changes;
}

}  // namespace reeve::kernel
