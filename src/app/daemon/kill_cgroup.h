// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/base/result.h"
#include "core/model/cgroup_path.h"
#include "core/port/cgroup_fs.h"

namespace reeve::daemon {

// Processes of a cgroup and of all below it.
std::size_t ProcessesIn(port::CgroupFs& fs, const CgroupPath& path);

// SIGKILL for all of them: by cgroup.kill, or where the kernel has none (before 5.14) one by one while they are frozen,
// so that none can fork away. Thawed again whatever happens.
Result<> KillCgroup(port::CgroupFs& fs, const CgroupPath& path);

}  // namespace reeve::daemon
