// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace reeve::daemon {

// Judges policy files and shows what is wrong with them; returns the exit code. Handed in by the program, because
// it is reevectl's `check`, and the daemon does not know the command line's renderers.
using CheckFiles = std::function<int(const std::vector<std::string>&)>;

// The command line of reeved: the daemon, --once and --check; returns the exit code.
int RunReeved(int argc, char** argv, const CheckFiles& check);

}  // namespace reeve::daemon
