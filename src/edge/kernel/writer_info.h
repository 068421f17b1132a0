// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/model/writer.h"

namespace reeve::kernel {

// What a tty number of /proc/PID/stat is called below /dev: "pts/3", "tty1"; "" for others.
std::string TtyName(std::int64_t number);

// Learns from /proc who a process is, at once: it may be gone the next moment. Names of users come
// from the local user table only, because asking a directory service could hold the loop for
// seconds; who is not there stays a number.
class WriterInfo {
 public:
  explicit WriterInfo(std::string proc = "/proc", std::string user_table = "/etc/passwd")
      : proc_(std::move(proc)), user_table_(std::move(user_table)) {}

  // Never fails: what could not be learned is empty, and a process that is gone is said to be.
  std::shared_ptr<const Writer> Of(pid_t pid);

 private:
  std::string UserName(std::uint32_t uid);
  void ReadUsers();

  std::string proc_;
  std::string user_table_;
  std::map<std::uint32_t, std::string> users_;
  std::int64_t users_changed_ = -1;  // of the table when it was read, in nanoseconds
};

}  // namespace reeve::kernel
