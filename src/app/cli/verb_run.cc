// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/complain.h"
#include "app/cli/verbs.h"
#include "app/show/screen.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/spawn.h"

namespace reeve::cli {
namespace {

int Run(const RunVerbOptions& options, Output& output) {
  int code = kOwnFailure;
  const std::string root = RootFor(options.tree, "run", output, &code);
  // The command's own statuses begin at 0: our failures must not be taken for them.
  if (root.empty()) return code == kUsage ? kUsage : kOwnFailure;
  const auto path = CgroupPath::Parse(options.cgroup);
  if (!path.has_value()) {
    Complain(output, path.error());
    return kOwnFailure;
  }
  auto fs = kernel::CgroupFsKernel::Open(root);
  if (!fs.has_value()) {
    Complain(output, fs.error());
    return kOwnFailure;
  }
  const kernel::RunOutcome outcome = kernel::RunInCgroup(**fs, *path, options.command);
  if (outcome.error) {
    const bool no_cgroup =
        outcome.error->kind == ErrorKind::kNotFound && outcome.exit_code == kOwnFailure;
    Complain(output, *outcome.error, no_cgroup ? "reevectl status --root " + ShellWord(root) : "");
  }
  return outcome.exit_code;
}

}  // namespace

int RunInside(const RunVerbOptions& options) {
  Output output(options.tree.output);
  return Run(options, output);
}

}  // namespace reeve::cli
