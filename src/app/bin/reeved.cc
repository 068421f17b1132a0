// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/cli/verbs.h"
#include "app/daemon/reeved.h"

int main(int argc, char** argv) {
  try {
    return reeve::daemon::RunReeved(argc, argv, [](const std::vector<std::string>& files) {
      reeve::cli::CheckOptions options;
      options.files = files;
      return reeve::cli::RunCheck(options);
    });
  } catch (const std::exception& e) {
    std::fprintf(stderr, "reeved: %s\n", e.what());
    return 1;
  }
}
