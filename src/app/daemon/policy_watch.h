// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/units.h"
#include "edge/io/apart.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/dir_watch.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// When the directories of policies, data and facts are to be read again: once they have been quiet for a while after a
// change in them, after something was mounted over one, and every now and then where no event would tell: the kernel
// gives us no watches, or their file system tells nothing or does not answer.
class PolicyWatch {
 public:
  struct Callbacks {
    std::function<void()> heard;  // something changed
    std::function<void()> quiet;  // it is to be read
    // It changes all the time. Called until it returns true: what it read is what it read before.
    std::function<bool()> unrest;
    std::function<void()> overflow;  // events were lost; `heard` comes as well
  };

  PolicyWatch(systemd::Loop& loop,
              std::vector<std::string> directories,
              Usec settle,
              Callbacks callbacks,
              io::Apart& apart);

  //   errors   of the loop; without watches it works all the same
  Result<> Start();

  // Something that is not in the directories has changed what they mean.
  void Changed();

  // To be called whenever all is done: what did not answer is read again later, and a watch that has fallen silent is
  // found out.
  void KeepLooking();

 private:
  void OnEvent();
  void Listen();
  void OnMounts();
  void OnTimer();
  void Watch();
  void FireAt(Usec at);

  systemd::Loop& loop_;
  std::vector<std::string> directories_;
  Usec settle_;
  Callbacks callbacks_;
  io::Apart& apart_;
  std::optional<kernel::DirWatch> watch_;  // absent: no instance of inotify is left
  bool broken_ = false;  // reading from the watch failed, so there must be another
  Usec anew_at_{0};      // not before
  std::string deaf_;     // why nothing is heard, or not everything; "" when all is
  UniqueFd mountinfo_;
  std::optional<Usec> changed_since_;  // the first change that was not read yet
  Usec changed_last_{0};
  bool timed_ = false;  // the timer will come
  systemd::Source readable_;
  systemd::Source mounts_;
  systemd::Source timer_;
};

}  // namespace reeve::daemon
