// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/root_lock.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "edge/kernel/lock_holder.h"

namespace reeve::kernel {
namespace {

std::string Pid(const std::string& path, LockKind kind) {
  const auto holder = LockHolder(path, kind);
  return holder ? fmt::format(" (pid {})", *holder) : "";
}

Error Conflict(const std::string& path, std::string message) {
  return Error{ErrorKind::kConflict, EWOULDBLOCK, path, std::move(message)};
}

// Why nobody else may lock the root now. A shared lock can be had beside those of roots further down.
Error WhyNot(int root, const std::string& path) {
  const std::string inside = Pid(path, LockKind::kShared);  // before it is ourselves
  if (::flock(root, LOCK_SH | LOCK_NB) == 0) {
    return Conflict(path,
                    fmt::format("another reeve{} governs a tree inside this managed root", inside));
  }
  return Conflict(path,
                  fmt::format("another reeve holds the lock of this managed root{}",
                              Pid(path, LockKind::kExclusive)));
}

bool IsWritableCgroup(int directory) {
  struct statfs fs = {};
  return ::fstatfs(directory, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC &&
         ::faccessat(directory, "cgroup.procs", W_OK, AT_EACCESS) == 0;
}

}  // namespace

Result<RootLock> RootLock::Take(UniqueFd root, const std::string& path, Nesting nesting) {
  if (::flock(root.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return WhyNot(root.get(), path);
    return ErrnoError(errno, path, "flock");
  }
  RootLock lock;
  lock.held_.push_back(std::move(root));
  if (nesting == Nesting::kRefused) {
    REEVE_TRY_VOID(lock.TakeAround(path));
  }
  return lock;
}

Result<> RootLock::TakeAround(std::string path) {
  while (path != "/") {
    path = std::filesystem::path(path).parent_path();
    UniqueFd above(::openat(held_.back().get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above.valid()) {
      // What can not even be read is nothing that this process could govern.
      if (errno == EACCES || errno == ENOENT) return {};
      return ErrnoError(errno, path, "opening for the lock");
    }
    if (!IsWritableCgroup(above.get())) return {};
    if (::flock(above.get(), LOCK_SH | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return ErrnoError(errno, path, "flock");
      return Conflict(
          path,
          fmt::format("another reeve{} governs this tree, which the managed root lies in",
                      Pid(path, LockKind::kExclusive)));
    }
    held_.push_back(std::move(above));
  }
  return {};
}

}  // namespace reeve::kernel
