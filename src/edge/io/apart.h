// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace reeve::io {

// Does work that a file system may never let end - FUSE, network - in a child process, and waits
// for it only so long. A thread would not do: what waits for a file system in state D can not be
// killed, and its process could not end any more nor let go of the managed root's lock. The child
// holds no descriptor of ours, and there is never more than one.
//
// One owner. The child runs our code without an exec, so that `work` must take no lock that another
// thread may hold at that moment: files, memory (which glibc sees to) and texts are fine, the log is
// not.
class Apart {
 public:
  using Texts = std::vector<std::string>;

  // How long Run waits. After it has waited in vain it refuses for five times as long without
  // trying, so that whoever calls it again and again spends a sixth of the time here at most.
  explicit Apart(std::chrono::milliseconds patience = std::chrono::seconds(5))
      : patience_(patience) {}

  Apart(const Apart&) = delete;
  Apart& operator=(const Apart&) = delete;
  ~Apart();

  // What `work` gives, texts or error, is given back; nothing else that it does is seen here.
  //   subject  for the errors
  //   errors   those of `work`; Busy (ETIMEDOUT) when it does not end; Internal when it crashes
  Result<Texts> Run(const std::string& subject, const std::function<Result<Texts>()>& work);

  // Whether something did not end in time lately: then it is worth asking again later.
  bool waits() const { return refuse_until_ != Time(); }

 private:
  using Time = std::chrono::steady_clock::time_point;

  // Whether the child has ended by `deadline`; `status` as of waitpid.
  bool Ends(Time deadline, int* status);
  Error NoAnswer(const std::string& subject);

  std::chrono::milliseconds patience_;
  pid_t child_ = 0;    // killed and not gone yet; 0 when there is none
  Time refuse_until_;  // the epoch: nothing hangs
};

}  // namespace reeve::io
