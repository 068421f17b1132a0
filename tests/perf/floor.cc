// SPDX-License-Identifier: Apache-2.0
#include "floor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace reeve::perf {
namespace {

[[noreturn]] void Die(const char* what, const char* path) {
  std::fprintf(stderr, "%s %s: %s\n", what, path, std::strerror(errno));
  std::abort();
}

}  // namespace

std::string NameOf(std::size_t cgroup) {
  char name[16];
  std::snprintf(name, sizeof name, "c%06zu", cgroup);
  return name;
}

void FloorBuild(int root, std::size_t cgroups, const FileValues& files) {
  char path[300];
  for (std::size_t i = 0; i < cgroups; ++i) {
    std::snprintf(path, sizeof path, "c%06zu", i);
    if (::mkdirat(root, path, 0755) != 0) Die("mkdir", path);
  }
  for (std::size_t i = 0; i < cgroups; ++i) {
    for (const auto& [file, value] : files) {
      std::snprintf(path, sizeof path, "c%06zu/%s", i, file.c_str());
      const int fd = ::openat(root, path, O_WRONLY | O_CLOEXEC);
      if (fd < 0) Die("open", path);
      if (::write(fd, value.data(), value.size()) < 0) Die("write", path);
      ::close(fd);
    }
  }
}

void FloorRead(int root, std::size_t cgroups, const FileValues& files) {
  char path[300];
  char text[4096];
  for (std::size_t i = 0; i < cgroups; ++i) {
    for (const auto& [file, value] : files) {
      std::snprintf(path, sizeof path, "c%06zu/%s", i, file.c_str());
      const int fd = ::openat(root, path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) Die("open", path);
      const ssize_t got = ::read(fd, text, sizeof text);
      ::close(fd);
      if (got < static_cast<ssize_t>(value.size()) ||
          std::memcmp(text, value.data(), value.size()) != 0)
        Die("another value in", path);
    }
  }
}

void FloorDestroy(int root, std::size_t cgroups) {
  for (std::size_t i = 0; i < cgroups; ++i) {
    if (::unlinkat(root, NameOf(i).c_str(), AT_REMOVEDIR) != 0) Die("rmdir", NameOf(i).c_str());
  }
}

}  // namespace reeve::perf
