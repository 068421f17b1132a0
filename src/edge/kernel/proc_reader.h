// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/port/process_source.h"

namespace reeve::kernel {

// Processes as /proc shows them.
class ProcReader final : public port::ProcessSource {
 public:
  //   proc   where proc is mounted
  explicit ProcReader(std::string proc = "/proc") : proc_(std::move(proc)) {}

  Result<std::vector<ProcessStat>> List() override;
  Result<ProcessStat> Stat(std::int64_t pid) override;
  Result<ProcessCgroup> CgroupOf(std::int64_t pid) override;

 private:
  // errors   Gone for a process that is not there (any more)
  Result<std::string> Read(std::int64_t pid, const char* file) const;

  std::string proc_;
};

}  // namespace reeve::kernel
