// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/process.h"

namespace reeve::format {

// The whole of /proc/PID/stat. The name in brackets is chosen by the process and may hold brackets,
// blanks and newlines, so it ends at the last ')' of the text: what follows are the kernel's
// numbers only.
//   errors   Invalid for anything a kernel does not print
Result<ProcessStat> ParseProcStat(std::string_view text);

// The whole of /proc/PID/cgroup: the line "0::PATH".
//   errors   NotFound when there is none (no cgroup v2 mounted); Invalid when the path is not
//   absolute
Result<ProcessCgroup> ParseProcCgroup(std::string_view text);

// cgroup.procs or cgroup.threads. Order and repetitions are kept; 0 is a process of another pid
// namespace.
//   errors   Invalid for a line that is no pid, or a text longer than 4 million pids need
Result<std::vector<std::int64_t>> ParsePidList(std::string_view text);

}  // namespace reeve::format
