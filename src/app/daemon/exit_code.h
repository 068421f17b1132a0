// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::daemon {

// reeved's exit codes; the same numbers mean the same in reevectl.
enum ExitCode {
  kDone = 0,
  kFailed = 1,   // findings, or not all could be done
  kRefused = 4,  // read-only tree, another reeve, no cgroup2; or something is held back
  kUsage = 64,
};

}  // namespace reeve::daemon
