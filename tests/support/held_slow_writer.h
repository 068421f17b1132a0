// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/port/cgroup_fs.h"
#include "core/port/slow_writer.h"

namespace reeve::support {

// A slow writer over any CgroupFs. The kernel sets a value at once and comes back later, so the write
// reaches the world in Start; its result is there at once, or, while it holds, when it is let go.
class HeldSlowWriter final : public port::SlowWriter {
 public:
  explicit HeldSlowWriter(port::CgroupFs& world) : world_(world) {}

  // From now on results wait for LetGo.
  void Hold() { holds_ = true; }

  // What is in flight, and what comes, comes back.
  void LetGo() { holds_ = false; }

  // Whether an Interrupt lets go of the write in flight, as the kernel's reclaim loops do.
  void set_interruptible(bool interruptible) { interruptible_ = interruptible; }

  void Start(Write write) override {
    REEVE_CHECK(!in_flight_);
    writes_.push_back(write.path.text() + " " + write.file + " " + write.text);
    result_.emplace(world_.WriteFile(write.path, write.file, write.text));
    in_flight_ = std::move(write);
    broken_off_ = false;
  }

  const Write* in_flight() const override { return in_flight_ ? &*in_flight_ : nullptr; }

  std::optional<Result<std::string>> Poll() override {
    if (!in_flight_ || (holds_ && !broken_off_)) return std::nullopt;
    in_flight_.reset();
    return std::exchange(result_, std::nullopt);
  }

  void Interrupt() override {
    ++interrupts_;
    broken_off_ = interruptible_;
  }

  // "web memory.max 4096", oldest first.
  const std::vector<std::string>& writes() const { return writes_; }

  int interrupts() const { return interrupts_; }

 private:
  port::CgroupFs& world_;
  bool holds_ = false;
  bool interruptible_ = true;
  bool broken_off_ = false;
  int interrupts_ = 0;
  std::optional<Write> in_flight_;
  std::optional<Result<std::string>> result_;
  std::vector<std::string> writes_;
};

}  // namespace reeve::support
