// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"

namespace reeve::cli {

// "reevectl: WHAT" on stderr, and "Next: `COMMAND`" below it when there is one to type.
void Complain(Output& output, std::string_view what, std::string_view next = "");

void Complain(Output& output, const Error& error, std::string_view next = "");

// The exit code when a managed root can not be opened: 3 not there, 4 no cgroup2 tree, so refused.
int CodeOfRootError(const Error& error);

// The daemon that options of a tree mean.
DaemonOptions DaemonOf(const TreeOptions& options);

// The command that does the same without a daemon.
std::string WithoutDaemon(std::string_view verb, const TreeOptions& options);

// A word as a shell takes it: in quotes if it must be.
std::string ShellWord(std::string_view word);

// "reevectl VERB --root ROOT FILE..." for the same root and files.
std::string SameFor(std::string_view verb, const std::string& root, const TreeOptions& options);

// The managed root to work on without a daemon: the one named, or the one of reeved.yaml.
// "" after saying what is missing; `*exit_code` is then the one to end with.
std::string RootFor(const TreeOptions& options,
                    std::string_view verb,
                    Output& output,
                    int* exit_code);

}  // namespace reeve::cli
