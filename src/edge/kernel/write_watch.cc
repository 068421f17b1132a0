// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/write_watch.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

// Every event comes with an open descriptor, and many daemons run with 1024 at most.
constexpr std::size_t kEventsARead = 64;
// Whoever writes faster than we read must not hold the loop for ever.
constexpr int kReadsACall = 1024;

// 0 where the kernel does not tell.
std::uint64_t MountOf(int fd) {
  struct statx found = {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) != 0) return 0;
  return (found.stx_mask & STATX_MNT_ID) == 0 ? 0 : found.stx_mnt_id;
}

// The same file as seen through the mount of `directory`; invalid when that can not be had.
UniqueFd ThroughMountOf(int directory, int fd) {
  alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> bytes = {};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  if (::name_to_handle_at(fd, "", handle, &mount, AT_EMPTY_PATH) != 0) return {};
  return UniqueFd(::open_by_handle_at(directory, handle, O_PATH | O_CLOEXEC));
}

// The file could not be opened any more, or not by us: nothing of ours is lost with it.
bool IsOneEventOnly(int error) {
  return error == ENODEV || error == ENOENT || error == EACCES || error == EPERM ||
         error == ENXIO || error == ESTALE || error == EOPNOTSUPP;
}

bool IsOutOfMeans(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM;
}

}  // namespace

WriteWatch::WriteWatch(std::string root, UniqueFd fd, UniqueFd directory)
    : root_(std::move(root)), fd_(std::move(fd)), directory_(std::move(directory)) {
  mount_ = MountOf(directory_.get());
}

Result<WriteWatch> WriteWatch::Make(std::string root) {
  UniqueFd fd(::fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
                              O_RDONLY | O_CLOEXEC | O_LARGEFILE));
  if (!fd.valid()) return ErrnoError(errno, "fanotify", "making an instance");
  UniqueFd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return ErrnoError(errno, root, "opening");
  if (::fanotify_mark(
          fd.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_MODIFY, directory.get(), nullptr) !=
      0) {
    return ErrnoError(errno, root, "watching its file system");
  }
  return WriteWatch(std::move(root), std::move(fd), std::move(directory));
}

bool WriteWatch::IsBelowRoot(const std::string& path) const {
  return path.size() > root_.size() + 1 && path.starts_with(root_) && path[root_.size()] == '/';
}

bool WriteWatch::Matters(const std::string& path) const {
  return IsBelowRoot(path) || (!also_.empty() && also_.contains(path.substr(0, path.rfind('/'))));
}

std::string WriteWatch::PathOf(int fd, bool* lost) const {
  // A path of another mount that only looks like ours makes us look once in vain.
  std::string path = io::PathOf(fd);
  if (Matters(path)) return path;
  if (mount_ != 0 && MountOf(fd) == mount_) return "";
  const UniqueFd here = ThroughMountOf(directory_.get(), fd);
  if (!here.valid()) {
    *lost = true;
    return "";
  }
  path = io::PathOf(here.get());
  return Matters(path) ? path : "";
}

Result<WriteWatch::Heard> WriteWatch::Read() {
  Heard heard;
  const pid_t own = ::getpid();
  std::set<std::tuple<std::string, pid_t>> known;
  std::map<pid_t, std::shared_ptr<const Writer>> writers;
  alignas(fanotify_event_metadata) std::array<char, kEventsARead * sizeof(fanotify_event_metadata)>
      buffer;
  for (int reads = 0; reads < kReadsACall; ++reads) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0) {
      if (errno == EAGAIN) return heard;
      if (IsOutOfMeans(errno)) heard.overflow = true;
      if (errno == EINTR || IsOneEventOnly(errno) || IsOutOfMeans(errno)) continue;
      const int error = errno;
      if (error == EBADF) (void)fd_.release();  // as in inotify.cc
      return ErrnoError(error, "fanotify", "reading events");
    }
    std::size_t at = 0;
    while (at + sizeof(fanotify_event_metadata) <= static_cast<std::size_t>(got)) {
      fanotify_event_metadata event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += event.event_len;
      if ((event.mask & FAN_Q_OVERFLOW) != 0) heard.overflow = true;
      const UniqueFd file(event.fd);
      if (!file.valid() || event.pid == own) continue;
      const std::string whole = PathOf(file.get(), &heard.overflow);
      if (whole.empty() || !known.emplace(whole, event.pid).second) continue;
      const bool ours = IsBelowRoot(whole);
      const std::string name = ours ? whole.substr(root_.size() + 1) : whole;
      const std::size_t slash = name.rfind('/');
      auto path = slash == std::string::npos || !ours ? Result<CgroupPath>(CgroupPath())
                                                      : CgroupPath::Parse(name.substr(0, slash));
      if (!path.has_value()) continue;
      // At once: a shell's `echo` is gone within a millisecond.
      std::shared_ptr<const Writer>& writer = writers[event.pid];
      if (writer == nullptr) writer = writers_.Of(event.pid);
      Touch touch = {
          *std::move(path), name.substr(slash == std::string::npos ? 0 : slash + 1), writer, {}};
      if (ours) {
        heard.touches.push_back(std::move(touch));
      } else {
        heard.elsewhere.emplace_back(name.substr(0, slash), std::move(touch));
      }
    }
  }
  return heard;
}

}  // namespace reeve::kernel
