// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "core/model/desired.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/dir_watch.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// A device or mount that is not there comes with an event: a name in /dev, a change of the mount table. Listens only
// while something waits for one.
class GapWatch {
 public:
  explicit GapWatch(systemd::Loop& loop, std::function<void()> changed)
      : loop_(loop), changed_(std::move(changed)) {}

  void Listen(const Desired& desired);

 private:
  systemd::Loop& loop_;
  std::function<void()> changed_;
  std::optional<kernel::DirWatch> watch_;
  UniqueFd mountinfo_;
  systemd::Source devices_;
  systemd::Source mounts_;
};

}  // namespace reeve::daemon
