// SPDX-License-Identifier: Apache-2.0
// To be preloaded: while the file $REEVE_FAILING_READS is there, read(2) fails on every descriptor
// that /proc names by a word of that file ("fanotify", "inotify"); with EIO; or with EBADF,
// and the descriptor is closed, when the first word is "close".
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// The file's text; false when there is none.
bool Wanted(char* text, std::size_t size) {
  const char* name = std::getenv("REEVE_FAILING_READS");
  const int fd = name == nullptr ? -1 : ::open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const long got = ::syscall(SYS_read, fd, text, size - 1);
  ::close(fd);
  text[got > 0 ? got : 0] = '\0';
  return got > 0;
}

// "anon_inode:inotify", "anon_inode:[fanotify]" are named by their last word.
bool IsNamed(int fd, const char* text) {
  char link[64];
  char target[64] = {};
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (::readlink(link, target, sizeof target - 1) <= 0) return false;
  const char* kind = std::strstr(target, "fanotify") != nullptr   ? "fanotify"
                     : std::strstr(target, ":inotify") != nullptr ? " inotify"
                                                                  : nullptr;
  return kind != nullptr && std::strstr(text, kind) != nullptr;
}

}  // namespace

extern "C" ssize_t read(int fd, void* buffer, std::size_t size) {
  char text[64];
  if (Wanted(text, sizeof text) && IsNamed(fd, text)) {
    const bool close = std::strncmp(text, "close", 5) == 0;
    if (close) ::close(fd);
    errno = close ? EBADF : EIO;
    return -1;
  }
  return ::syscall(SYS_read, fd, buffer, size);
}
