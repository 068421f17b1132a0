// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/result.h"
#include "core/model/cgroup_path.h"
#include "edge/kernel/inotify.h"

namespace reeve::kernel {

// Hears of foreign writes, mkdir and rmdir in a managed tree, but not whose they are: one inotify
// watch on each cgroup's directory. (Measured on 6.1 and 6.18: a write to any control file is IN_MODIFY with the file's
// name on its directory; changes that the kernel makes itself are not, and a removed directory may
// stay silent while somebody holds it open, so its parent's IN_DELETE is what counts.)
class TreeWatch {
 public:
  enum class Hears {
    kAll,
    kChildren,  // only mkdir and rmdir: somebody else hears the writes
  };

  struct Changes {
    std::set<CgroupPath> paths;     // cgroups whose files changed
    std::set<CgroupPath> children;  // cgroups that were made or removed
    bool overflow = false;          // events were lost: everything may have changed

    bool any() const { return overflow || !paths.empty() || !children.empty(); }
  };

  // `root` is the managed root's absolute path.
  explicit TreeWatch(std::string root, Hears hears = Hears::kAll)
      : root_(std::move(root)), hears_(hears) {}

  // -1 before Cover, and as long as no instance of inotify is left for us.
  int fd() const { return inotify_ ? inotify_->fd() : -1; }

  // Watches exactly these cgroups and the root; those that are not there are passed over.
  //   errors   Busy when the watches or the instances are used up; those set so far stay
  Result<> Cover(const std::set<CgroupPath>& cgroups);

  // What was heard since the last call. Moves of processes are left out: they change no limit.
  Result<Changes> Read();

 private:
  Result<> Add(const CgroupPath& path);

  std::string root_;
  Hears hears_;
  std::optional<Inotify> inotify_;
  std::map<int, CgroupPath> paths_;
  std::map<CgroupPath, int> watches_;
};

}  // namespace reeve::kernel
