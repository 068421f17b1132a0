// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace reeve::kernel {
namespace {

int OpenAt2(int directory, const char* name, int flags) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const long fd = ::syscall(SYS_openat2, directory, name, &how, sizeof how);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

int OpenAt(int directory, const char* name, int flags) {
  const int fd = ::openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW);
  return fd < 0 ? -errno : fd;
}

}  // namespace

RelativeName::RelativeName(std::string_view directory, std::string_view file) {
  const std::size_t slash = !directory.empty() && !file.empty() ? 1 : 0;
  const std::size_t size = directory.size() + slash + file.size();
  if (size >= sizeof text_) {
    error_ = ENAMETOOLONG;
    return;
  }
  if (directory.find('\0') != std::string_view::npos || file.find('\0') != std::string_view::npos) {
    error_ = EINVAL;
    return;
  }
  char* end = text_;
  end = std::copy(directory.begin(), directory.end(), end);
  if (slash != 0) *end++ = '/';
  end = std::copy(file.begin(), file.end(), end);
  if (size == 0) *end++ = '.';
  *end = '\0';
}

Beneath::Beneath(UniqueFd directory, Confinement confinement) : directory_(std::move(directory)) {
  if (confinement == Confinement::kKernel) {
    const UniqueFd probe(OpenAt2(directory_.get(), ".", O_PATH | O_DIRECTORY));
    by_kernel_ = probe.valid();
  }
  if (!by_kernel_) ReadMount(directory_.get(), &mount_);
}

int Beneath::Open(const RelativeName& name, int flags) const {
  if (name.error() != 0) return -name.error();
  return by_kernel_ ? OpenAt2(directory_.get(), name.c_str(), flags)
                    : OpenByComponent(name.c_str(), flags);
}

int Beneath::OpenByComponent(const char* name, int flags) const {
  std::string_view rest = name;
  if (rest.starts_with('/')) return -EXDEV;
  UniqueFd step;  // invalid: still at the directory itself
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string part(rest.substr(0, slash));
    if (part == "..") return -EXDEV;
    const bool last = slash == std::string_view::npos;
    const int at = step.valid() ? step.get() : directory_.get();
    UniqueFd next(OpenAt(at, part.c_str(), last ? flags : O_PATH | O_DIRECTORY));
    if (!next.valid()) {
      // O_DIRECTORY|O_NOFOLLOW says ENOTDIR for a symlink where openat2 says ELOOP.
      struct stat found = {};
      const int error = next.get();
      const bool link = error == -ENOTDIR &&
                        ::fstatat(at, part.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
                        S_ISLNK(found.st_mode);
      return link ? -ELOOP : error;
    }
    if (const int error = CheckMount(next.get()); error != 0) return error;
    if (last) {
      // O_PATH|O_NOFOLLOW opens a symlink itself instead of refusing it.
      struct stat found = {};
      if ((flags & O_PATH) != 0 && ::fstat(next.get(), &found) == 0 && S_ISLNK(found.st_mode)) {
        return -ELOOP;
      }
      return next.release();
    }
    step = std::move(next);
    rest.remove_prefix(slash + 1);
  }
}

int Beneath::CheckMount(int fd) const {
  Mount mount;
  if (const int error = ReadMount(fd, &mount); error != 0) return error;
  return mount.device == mount_.device && mount.id == mount_.id ? 0 : -EXDEV;
}

int Beneath::ReadMount(int fd, Mount* mount) {
  struct statx found = {};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO | STATX_MNT_ID, &found) == 0) {
    mount->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    mount->id = (found.stx_mask & STATX_MNT_ID) != 0 ? found.stx_mnt_id : 0;
    return 0;
  }
  // A filter that forbids openat2 may forbid statx as well: the device is still told.
  struct stat plain = {};
  if (::fstat(fd, &plain) != 0) return -errno;
  mount->device = plain.st_dev;
  return 0;
}

}  // namespace reeve::kernel
