// SPDX-License-Identifier: Apache-2.0
#include "edge/io/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include <fmt/format.h>

namespace reeve::io {
namespace {

Result<> WriteAll(int fd, std::string_view text, const std::string& subject) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(errno, subject, "writing");
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

// The file under its temporary name, complete and on disk.
Result<> WriteTemporary(int directory,
                        const std::string& name,
                        std::string_view text,
                        mode_t mode,
                        const std::string& subject) {
  const UniqueFd fd(::openat(
      directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd.valid()) return ErrnoError(errno, subject, "making a temporary file");
  // The umask is the caller's business only until here: the mode is part of the promise.
  if (::fchmod(fd.get(), mode) != 0) return ErrnoError(errno, subject, "chmod");
  REEVE_TRY_VOID(WriteAll(fd.get(), text, subject));
  if (::fsync(fd.get()) != 0) return ErrnoError(errno, subject, "fsync");
  return {};
}

}  // namespace

Result<std::string> ReadWhole(int fd, std::size_t limit, const std::string& subject) {
  std::string text;
  std::array<char, 16 << 10> buffer;
  while (true) {
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(errno, subject, "reading");
    }
    if (size == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > limit) {
      return Error{ErrorKind::kOutOfRange, 0, subject, fmt::format("larger than {} bytes", limit)};
    }
  }
}

Result<std::string> ReadWholeFile(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, path, "opening");
  struct stat found = {};
  if (::fstat(fd.get(), &found) != 0) return ErrnoError(errno, path, "looking at");
  if (!S_ISREG(found.st_mode)) return Error{ErrorKind::kInvalid, 0, path, "not a regular file"};
  return ReadWhole(fd.get(), limit, path);
}

Result<UniqueFd> OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, path, "opening the directory");
  return fd;
}

Result<> WriteFileAtomically(int directory,
                             const std::string& name,
                             std::string_view text,
                             mode_t mode) {
  const std::string temporary = fmt::format(".{}.{}.new", name, ::getpid());
  // What a killed predecessor with our pid left behind is nobody's.
  ::unlinkat(directory, temporary.c_str(), 0);
  if (auto written = WriteTemporary(directory, temporary, text, mode, name); !written.has_value()) {
    ::unlinkat(directory, temporary.c_str(), 0);
    return written;
  }
  if (::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0) {
    Error error = ErrnoError(errno, name, "rename");
    ::unlinkat(directory, temporary.c_str(), 0);
    return error;
  }
  if (::fsync(directory) != 0) return ErrnoError(errno, name, "fsync of its directory");
  return {};
}

std::string TargetOf(const std::string& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length <= 0 ? "" : std::string(target.data(), static_cast<std::size_t>(length));
}

std::string PathOf(int fd) {
  return TargetOf(fmt::format("/proc/self/fd/{}", fd));
}

bool IsTemporary(std::string_view name) {
  return name.starts_with('.') && name.ends_with(".new");
}

Result<UniqueFd> MakeDirectory(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST)
      return ErrnoError(errno, part, "mkdir");
    if (end == std::string::npos) break;
  }
  return OpenDirectory(path);
}

}  // namespace reeve::io
