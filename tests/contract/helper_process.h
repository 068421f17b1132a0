// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "edge/io/unique_fd.h"

namespace reeve::contract {

// A child of this program that does as it is told: forks, starts threads, touches memory, exits.
// Dies with this program and with this object.
class HelperProcess {
 public:
  HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;
  ~HelperProcess();

  std::int64_t pid() const { return pid_; }

  // Its child or new thread; negative: -errno, or -EPIPE when it is dead.
  std::int64_t Fork() { return Ask('f', 0); }

  std::int64_t StartThread() { return Ask('t', 0); }

  // False when it did not live to answer.
  bool Allocate(int mebibytes) { return Ask('a', mebibytes) == 0; }

  // Ends; stays a zombie until Reap or the destructor.
  void End();

  void Reap();

 private:
  std::int64_t Ask(char what, int argument);

  pid_t pid_ = -1;
  UniqueFd socket_;
  bool reaped_ = false;
};

// Whether a process is gone or a zombie.
bool IsDead(std::int64_t pid);

}  // namespace reeve::contract
