// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/units.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/dir_watch.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// When the directories of policies, data and facts are to be read again: once they have been quiet for a while after a
// change in them, after something was mounted over one, and, where the kernel gives us no watches, every now and then.
class PolicyWatch {
 public:
  struct Callbacks {
    std::function<void()> heard;  // something changed
    std::function<void()> quiet;  // it is to be read
    // It changes all the time. Called until it returns true: what it read is what it read before.
    std::function<bool()> unrest;
  };

  PolicyWatch(systemd::Loop& loop,
              std::vector<std::string> directories,
              Usec settle,
              Callbacks callbacks);

  //   errors   of the loop; without watches it works all the same
  Result<> Start();

  // Something that is not in the directories has changed what they mean.
  void Changed();

 private:
  void OnEvent();
  void OnMounts();
  void OnTimer();
  void Watch();

  systemd::Loop& loop_;
  std::vector<std::string> directories_;
  Usec settle_;
  Callbacks callbacks_;
  std::optional<kernel::DirWatch> watch_;  // absent: no instance of inotify is left
  bool watched_ = true;                    // false: nothing is heard, or not everything
  UniqueFd mountinfo_;
  std::optional<Usec> changed_since_;  // the first change that was not read yet
  Usec changed_last_{0};
  systemd::Source readable_;
  systemd::Source mounts_;
  systemd::Source timer_;
};

}  // namespace reeve::daemon
