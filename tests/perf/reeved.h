// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>

#include "floor.h"

namespace reeve::perf {

// Ends the benchmark with status 2: there is nothing to measure.
[[noreturn]] void Fail(const std::string& what);

// A process for as long as this lives.
class Running {
 public:
  explicit Running(const std::function<void()>& body);
  ~Running();

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// A number from /proc/PID/status; the process must be there.
long StatusOf(pid_t pid, const std::string& key);

// reeved as it ships, with directories of its own, on cgroups c000000, c000001, ...
class Reeved {
 public:
  static constexpr int kPort = 19797;  // of /metrics, on 127.0.0.1

  Reeved(std::string root, std::string program);
  ~Reeved();

  Reeved(const Reeved&) = delete;
  Reeved& operator=(const Reeved&) = delete;

  const std::string& root() const { return root_; }

  // One policy file with these cgroups, each with the same values, as people write them.
  void WritePolicy(const std::string& name,
                   std::size_t first,
                   std::size_t end,
                   const FileValues& values) const;

  // Becomes the program; for the body of a Running.
  void Exec() const;

  // Waits until the log says that all is as described. Fails after a minute.
  void AwaitDescribed() const;

  const std::string& work() const { return work_; }

 private:
  std::string root_;
  std::string program_;
  std::string work_;
};

}  // namespace reeve::perf
