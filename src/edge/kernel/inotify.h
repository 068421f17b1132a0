// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// One inotify instance. Events are hints: they may be merged, and after an overflow some are
// missing.
class Inotify {
 public:
  struct Event {
    int watch = -1;
    std::uint32_t mask = 0;  // IN_*
    std::string name;        // of the entry in a watched directory; "" for the directory itself
  };

  //   errors   Busy (EMFILE) when the user's instances are used up
  static Result<Inotify> Make();

  int fd() const { return fd_.get(); }

  // Watching the same inode again changes the mask and returns the same watch.
  //   errors   NotFound; Busy (ENOSPC) when the user's watches are used up
  Result<int> Watch(const std::string& path, std::uint32_t mask);

  // A watch that the kernel has dropped already is no error.
  void Unwatch(int watch);

  // Everything that is there now; never blocks. An overflow is an event with IN_Q_OVERFLOW.
  Result<std::vector<Event>> Read();

 private:
  explicit Inotify(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace reeve::kernel
