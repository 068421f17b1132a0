// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace reeve {

// /proc/PID/stat, with the kernel's own names.
struct ProcessStat {
  std::int64_t pid = 0;
  std::string
      comm;  // chosen by the process: any byte but NUL, blanks, newlines and brackets included
  char state = '?';  // R S D T t Z X I
  std::int64_t ppid = 0;
  std::int64_t pgrp = 0;
  std::int64_t session = 0;
  std::int64_t tty_nr = 0;  // 0 = none
  std::uint64_t flags = 0;  // PF_*: 0x00200000 is a kernel thread
  std::uint64_t utime = 0;  // clock ticks (sysconf(_SC_CLK_TCK))
  std::uint64_t stime = 0;  // clock ticks
  std::int64_t num_threads = 0;
  std::uint64_t starttime =
      0;  // clock ticks since boot: with the pid it names one process for ever

  bool operator==(const ProcessStat&) const = default;
};

// The line of /proc/PID/cgroup that is about cgroup v2.
struct ProcessCgroup {
  std::string path;  // absolute in the reader's cgroup namespace; "/../x" when outside of it
  // The kernel put " (deleted)" behind it, which is not part of `path`. Somebody may also have
  // named a living cgroup so: whoever acts on it must look for that name first.
  bool deleted = false;

  bool operator==(const ProcessCgroup&) const = default;
};

}  // namespace reeve
