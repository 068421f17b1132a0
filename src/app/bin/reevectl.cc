// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "app/cli/reevectl.h"

int main(int argc, char** argv) {
  try {
    return reeve::cli::RunReevectl(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "reevectl: %s\n", e.what());
    return 1;
  }
}
