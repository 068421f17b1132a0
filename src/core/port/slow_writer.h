// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/model/cgroup_path.h"

namespace reeve::port {

// Does writes for which the kernel may take its time (it reclaims, migrates pages, waits for a
// disk) while whoever asked goes on. One at a time, because they wait for the same locks anyway.
// Called from one thread.
class SlowWriter {
 public:
  struct Write {
    CgroupPath path;
    std::string file;
    std::string text;
  };

  virtual ~SlowWriter() = default;

  // Begins the write. Must not be called while in_flight() is not nullptr. An implementation may
  // wait a few milliseconds, because nearly every write ends at once.
  virtual void Start(Write write) = 0;

  // The write that was started and whose result nobody has taken yet; nullptr when there is none.
  virtual const Write* in_flight() const = 0;

  // What CgroupFs::WriteFile gives, once the kernel has come back; then nothing is in flight any
  // more. nullopt: not yet.
  virtual std::optional<Result<std::string>> Poll() = 0;

  // Asks the kernel to break the write off, where it can be asked: the result comes through Poll
  // all the same. Limits stay set, only the reclaim that follows them ends early.
  virtual void Interrupt() = 0;
};

}  // namespace reeve::port
