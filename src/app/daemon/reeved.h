// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::daemon {

// The command line of reeved: the daemon, --once and --check; returns the exit code.
int RunReeved(int argc, char** argv);

}  // namespace reeve::daemon
