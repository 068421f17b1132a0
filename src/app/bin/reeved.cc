// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "app/daemon/reeved.h"

int main(int argc, char** argv) {
  try {
    return reeve::daemon::RunReeved(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "reeved: %s\n", e.what());
    return 1;
  }
}
