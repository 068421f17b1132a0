// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

// What a shell needs to know of the command line.
struct OptionWords {
  enum class Takes { kNothing, kText, kFile, kDirectory, kChoice, kCgroup };

  std::string name;        // "--root"
  std::string short_name;  // "-o"; may be empty
  std::string help;
  Takes takes = Takes::kNothing;
  std::vector<std::string> choices;  // kChoice
};

struct VerbWords {
  // kCommand: a cgroup, and behind `--` a command.
  enum class Takes { kNothing, kFiles, kCommand, kChoice, kCgroup };

  std::string name;
  std::string help;
  std::vector<OptionWords> options;
  Takes takes = Takes::kNothing;     // what stands behind the options
  std::vector<std::string> choices;  // kChoice
};

// A completion script for bash, zsh or fish; "" for any other shell. Names of cgroups come from
// `reevectl __names`, which is quick or silent.
std::string CompletionScript(std::string_view shell, const std::vector<VerbWords>& verbs);

}  // namespace reeve::cli
