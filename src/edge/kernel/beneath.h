// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <climits>
#include <cstdint>
#include <string_view>

#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// "DIRECTORY/FILE" as system calls want it, without an allocation. An empty directory or file is
// left out; both empty give ".".
class RelativeName {
 public:
  explicit RelativeName(std::string_view directory, std::string_view file = {});

  // 0, ENAMETOOLONG when it is longer than the kernel takes, EINVAL when it holds a NUL.
  int error() const { return error_; }

  // Only meaningful when error() is 0.
  const char* c_str() const { return text_; }

 private:
  int error_ = 0;
  // Left as it is beyond the NUL: filling 4 KiB costs as much as opening the file.
  char text_[PATH_MAX];
};

// How names are kept beneath a directory.
enum class Confinement {
  // openat2; by component where that is missing or a filter forbids it (ENOSYS, EPERM).
  kKernel,
  // COMPAT(kernel 5.6): remove when openat2 can be taken for granted in every container.
  kByComponent,
};

// One directory, below which names are opened without leaving it: no "..", no symlinks, no magic
// links, no other mount on the way. Every descriptor is close-on-exec.
class Beneath {
 public:
  // `directory` is any descriptor of a directory, O_PATH included.
  Beneath(UniqueFd directory, Confinement confinement);

  // A descriptor, or -errno: EXDEV for another mount, an absolute name or "..", ELOOP for a
  // symlink, else what openat gives or the name's own error. "." is the directory itself.
  int Open(const RelativeName& name, int flags) const;

  int fd() const { return directory_.get(); }

  // Whether openat2 is in use.
  bool by_kernel() const { return by_kernel_; }

 private:
  struct Mount {
    dev_t device = 0;
    std::uint64_t id = 0;  // 0 where the kernel does not tell (before 5.8)
  };

  int OpenByComponent(const char* name, int flags) const;
  // 0 or -errno; EXDEV when the descriptor lies on another mount than the directory.
  int CheckMount(int fd) const;
  static int ReadMount(int fd, Mount* mount);

  UniqueFd directory_;
  bool by_kernel_ = false;
  Mount mount_;
};

}  // namespace reeve::kernel
