// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::cli {

// The command line of reevectl; returns the exit code (output.h).
int RunReevectl(int argc, char** argv);

}  // namespace reeve::cli
