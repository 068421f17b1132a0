// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/drift_watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace reeve::kernel {
namespace {

constexpr const char* kPartition = "cpuset.cpus.partition";

std::set<CgroupPath> InnerOf(const Desired& desired) {
  std::set<CgroupPath> inner;
  for (const auto& entry : desired.cgroups) {
    if (!entry.first.is_root()) inner.insert(entry.first.Parent());
  }
  return inner;
}

std::set<CgroupPath> AllOf(const Desired& desired) {
  std::set<CgroupPath> all;
  for (const auto& entry : desired.cgroups) all.insert(all.end(), entry.first);
  return all;
}

void Append(WriteWatch::Heard&& from, WriteWatch::Heard& to) {
  to.overflow = to.overflow || from.overflow;
  to.touches.insert(to.touches.end(),
                    std::make_move_iterator(from.touches.begin()),
                    std::make_move_iterator(from.touches.end()));
  to.elsewhere.insert(to.elsewhere.end(),
                      std::make_move_iterator(from.elsewhere.begin()),
                      std::make_move_iterator(from.elsewhere.end()));
}

}  // namespace

DriftWatch DriftWatch::Make(const std::string& root, Means means) {
  DriftWatch watch(root);
  const Error unused{ErrorKind::kUnsupported, 0, "fanotify", "is not used"};
  const bool best = means == Means::kBest;
  auto writes = best ? WriteWatch::Make(root) : Result<WriteWatch>(unused);
  auto children = best ? ChildWatch::Make(root) : Result<ChildWatch>(unused);
  if (writes.has_value()) {
    watch.writes_ = *std::move(writes);
  } else {
    watch.lacks_ = "who writes to the tree is not known, and each cgroup needs a watch: " +
                   writes.error().ToString();
  }
  if (watch.writes_ && children.has_value()) {
    watch.children_ = *std::move(children);
    return watch;
  }
  if (watch.writes_) {
    watch.lacks_ = "who makes and removes cgroups is not known: " + children.error().ToString();
  }
  watch.tree_.emplace(root, watch.writes_ ? TreeWatch::Hears::kChildren : TreeWatch::Hears::kAll);
  return watch;
}

std::vector<int> DriftWatch::fds() const {
  std::vector<int> fds;
  if (partitions_) fds.push_back(partitions_->fd());
  if (writes_) fds.push_back(writes_->fd());
  if (children_) fds.push_back(children_->fd());
  if (tree_ && tree_->fd() >= 0) fds.push_back(tree_->fd());
  return fds;
}

Result<> DriftWatch::Cover(const Desired& desired) {
  const auto partitions = CoverPartitions(desired);
  const auto tree = children_ ? children_->Cover(InnerOf(desired))
                              : tree_->Cover(writes_ ? InnerOf(desired) : AllOf(desired));
  return partitions.has_value() ? tree : partitions;
}

// A partition turns invalid without anybody's write: a CPU goes away, a parent changes.
Result<> DriftWatch::CoverPartitions(const Desired& desired) {
  std::map<CgroupPath, int> still;
  for (const auto& [path, cgroup] : desired.cgroups) {
    if (!cgroup.knobs.contains(kPartition)) continue;
    if (!partitions_) {
      REEVE_TRY(partitions_, Inotify::Make());
    }
    // The same file gives the same watch again; a cgroup made anew has another file.
    const auto watch = partitions_->Watch(root_ + "/" + path.text() + "/" + kPartition, IN_MODIFY);
    if (watch.has_value()) {
      still[path] = *watch;
    } else if (watch.error().kind != ErrorKind::kNotFound) {
      return watch.error();
    }
  }
  for (const auto& entry : partition_watches_) {
    const auto kept = still.find(entry.first);
    if (kept == still.end() || kept->second != entry.second) partitions_->Unwatch(entry.second);
  }
  partition_watches_ = std::move(still);
  return {};
}

Result<> DriftWatch::ReadPartitions(WriteWatch::Heard& heard) {
  if (!partitions_) return {};
  REEVE_TRY(const std::vector<Inotify::Event> events, partitions_->Read());
  for (const Inotify::Event& event : events) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) heard.overflow = true;
    const auto found = std::find_if(partition_watches_.begin(),
                                    partition_watches_.end(),
                                    [&](const auto& entry) { return entry.second == event.watch; });
    if (found == partition_watches_.end() || (event.mask & IN_MODIFY) == 0) continue;
    heard.touches.push_back({found->first, kPartition, nullptr, {}});
  }
  return {};
}

Result<WriteWatch::Heard> DriftWatch::Read(std::chrono::nanoseconds now) {
  WriteWatch::Heard heard;
  // Kernel-made first: where a write was heard as well, its writer has the last word.
  REEVE_TRY_VOID(ReadPartitions(heard));
  if (children_) {
    REEVE_TRY(WriteWatch::Heard made, children_->Read());
    Append(std::move(made), heard);
  }
  if (writes_) {
    REEVE_TRY(WriteWatch::Heard written, writes_->Read());
    Append(std::move(written), heard);
  }
  if (tree_) {
    REEVE_TRY(const TreeWatch::Changes changes, tree_->Read());
    heard.overflow = heard.overflow || changes.overflow;
    for (const CgroupPath& path : changes.paths) heard.touches.push_back({path, "", nullptr, {}});
    for (const CgroupPath& path : changes.children)
      heard.touches.push_back({path, "", nullptr, {}});
  }
  for (Touch& touch : heard.touches) touch.heard = now;
  for (auto& [directory, touch] : heard.elsewhere) touch.heard = now;
  return heard;
}

}  // namespace reeve::kernel
