// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace reeve::kernel {

Result<Inotify> Inotify::Make() {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid() && errno == EMFILE) {
    return Error{ErrorKind::kBusy,
                 EMFILE,
                 "inotify",
                 "all inotify instances of this user are in use (EMFILE); raise "
                 "fs.inotify.max_user_instances"};
  }
  if (!fd.valid()) return ErrnoError(errno, "inotify", "making an instance");
  return Inotify(std::move(fd));
}

Result<int> Inotify::Watch(const std::string& path, std::uint32_t mask) {
  const int watch = ::inotify_add_watch(fd_.get(), path.c_str(), mask);
  if (watch >= 0) return watch;
  if (errno == ENOSPC) {
    return Error{
        ErrorKind::kBusy,
        ENOSPC,
        path,
        "all inotify watches of this user are in use (ENOSPC); raise fs.inotify.max_user_watches"};
  }
  return ErrnoError(errno, path, "watching");
}

void Inotify::Unwatch(int watch) {
  (void)::inotify_rm_watch(fd_.get(), watch);
}

Result<std::vector<Inotify::Event>> Inotify::Read() {
  std::vector<Event> events;
  alignas(inotify_event) std::array<char, 64U << 10> buffer;
  while (true) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return events;
    if (got < 0) {
      const int error = errno;
      // Closed by somebody: the number may be another's by now, which must not be closed with us.
      if (error == EBADF) (void)fd_.release();
      return ErrnoError(error, "inotify", "reading events");
    }
    if (got == 0) return events;
    std::size_t at = 0;
    while (at + sizeof(inotify_event) <= static_cast<std::size_t>(got)) {
      inotify_event head;
      std::memcpy(&head, buffer.data() + at, sizeof head);
      const char* name = buffer.data() + at + sizeof head;
      // The name is padded with NULs up to `len`.
      events.push_back({head.wd, head.mask, std::string(name, ::strnlen(name, head.len))});
      at += sizeof head + head.len;
    }
  }
}

}  // namespace reeve::kernel
