// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/writer.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/writer_info.h"

namespace reeve::kernel {

// Hears every write of another process to a file of the cgroup2 file system, with who did it: one
// fanotify mark, however many cgroups there are, through whichever mount or namespace they write.
// (Measured on 6.18: changes that the kernel makes itself, such as cgroup.events, are not heard in
// this mode. With FAN_REPORT_FID they are, and every service that starts or stops anywhere on the
// machine would wake us; also, cgroup2 has no file ids on 6.1.)
class WriteWatch {
 public:
  struct Heard {
    std::vector<Touch> touches;  // in our tree, each file and process once
    bool overflow = false;       // events were lost: everything may have changed
    // In directories that WatchAlso named, by their absolute path; `path` of the touch is empty.
    std::vector<std::pair<std::string, Touch>> elsewhere;
  };

  // Cgroups outside of our tree whose files matter as well, as absolute directories.
  void WatchAlso(std::set<std::string> directories) { also_ = std::move(directories); }

  // `root` is the managed root's absolute path.
  //   errors   Denied without CAP_SYS_ADMIN; Unsupported or Invalid on a kernel without it
  static Result<WriteWatch> Make(std::string root);

  int fd() const { return fd_.get(); }

  // What was heard since the last call; never blocks. Our own writes are left out. Called after we
  // have written, before the loop sleeps, it takes them out of the queue and so costs no wake-up.
  // Times are left at 0.
  Result<Heard> Read();

 private:
  WriteWatch(std::string root, UniqueFd fd, UniqueFd directory);

  // Absolute; "" when the file is neither in our tree nor in a directory of also_.
  std::string PathOf(int fd, bool* lost) const;
  bool IsBelowRoot(const std::string& path) const;
  bool Matters(const std::string& path) const;

  std::string root_;
  std::set<std::string> also_;
  UniqueFd fd_;
  UniqueFd directory_;  // the managed root, for what is written through another mount
  std::uint64_t mount_ = 0;
  WriterInfo writers_;
};

}  // namespace reeve::kernel
