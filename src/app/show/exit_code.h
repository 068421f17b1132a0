// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::show {

// The exit codes, one meaning each over all verbs.
enum ExitCode {
  kDone = 0,          // done, or already so
  kFailed = 1,        // failed, findings, or the host differs
  kTrouble = 2,       // diff: could not compare; plan --detailed-exitcode: there are changes
  kNotFound = 3,      // no such cgroup, not running
  kRefused = 4,       // refused, or held back
  kUnreachable = 5,   // no daemon to ask
  kUsage = 64,        // the command line itself
  kTryAgain = 75,     // for now; the same command may work later
  kOwnFailure = 125,  // run: reevectl failed before the command began
  kNotExecutable = 126,
  kNoSuchCommand = 127,
};

}  // namespace reeve::show
