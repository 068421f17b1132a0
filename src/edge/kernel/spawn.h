// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/model/cgroup_path.h"
#include "edge/kernel/cgroup_fs_kernel.h"

namespace reeve::kernel {

// How a process gets into its cgroup.
enum class SpawnMethod {
  // clone3(CLONE_INTO_CGROUP): it is born inside, which costs no grace period (0.4 ms against 12.8
  // ms when nothing was moved lately, measured on 6.18); kMove where the kernel or a filter has no
  // clone3.
  kBornInside,
  // COMPAT(kernel 5.7): remove with the last container that filters clone3. The process waits
  // before its exec until it was moved.
  kMove,
};

// How a command that was run inside a cgroup ended.
struct RunOutcome {
  // The command's own status, 128 + N when signal N killed it; 127 when there is no such command,
  // 126 when it can not be executed, 125 when reeve could not get as far.
  int exit_code = 125;
  std::optional<Error> error;  // for 125..127 of our own: why
  CgroupPath cgroup;  // where it ran: `_self` below the one named when that is an inner cgroup
};

// Runs a command in a cgroup and waits for it. It has our standard streams, environment and
// directory, and whatever else we inherited; no descriptor of ours. It runs in our process group,
// so that what the terminal sends reaches it by itself; SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1
// and SIGUSR2 that are sent to us alone are passed on. For single-threaded callers: signals are
// blocked process-wide meanwhile.
//   command   at least one word; the first is looked for in PATH
RunOutcome RunInCgroup(CgroupFsKernel& fs,
                       const CgroupPath& path,
                       const std::vector<std::string>& command,
                       SpawnMethod method = SpawnMethod::kBornInside);

}  // namespace reeve::kernel
