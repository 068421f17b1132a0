// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::cli {

// The command line of reevectl; returns the exit code of DESIGN.md 5.
int RunReevectl(int argc, char** argv);

}  // namespace reeve::cli
