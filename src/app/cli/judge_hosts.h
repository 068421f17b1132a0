// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/cli/output.h"

namespace reeve::cli {

struct JudgeHostsOptions {
  std::vector<std::string> facts;  // files of `reevectl facts -o json`
  std::vector<std::string> files;  // policies
  bool strict = false;             // warnings and gaps count as errors
  bool carets = false;             // findings with their lines, once for all hosts (check)
  bool full = false;               // also the values every host would get
};

// Judges a set of policies for other hosts from their facts alone: a line a host, and what is wrong there.
// 0 when all can take it, 1 when not.
int JudgeHosts(const JudgeHostsOptions& options, Output& output);

}  // namespace reeve::cli
