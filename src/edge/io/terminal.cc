// SPDX-License-Identifier: Apache-2.0
#include "edge/io/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/text.h"
#include "edge/io/unique_fd.h"

namespace reeve::io {

Result<> TellTerminal(std::string_view tty,
                      const std::set<std::uint32_t>& owners,
                      std::string_view text) {
  const std::string name = "/dev/" + std::string(tty);
  const auto refuse = [&name](ErrorKind kind, std::string why) {
    return Error{kind, 0, name, std::move(why)};
  };
  if (tty.empty() || tty.front() == '/' || tty.find("..") != std::string_view::npos) {
    return refuse(ErrorKind::kInvalid, "is no name of a terminal");
  }
  // Looked at before it is opened: opening a serial line can do something to it.
  const UniqueFd place(::open(name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!place.valid()) return ErrnoError(errno, name, "opening");
  struct stat found = {};
  if (::fstat(place.get(), &found) != 0) return ErrnoError(errno, name, "looking at");
  if (!S_ISCHR(found.st_mode)) return refuse(ErrorKind::kInvalid, "is no terminal");
  if (!owners.contains(found.st_uid)) {
    return refuse(ErrorKind::kDenied, "belongs to somebody else");
  }
  if ((found.st_mode & S_IWGRP) == 0) {
    return refuse(ErrorKind::kDenied, "takes no messages (`mesg n`)");
  }
  const UniqueFd terminal(
      ::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  if (!terminal.valid()) return ErrnoError(errno, name, "opening");
  struct stat opened = {};
  if (::fstat(terminal.get(), &opened) != 0 || opened.st_rdev != found.st_rdev ||
      opened.st_ino != found.st_ino || ::isatty(terminal.get()) == 0) {
    return refuse(ErrorKind::kInvalid, "is no terminal, or another one now");
  }
  std::string all = "\r\n";
  for (const std::string_view line : SplitLines(text)) {
    all += EscapeForTerminal(line);
    all += "\r\n";
  }
  const ssize_t written = ::write(terminal.get(), all.data(), all.size());
  if (written < 0 && errno == EAGAIN) return refuse(ErrorKind::kBusy, "takes nothing now");
  if (written < 0) return ErrnoError(errno, name, "writing");
  return {};
}

}  // namespace reeve::io
