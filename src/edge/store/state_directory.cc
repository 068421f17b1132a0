// SPDX-License-Identifier: Apache-2.0
#include "edge/store/state_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include "edge/io/files.h"

namespace reeve::store {
namespace {

// "" when only root and we can change it.
std::string WhyNotOurs(const struct stat& found) {
  if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
    return fmt::format("belongs to uid {}, not to root or to us", found.st_uid);
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fmt::format("mode {:04o}: others may write to it", found.st_mode & 07777U);
  }
  return "";
}

}  // namespace

Result<StateDirectory> StateDirectory::Open(const std::string& path) {
  REEVE_TRY(UniqueFd directory, io::MakeDirectory(path, 0700));
  struct stat found = {};
  if (::fstat(directory.get(), &found) != 0) return ErrnoError(errno, path, "looking at");
  if (std::string why = WhyNotOurs(found); !why.empty()) {
    return Error{ErrorKind::kDenied, 0, path, std::move(why)};
  }
  return StateDirectory(path, std::move(directory));
}

Result<> StateDirectory::Lock() {
  if (::flock(directory_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoError(errno, path_, "flock");
    return Error{ErrorKind::kConflict, 0, path_, "another reeved keeps its generations here"};
  }
  REEVE_TRY(const std::vector<std::string> names, List());
  for (const std::string& name : names) {
    if (io::IsTemporary(name)) (void)Remove(name);
  }
  return {};
}

Result<> StateDirectory::Write(const std::string& name, std::string_view text) {
  return io::WriteFileAtomically(directory_.get(), name, text, 0600);
}

Result<std::string> StateDirectory::Read(const std::string& name, std::size_t limit) {
  const UniqueFd fd(::openat(
      directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, name, "opening");
  struct stat found = {};
  if (::fstat(fd.get(), &found) != 0) return ErrnoError(errno, name, "looking at");
  if (!S_ISREG(found.st_mode)) {
    return Error{ErrorKind::kInvalid, 0, name, "damaged: not a regular file"};
  }
  if (std::string why = WhyNotOurs(found); !why.empty()) {
    return Error{ErrorKind::kDenied, 0, name, std::move(why)};
  }
  return io::ReadWhole(fd.get(), limit, name);
}

Result<> StateDirectory::Rename(const std::string& from, const std::string& to) {
  if (::renameat(directory_.get(), from.c_str(), directory_.get(), to.c_str()) != 0) {
    return ErrnoError(errno, from, "renaming");
  }
  return {};
}

Result<> StateDirectory::Remove(const std::string& name) {
  if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return ErrnoError(errno, name, "removing");
  }
  return {};
}

Result<std::vector<std::string>> StateDirectory::List() {
  const int copy = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return ErrnoError(errno, "", "opening the state directory");
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(copy), ::closedir);
  if (!listing) return ErrnoError(errno, "", "listing the state directory");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace reeve::store
