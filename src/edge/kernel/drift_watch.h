// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/desired.h"
#include "core/model/writer.h"
#include "edge/kernel/child_watch.h"
#include "edge/kernel/inotify.h"
#include "edge/kernel/tree_watch.h"
#include "edge/kernel/write_watch.h"

namespace reeve::kernel {

// Hears what others do to the managed tree, as well as this kernel and our privileges allow.
//   writes            one fanotify mark for the whole file system, with the writer; else an inotify
//                     watch a cgroup, without
//   mkdir and rmdir   a fanotify mark on each inner cgroup, with who did it; else inotify watches
//   what the kernel itself makes of a partition: an inotify watch on that file, for those cgroups
// Figures for 10,000 cgroups below ten inner ones (6.18): 1 + 11 marks, instead of 10,011 watches
// with 8.6 MB of kernel memory and 64 ms to set them.
class DriftWatch {
 public:
  // Whether it may use fanotify; without is for comparison, and is what an unprivileged reeve has.
  enum class Means { kBest, kInotifyOnly };

  static DriftWatch Make(const std::string& root, Means means = Means::kBest);

  // What it has to do without, in words for people; "" when it has all.
  const std::string& lacks() const { return lacks_; }

  // Whether writes are heard by fanotify, else by inotify.
  bool hears_writers() const { return writes_.has_value(); }

  // To wait for; at most three. One that is there stays for its life; Cover may add to them.
  std::vector<int> fds() const;

  // Follows a new desired tree, or cgroups that came since.
  //   errors   Busy when the watches or the instances are used up; what could be set stays, and the
  //            next call tries again
  Result<> Cover(const Desired& desired);

  // Writes to cgroups outside of our tree are heard as well, where fanotify is to be had.
  void WatchAlso(std::set<std::string> directories) {
    if (writes_) writes_->WatchAlso(std::move(directories));
  }

  // Everything since the last call; never blocks. `now` becomes the time of each touch. After an
  // error the watch may be deaf: treat it as an overflow.
  Result<WriteWatch::Heard> Read(std::chrono::nanoseconds now);

 private:
  explicit DriftWatch(std::string root) : root_(std::move(root)) {}

  Result<> CoverPartitions(const Desired& desired);
  Result<> ReadPartitions(WriteWatch::Heard& heard);

  std::string root_;
  std::string lacks_;
  std::optional<WriteWatch> writes_;
  std::optional<ChildWatch> children_;
  std::optional<TreeWatch> tree_;
  std::optional<Inotify> partitions_;  // once a partition is wanted
  std::map<CgroupPath, int> partition_watches_;
};

}  // namespace reeve::kernel
