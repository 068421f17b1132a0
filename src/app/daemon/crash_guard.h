// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/units.h"
#include "edge/io/unique_fd.h"

namespace reeve::daemon {

// Remembers crashes, so that a bug of ours that comes with every start costs the machine little: the next start waits
// longer and longer, and in the end takes up nothing new. A crash is a fatal signal of our own making (SIGSEGV, SIGABRT
// - the watchdog's too -, SIGBUS, SIGILL, SIGFPE); whoever kills us has his reasons. Ten minutes without one are
// forgiveness. Without a state directory to write to nothing is remembered.
class CrashGuard {
 public:
  // From here on crashes are counted. One of them at a time, as signals belong to the whole process.
  //   state_dir  where they are remembered; made when it is missing
  static CrashGuard Begin(const std::string& state_dir);

  // In a row, each within ten minutes of the one before.
  unsigned crashes() const { return crashes_; }

  // Whether only what was in force before may be in force now.
  bool safe_mode() const { return crashes_ >= kSafeModeAfter; }

  // How long to wait before anything is done.
  Usec delay() const { return DelayAfter(crashes_); }

  // None after the first crash, then from half a second to half a minute.
  static Usec DelayAfter(unsigned crashes);

  static constexpr unsigned kSafeModeAfter = 5;

 private:
  unsigned crashes_ = 0;
  UniqueFd record_;  // a byte a crash
};

}  // namespace reeve::daemon
