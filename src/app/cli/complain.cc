// SPDX-License-Identifier: Apache-2.0
#include "app/cli/complain.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "app/cli/offline.h"
#include "app/show/screen.h"

namespace reeve::cli {

void Complain(Output& output, std::string_view what, std::string_view next) {
  output.Complain(Hanging("reevectl: ", what));
  if (!next.empty()) output.Complain(fmt::format("Next: `{}`\n", next));
}

void Complain(Output& output, const Error& error, std::string_view next) {
  Complain(output, Shown(error.ToString()), next);
}

int CodeOfRootError(const Error& error) {
  if (error.kind == ErrorKind::kNotFound) return kNotFound;
  return error.kind == ErrorKind::kUnsupported ? kRefused : kFailed;
}

std::string ShellWord(std::string_view word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./:@%+,=").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string SameFor(std::string_view verb, const std::string& root, const TreeOptions& options) {
  std::string command = fmt::format("reevectl {} --root {}", verb, ShellWord(root));
  for (const std::string& file : options.files) command += " " + ShellWord(file);
  return Shown(command);
}

bool IsForDaemon(const TreeOptions& options) {
  return options.root.empty() && !options.offline && options.files.empty();
}

DaemonOptions DaemonOf(const TreeOptions& options) {
  return {options.output, options.socket, options.config};
}

std::string WithoutDaemon(std::string_view verb, const TreeOptions& options) {
  if (ReadHostConfig(options.config).root.empty()) return SameFor(verb, "CGROUP_DIR", options);
  return fmt::format("reevectl {} --offline", verb);
}

std::string RootFor(const TreeOptions& options,
                    std::string_view verb,
                    Output& output,
                    int* exit_code) {
  if (!options.root.empty()) return options.root;
  std::string root = ReadHostConfig(options.config).root;
  if (root.empty()) {
    Complain(output,
             fmt::format("no managed root is known: {} sets no `root:`", Shown(options.config)),
             SameFor(verb, "CGROUP_DIR", options));
    *exit_code = kUsage;
  }
  return root;
}

}  // namespace reeve::cli
