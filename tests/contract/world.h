// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/port/cgroup_fs.h"

namespace reeve::contract {

// Where a case runs: a cgroup of its own, empty at first, on the fake or on a real kernel, and what
// a case needs besides the port. Errno results are 0 or positive.
class World {
 public:
  virtual ~World() = default;

  virtual port::CgroupFs& fs() = 0;

  // 601 for 6.1.
  virtual int version() const = 0;

  // A controller's name, or: psi, swap, device, cpus (two of them), top (the root of the hierarchy
  // is in sight), kthread. Returns why it is not there, "" when it is.
  virtual std::string WhyNot(std::string_view need) = 0;

  // Number of a whole disk, "254:0".
  virtual std::string Device() = 0;

  // Reads a file of the root of the hierarchy.
  virtual Result<std::string> ReadTop(std::string_view file) = 0;

  // One more user.* xattr on a cgroup's directory.
  virtual int SetUserXattr(const CgroupPath& path, const std::string& name) = 0;

  // A process somewhere outside of the case's cgroup.
  virtual std::int64_t Start() = 0;
  virtual std::int64_t KernelThread() = 0;
  virtual int Fork(std::int64_t parent, std::int64_t* child) = 0;
  virtual int StartThread(std::int64_t pid, std::int64_t* tid) = 0;
  virtual void Exit(std::int64_t pid) = 0;
  virtual void BecomeZombie(std::int64_t pid) = 0;
  virtual void Kill(std::int64_t pid) = 0;

  // Makes a process touch so much memory; false when it did not live to tell.
  virtual bool Allocate(std::int64_t pid, int mebibytes) = 0;

  // Whether it is alive, after giving what was done to it a moment to show.
  virtual bool Alive(std::int64_t pid) = 0;

  // Whether it is dead within some seconds.
  virtual bool Dies(std::int64_t pid) = 0;

  // Called between two looks at something that may take a moment. False: waited long enough.
  virtual bool Wait(int looks) = 0;
};

}  // namespace reeve::contract
