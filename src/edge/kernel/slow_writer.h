// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/port/slow_writer.h"
#include "edge/kernel/cgroup_fs_kernel.h"

namespace reeve::kernel {

// One worker thread for writes that may block. It starts with the first of them, has descriptors of
// its own, and takes no signal of the process. A write that hangs keeps neither the caller nor the
// end of the process waiting: the thread is then left to the kernel, which ends it with us.
class SlowWriterThread final : public port::SlowWriter {
 public:
  // Writes below the same root as `fs`, which may go before it.
  //   errors   by errno: no descriptor is left
  static Result<std::unique_ptr<SlowWriterThread>> Make(const CgroupFsKernel& fs);

  // Writes by `doer`, which the worker calls and which may outlive this object if it hangs.
  using Doer = std::function<Result<std::string>(const Write& write)>;
  static Result<std::unique_ptr<SlowWriterThread>> Make(Doer doer);

  // Asks a running write to end, waits for it a second at most.
  ~SlowWriterThread() override;

  // For a loop: becomes readable when a write has ended. Heard() makes it silent until the next one;
  // so does a Poll that gives a result.
  int fd() const;
  void Heard();

  // Waits 2 ms at most, so that what ends at once needs no turn of the loop.
  void Start(Write write) override;
  const Write* in_flight() const override;
  std::optional<Result<std::string>> Poll() override;
  void Interrupt() override;

 private:
  struct Shared;

  explicit SlowWriterThread(std::shared_ptr<Shared> shared);

  static void Work(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
  std::optional<std::thread> worker_;
  std::optional<Write> in_flight_;
};

}  // namespace reeve::kernel
