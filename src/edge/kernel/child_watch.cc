// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/child_watch.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace reeve::kernel {
namespace {

constexpr std::uint64_t kMask = FAN_CREATE | FAN_DELETE | FAN_ONDIR;
constexpr int kReadsACall = 256;

struct Entry {
  CgroupId parent = 0;
  std::string name;
};

// The directory's file id, which on cgroup2 is the cgroup's id, and the entry's name.
std::optional<Entry> EntryOf(const char* event, std::size_t size) {
  std::size_t at = sizeof(fanotify_event_metadata);
  while (at + sizeof(fanotify_event_info_fid) <= size) {
    fanotify_event_info_header head;
    std::memcpy(&head, event + at, sizeof head);
    if (head.len < sizeof(fanotify_event_info_fid) || at + head.len > size) return std::nullopt;
    if (head.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME) {
      const char* handle = event + at + offsetof(fanotify_event_info_fid, handle);
      file_handle fixed;
      std::memcpy(&fixed, handle, sizeof fixed);
      Entry entry;
      const std::size_t name_at =
          offsetof(fanotify_event_info_fid, handle) + sizeof fixed + fixed.handle_bytes;
      if (fixed.handle_bytes < sizeof entry.parent || name_at >= head.len) return std::nullopt;
      std::memcpy(&entry.parent, handle + sizeof fixed, sizeof entry.parent);
      const char* name = event + at + name_at;
      entry.name.assign(name, ::strnlen(name, head.len - name_at));
      return entry;
    }
    at += head.len;
  }
  return std::nullopt;
}

}  // namespace

std::string ChildWatch::Absolute(const CgroupPath& path) const {
  return path.is_root() ? root_ : root_ + "/" + path.text();
}

Result<ChildWatch> ChildWatch::Make(std::string root) {
  UniqueFd fd(::fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME,
                              O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(errno, "fanotify", "making an instance");
  ChildWatch watch(std::move(root), std::move(fd));
  REEVE_TRY_VOID(watch.Add(CgroupPath()));
  return watch;
}

Result<> ChildWatch::Add(const CgroupPath& path) {
  if (marked_.contains(path)) return {};
  const std::string name = Absolute(path);
  const UniqueFd directory(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found = {};
  if (!directory.valid() || ::fstat(directory.get(), &found) != 0) {
    if (errno == ENOENT || errno == ENODEV) return {};  // its parent's mark tells when it comes
    return ErrnoError(errno, name, "opening");
  }
  if (::fanotify_mark(fd_.get(), FAN_MARK_ADD, kMask, directory.get(), nullptr) != 0) {
    if (errno == ENOENT) return {};
    if (errno == ENOSPC) {
      return Error{ErrorKind::kBusy,
                   ENOSPC,
                   name,
                   "all fanotify marks of this user are in use (ENOSPC); raise "
                   "fs.fanotify.max_user_marks"};
    }
    return ErrnoError(errno, name, "watching");
  }
  marked_[path] = found.st_ino;
  paths_[found.st_ino] = path;
  return {};
}

void ChildWatch::Remove(const CgroupPath& path, CgroupId id) {
  // The mark of a removed directory has gone with it.
  (void)::fanotify_mark(fd_.get(), FAN_MARK_REMOVE, kMask, AT_FDCWD, Absolute(path).c_str());
  paths_.erase(id);
}

Result<> ChildWatch::Cover(const std::set<CgroupPath>& parents) {
  for (auto it = marked_.begin(); it != marked_.end();) {
    if (it->first.is_root() || parents.contains(it->first)) {
      ++it;
      continue;
    }
    Remove(it->first, it->second);
    it = marked_.erase(it);
  }
  REEVE_TRY_VOID(Add(CgroupPath()));
  for (const CgroupPath& path : parents) {
    REEVE_TRY_VOID(Add(path));
  }
  return {};
}

Result<WriteWatch::Heard> ChildWatch::Read() {
  WriteWatch::Heard heard;
  const pid_t own = ::getpid();
  std::map<pid_t, std::shared_ptr<const Writer>> writers;
  alignas(fanotify_event_metadata) std::array<char, 16U << 10> buffer;
  for (int reads = 0; reads < kReadsACall; ++reads) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return heard;
    if (got < 0) {
      const int error = errno;
      if (error == EBADF) (void)fd_.release();  // as in inotify.cc
      return ErrnoError(error, "fanotify", "reading events");
    }
    std::size_t at = 0;
    while (at + sizeof(fanotify_event_metadata) <= static_cast<std::size_t>(got)) {
      fanotify_event_metadata event;
      const char* start = buffer.data() + at;
      std::memcpy(&event, start, sizeof event);
      at += event.event_len;
      if ((event.mask & FAN_Q_OVERFLOW) != 0) heard.overflow = true;
      const auto entry = EntryOf(start, event.event_len);
      const auto parent = entry ? paths_.find(entry->parent) : paths_.end();
      if (parent == paths_.end()) continue;
      const CgroupPath path = parent->second.Child(entry->name);
      // One of the same name is another directory, and needs a mark of its own.
      if ((event.mask & FAN_DELETE) != 0) {
        const auto gone = marked_.find(path);
        if (gone != marked_.end()) {
          paths_.erase(gone->second);
          marked_.erase(gone);
        }
      }
      if (event.pid == own) continue;
      std::shared_ptr<const Writer>& writer = writers[event.pid];
      if (writer == nullptr) writer = writers_.Of(event.pid);
      heard.touches.push_back({path, "", writer, {}});
    }
  }
  return heard;
}

}  // namespace reeve::kernel
