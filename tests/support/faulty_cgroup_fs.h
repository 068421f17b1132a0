// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/cgroup_fs.h"

namespace reeve::support {

// Any CgroupFs in a faulty world: counts the calls and fails the n-th, once or from there on. The
// sweep: run once to learn calls(), then once for every call and errno.
class FaultyCgroupFs final : public port::CgroupFs {
 public:
  // Which are counted: all, those that change the kernel, or those that need a descriptor to look.
  enum class Calls { kAll, kChanges, kLooks };

  explicit FaultyCgroupFs(port::CgroupFs& world, Calls counted = Calls::kAll)
      : world_(world), counted_(counted) {}

  // Call number `n` (from 0) returns this errno and does not reach the world.
  void FailOnce(std::size_t n, int errno_value) { Arm(n, errno_value, n); }

  // So do all calls from `n` on.
  void FailFrom(std::size_t n, int errno_value) {
    Arm(n, errno_value, static_cast<std::size_t>(-1));
  }

  // The change of call `n` is made, but the caller is told that it failed: an interrupted answer.
  void FailAfter(std::size_t n, int errno_value);

  // The world moves just before call `n`: processes die, somebody else writes.
  void Before(std::size_t n, std::function<void()> happens) { happens_[n] = std::move(happens); }

  // No more faults; counting goes on.
  void Heal() { fault_.reset(); }

  // Counts from 0 again.
  void Restart() { calls_ = 0; }

  std::size_t calls() const { return calls_; }

  // "verb path file" of the call a fault hit; "" when none was reached.
  const std::string& hit() const { return hit_; }

  Result<port::CgroupStat> Stat(const CgroupPath& path) override;
  Result<std::vector<std::string>> ListChildren(const CgroupPath& path) override;
  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override;
  Result<std::string> WriteFile(const CgroupPath& path,
                                std::string_view file,
                                std::string_view text) override;
  Result<CgroupId> Create(const CgroupPath& path) override;
  Result<> Remove(const CgroupPath& path) override;
  Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath& path) override;
  Result<> AddProcess(const CgroupPath& path, std::int64_t pid) override;
  Result<std::optional<std::string>> ReadMark(const CgroupPath& path) override;
  Result<> WriteMark(const CgroupPath& path, std::string_view text) override;

 private:
  struct Fault {
    std::size_t first = 0, last = 0;
    int errno_value = 0;
    bool after = false;
  };

  void Arm(std::size_t first, int errno_value, std::size_t last) {
    fault_ = Fault{first, last, errno_value, false};
  }

  enum class Verb { kStat, kLook, kChange };

  bool Counts(Verb verb) const;

  template <typename Call>
  auto Through(
      Verb kind, const char* verb, const CgroupPath& path, std::string_view file, Call call)
      -> decltype(call());

  port::CgroupFs& world_;
  Calls counted_;
  std::optional<Fault> fault_;
  std::map<std::size_t, std::function<void()>> happens_;
  std::size_t calls_ = 0;
  std::string hit_;
};

}  // namespace reeve::support
