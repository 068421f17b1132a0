// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace reeve::support {

struct ToolRun {
  int status = -1;     // as of wait(2); 0 = fine
  std::string output;  // both of its outputs
};

// A shell command with this text as its input.
inline ToolRun RunTool(const std::string& command, const std::string& input) {
  const TempDir dir;
  const std::string file = dir.path() + "/in";
  std::ofstream(file, std::ios::binary) << input;
  ToolRun run;
  std::FILE* pipe = ::popen((command + " <" + file + " 2>&1").c_str(), "re");
  if (pipe == nullptr) return run;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) {
    run.output.append(buffer.data(), n);
  }
  run.status = ::pclose(pipe);
  return run;
}

}  // namespace reeve::support
