// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/model/process.h"

namespace reeve::port {

// The processes of this host, as they are at the moment of asking.
class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  // All processes (no threads), in no order. What ends meanwhile is left out.
  virtual Result<std::vector<ProcessStat>> List() = 0;

  // errors   Gone when there is no such process
  virtual Result<ProcessStat> Stat(std::int64_t pid) = 0;

  // Its cgroup in the v2 hierarchy.
  //   errors   Gone; NotFound without a cgroup v2 hierarchy
  virtual Result<ProcessCgroup> CgroupOf(std::int64_t pid) = 0;
};

}  // namespace reeve::port
