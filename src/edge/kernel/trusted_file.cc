// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/trusted_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

constexpr const char* kVolumeLink = "..data";

// "" when nobody but root and we can change what it holds.
std::string WhyNotTrusted(const struct stat& found, bool sticky_is_fine) {
  if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
    return fmt::format("belongs to uid {}, not to root or to us", found.st_uid);
  }
  if (sticky_is_fine && S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) != 0) return "";
  const bool group = (found.st_mode & S_IWGRP) != 0;
  const bool others = (found.st_mode & S_IWOTH) != 0;
  if (!group && !others) return "";
  return fmt::format("mode {:04o}: {} may write to it",
                     found.st_mode & 07777U,
                     others ? "everybody" : "its group");
}

std::string PathOf(int fd) {
  const std::string path = io::PathOf(fd);
  return path.empty() ? "?" : path;
}

std::optional<std::string> ReadLink(int directory, const char* name) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlinkat(directory, name, target.data(), target.size());
  if (length < 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

TrustedFile Refused(std::string why) {
  TrustedFile file;
  file.refused = std::move(why);
  return file;
}

TrustedFile OpenFailed(int directory, const std::string& name, int errno_value) {
  if (errno_value == ENOENT) {
    TrustedFile file = Refused("gone");
    file.gone = true;
    return file;
  }
  if (errno_value == ELOOP) {
    const auto target = ReadLink(directory, name.c_str());
    TrustedFile file =
        Refused("a symlink: files are not followed elsewhere, only /dev/null is known");
    file.masking = target == "/dev/null";
    return file;
  }
  // Sockets and devices without a driver.
  if (errno_value == ENXIO || errno_value == ENODEV) return Refused("not a regular file");
  return Refused(ErrnoError(errno_value, "", "opening").message);
}

}  // namespace

Result<> CheckTrusted(int directory, const std::string& path, Ownership ownership) {
  if (ownership == Ownership::kAny) return {};
  UniqueFd above;
  int at = directory;
  struct stat below = {};
  for (bool first = true;; first = false) {
    struct stat found = {};
    if (::fstat(at, &found) != 0) return ErrnoError(errno, path, "looking at");
    // '/' is its own parent.
    if (!first && found.st_dev == below.st_dev && found.st_ino == below.st_ino) return {};
    if (const std::string why = WhyNotTrusted(found, !first); !why.empty()) {
      const std::string where = first ? "" : fmt::format("{} above it ", PathOf(at));
      return Error{ErrorKind::kDenied, 0, path, fmt::format("{}{}", where, why)};
    }
    below = found;
    UniqueFd next(::openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!next.valid()) return ErrnoError(errno, path, "looking above");
    above = std::move(next);
    at = above.get();
  }
}

Result<UniqueFd> OpenTrustedDirectory(const std::string& path, Ownership ownership) {
  REEVE_TRY(UniqueFd directory, io::OpenDirectory(path));
  REEVE_TRY_VOID(CheckTrusted(directory.get(), path, ownership));
  return directory;
}

std::string ReadVolumeTarget(int directory) {
  return ReadLink(directory, kVolumeLink).value_or("");
}

Result<VolumeData> OpenVolumeData(int directory) {
  // A swap removes the old directory at once: by the time it is followed, a link may lead nowhere.
  for (int attempt = 0; attempt < 100; ++attempt) {
    VolumeData data;
    data.target = ReadVolumeTarget(directory);
    if (data.target.empty()) return data;
    if (data.target.find('/') != std::string::npos) {
      return Error{
          ErrorKind::kConflict,
          0,
          kVolumeLink,
          fmt::format("leads to {}, out of its directory", EscapeForTerminal(data.target))};
    }
    data.directory.reset(
        ::openat(directory, data.target.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (data.directory.valid()) return data;
    if (errno != ENOENT) return ErrnoError(errno, kVolumeLink, "opening");
  }
  return Error{ErrorKind::kConflict, ENOENT, kVolumeLink, "leads nowhere"};
}

TrustedFile ReadTrustedFile(int directory,
                            const std::string& name,
                            std::size_t limit,
                            Ownership ownership) {
  const UniqueFd fd(
      ::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return OpenFailed(directory, name, errno);
  struct stat found = {};
  if (::fstat(fd.get(), &found) != 0) return Refused(ErrnoError(errno, "", "looking").message);
  if (S_ISDIR(found.st_mode)) return Refused("a directory, not a file");
  if (!S_ISREG(found.st_mode)) return Refused("not a regular file");
  if (ownership == Ownership::kTrusted) {
    if (std::string why = WhyNotTrusted(found, false); !why.empty()) return Refused(std::move(why));
  }
  auto text = io::ReadWhole(fd.get(), limit, name);
  if (!text.has_value()) return Refused(text.error().message);
  TrustedFile file;
  file.text = *std::move(text);
  return file;
}

Result<std::vector<std::string>> ListNames(int directory, const std::string& path) {
  // A descriptor of its own: the position of a listing belongs to whoever reads it.
  UniqueFd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own.valid()) return ErrnoError(errno, path, "listing");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (stream == nullptr) return ErrnoError(errno, path, "listing");
  own.release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) {
      if (errno != 0) return ErrnoError(errno, path, "listing");
      break;
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace reeve::kernel
