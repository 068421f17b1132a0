// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/writer.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/write_watch.h"
#include "edge/kernel/writer_info.h"

namespace reeve::kernel {

// Hears of cgroups that others make and remove below some cgroups, with who did it: a fanotify mark
// on each of their directories. Needs a kernel whose cgroup2 has file ids (6.18 has, 6.1 has not).
class ChildWatch {
 public:
  // errors   Denied; Unsupported (ENODEV) or Invalid on an older kernel
  static Result<ChildWatch> Make(std::string root);

  int fd() const { return fd_.get(); }

  // Watches exactly these and the root; those that are not there are passed over.
  //   errors   Busy when the marks are used up; those set so far stay
  Result<> Cover(const std::set<CgroupPath>& parents);

  // Touches with file "" and the child's path; ours are left out.
  Result<WriteWatch::Heard> Read();

 private:
  ChildWatch(std::string root, UniqueFd fd) : root_(std::move(root)), fd_(std::move(fd)) {}

  Result<> Add(const CgroupPath& path);
  void Remove(const CgroupPath& path, CgroupId id);
  std::string Absolute(const CgroupPath& path) const;

  std::string root_;
  UniqueFd fd_;
  std::map<CgroupPath, CgroupId> marked_;
  std::map<CgroupId, CgroupPath> paths_;
  WriterInfo writers_;
};

}  // namespace reeve::kernel
