// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cgroup_fs_kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/owner_mark.h"
#include "edge/io/files.h"
#include "edge/kernel/cgroup_error.h"
#include "edge/kernel/cgroup_mounts.h"
#include "edge/kernel/file_text.h"

namespace reeve::kernel {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 20;
// A pid is at most eight bytes with its newline, and the kernel has at most 2^22 of them.
constexpr std::size_t kMaxProcsBytes = 32U << 20;

std::string Subject(const CgroupPath& path) {
  return path.is_root() ? "." : path.text();
}

std::string Subject(const CgroupPath& path, std::string_view file) {
  return path.is_root() ? std::string(file) : fmt::format("{}/{}", path.text(), file);
}

// An interface file is one component: nothing a policy or a caller says may name anything else.
std::optional<Error> WhyNotFileName(const CgroupPath& path, std::string_view file) {
  if (!file.empty() && file != "." && file != ".." && file.find('/') == std::string_view::npos &&
      file.find('\0') == std::string_view::npos) {
    return std::nullopt;
  }
  return Error{ErrorKind::kInvalid,
               0,
               Subject(path, EscapeForTerminal(file)),
               "not the name of an interface file"};
}

// Only these list one record after another; every other interface file is one piece of text.
FileShape ShapeOf(std::string_view file) {
  return file == "cgroup.procs" || file == "cgroup.threads" ? FileShape::kRecords
                                                            : FileShape::kOnePiece;
}

Error NoSuchCgroup(int errno_value, const CgroupPath& path) {
  return Error{ErrorKind::kNotFound, errno_value, Subject(path), "no such cgroup"};
}

// Errors of verbs on the cgroup's directory itself.
Error DirectoryError(int errno_value, const CgroupPath& path, std::string_view what) {
  if (errno_value == ENOENT || errno_value == ENOTDIR) return NoSuchCgroup(errno_value, path);
  Error error = ErrnoError(errno_value, Subject(path), what);
  if (errno_value == EROFS) {
    error.message = fmt::format("{}: the cgroup tree is mounted read-only (EROFS)", what);
  }
  if (errno_value == ENAMETOOLONG) error.kind = ErrorKind::kInvalid;
  return error;
}

// The sticky bit, which mkdir sets in the same step and nobody else uses on cgroups: ours, although
// it has no mark yet. Taken away with the first mark, because it would keep a user to whom the cgroup
// is given from removing what others made in it.
constexpr mode_t kBorn = S_ISVTX;

bool IsBornOfUs(const struct stat& directory) {
  return (directory.st_mode & kBorn) != 0 && directory.st_uid == ::geteuid();
}

// Without a mark: what stands for one in a cgroup whose maker ended before it could write it.
Result<std::optional<std::string>> BirthMark(int directory, const CgroupPath& path) {
  struct stat born = {};
  if (path.is_root() || ::fstat(directory, &born) != 0 || !IsBornOfUs(born)) {
    return std::optional<std::string>();
  }
  REEVE_TRY(std::string mark, format::FormatOwnerMark({true, path.text(), {}}));
  return std::optional<std::string>(std::move(mark));
}

// Where an open directory lies, symlinks resolved; `otherwise` when proc does not tell.
std::string PathOf(int fd, const std::string& otherwise) {
  const std::string path = io::PathOf(fd);
  return path.empty() ? otherwise : path;
}

}  // namespace

CgroupFsKernel::CgroupFsKernel(Beneath beneath, std::string root_path)
    : beneath_(std::move(beneath)), root_path_(std::move(root_path)) {
  struct stat root = {};
  if (::fstat(beneath_.fd(), &root) == 0) device_ = root.st_dev;
  // Only a capability in the first user namespace may touch trusted.*, and only the kernel knows
  // which namespace that is. Removing a mark that nobody ever sets tells, and changes nothing.
  const UniqueFd directory(beneath_.Open(RelativeName(""), O_RDONLY | O_DIRECTORY));
  ::fremovexattr(directory.get(), "trusted.reeve.probe");
  const bool trusted = errno == ENODATA || (errno == EROFS && ::geteuid() == 0);
  mark_name_ = trusted ? "trusted.reeve" : "user.reeve";
}

Result<std::unique_ptr<CgroupFsKernel>> CgroupFsKernel::Open(const std::string& root,
                                                             Confinement confinement) {
  UniqueFd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) {
    Error error = ErrnoError(errno, root, "opening the managed root");
    const auto mounts = MountTable::Read();
    if (error.errno_value == ENOENT && mounts.has_value()) {
      error.message = fmt::format("there is no such directory (ENOENT); {}",
                                  DescribeCgroupMounts(FindCgroupMounts(*mounts)));
    }
    return error;
  }
  std::string path = PathOf(directory.get(), root);
  struct statfs fs = {};
  if (::fstatfs(directory.get(), &fs) != 0) return ErrnoError(errno, path, "statfs");
  if (fs.f_type != CGROUP2_SUPER_MAGIC) {
    REEVE_TRY(const MountTable mounts, MountTable::Read());
    return Error{ErrorKind::kUnsupported, 0, path, WhyNotCgroup2(path, mounts)};
  }
  return std::unique_ptr<CgroupFsKernel>(
      new CgroupFsKernel(Beneath(std::move(directory), confinement), std::move(path)));
}

Result<std::unique_ptr<CgroupFsKernel>> CgroupFsKernel::SameRoot() const {
  UniqueFd directory(::fcntl(beneath_.fd(), F_DUPFD_CLOEXEC, 0));
  if (!directory.valid()) return ErrnoError(errno, root_path_, "a second descriptor");
  const auto confinement = confined_by_kernel() ? Confinement::kKernel : Confinement::kByComponent;
  return std::unique_ptr<CgroupFsKernel>(
      new CgroupFsKernel(Beneath(std::move(directory), confinement), root_path_));
}

Result<> CgroupFsKernel::Lock(Nesting nesting) {
  UniqueFd own(beneath_.Open(RelativeName(""), O_RDONLY | O_DIRECTORY));
  if (!own.valid()) return DirectoryError(-own.get(), CgroupPath(), "opening for the lock");
  REEVE_TRY(lock_, RootLock::Take(std::move(own), root_path_, nesting));
  return {};
}

bool CgroupFsKernel::read_only() const {
  struct statvfs fs = {};
  return ::fstatvfs(beneath_.fd(), &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0;
}

Result<UniqueFd> CgroupFsKernel::OpenCgroup(const CgroupPath& path) {
  UniqueFd fd(beneath_.Open(RelativeName(path.text()), O_PATH | O_DIRECTORY));
  if (!fd.valid()) return DirectoryError(-fd.get(), path, "opening");
  return fd;
}

Result<port::CgroupStat> CgroupFsKernel::Stat(const CgroupPath& path) {
  const RelativeName name(path.text());
  if (name.error() != 0) return DirectoryError(name.error(), path, "looking at");
  // One call and no descriptor. Nothing is followed out of the tree: cgroup2 has no symlinks, and
  // what is mounted over a cgroup is told by its device.
  struct statx found = {};
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (path.is_root() ? AT_EMPTY_PATH : 0);
  if (::statx(beneath_.fd(),
              path.is_root() ? "" : name.c_str(),
              flags,
              STATX_TYPE | STATX_INO | STATX_NLINK,
              &found) != 0) {
    return DirectoryError(errno, path, "looking at");
  }
  if (!S_ISDIR(found.stx_mode)) return NoSuchCgroup(ENOTDIR, path);
  if (makedev(found.stx_dev_major, found.stx_dev_minor) != device_) {
    return ErrnoError(EXDEV, Subject(path), "another file system is mounted here");
  }
  // kernfs counts a directory's links as 2 + its sub-directories (measured on 6.1 and 6.18).
  return port::CgroupStat{found.stx_ino, found.stx_nlink >= 2 ? found.stx_nlink - 2 : 0};
}

Result<std::vector<std::string>> CgroupFsKernel::ListChildren(const CgroupPath& path) {
  const UniqueFd fd(beneath_.Open(RelativeName(path.text()), O_RDONLY | O_DIRECTORY));
  if (!fd.valid()) return DirectoryError(-fd.get(), path, "listing");
  std::vector<std::string> names;
  alignas(dirent64) std::array<char, 32 << 10> buffer;
  while (true) {
    const long size = ::syscall(SYS_getdents64, fd.get(), buffer.data(), buffer.size());
    if (size < 0) return DirectoryError(errno, path, "listing");
    if (size == 0) return names;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      if (entry->d_type != DT_DIR) continue;  // kernfs always tells the type
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
  }
}

Result<std::string> CgroupFsKernel::ReadFile(const CgroupPath& path, std::string_view file) {
  if (auto error = WhyNotFileName(path, file)) return *std::move(error);
  const UniqueFd fd(beneath_.Open(RelativeName(path.text(), file), O_RDONLY));
  if (!fd.valid()) return OpenError(-fd.get(), path, file);
  std::string text;
  if (const int error = ReadText(fd.get(), ShapeOf(file), kMaxFileBytes, &text); error != 0) {
    return ReadError(error, Subject(path, file), file);
  }
  return text;
}

Result<std::string> CgroupFsKernel::WriteFile(const CgroupPath& path,
                                              std::string_view file,
                                              std::string_view text) {
  if (auto error = WhyNotFileName(path, file)) return *std::move(error);
  if (text.empty()) {
    return Error{ErrorKind::kInvalid,
                 0,
                 Subject(path, file),
                 "an empty text is never written: the kernel would take it as 0"};
  }
  const RelativeName name(path.text(), file);
  // A kernel that knows the hint leaves the reclaim to those inside (7.2 does, 6.12 takes no notice).
  // Not for memory.max: `shrink: kill` means now.
  const int hint = file == "memory.high" ? O_NONBLOCK : 0;
  UniqueFd fd(beneath_.Open(name, O_RDWR | hint));
  bool readable = true;
  if (fd.get() == -EACCES) {  // write-only files, for whoever may not override their mode
    fd.reset(beneath_.Open(name, O_WRONLY | hint));
    readable = false;
  }
  if (!fd.valid()) return OpenError(-fd.get(), path, file);
  if (const int error = WriteText(fd.get(), text); error != 0) {
    return FailedWrite(error, path, file, text, fd.get());
  }
  std::string now;
  if (!readable) return now;
  const int error = ReadText(fd.get(), ShapeOf(file), kMaxFileBytes, &now);
  if (error == ENODEV) return ReadError(error, Subject(path, file), file);
  return error == 0 ? now : "";  // EINVAL, EOPNOTSUPP: files that are verbs
}

Result<CgroupId> CgroupFsKernel::Create(const CgroupPath& path) {
  if (path.is_root()) {
    return Error{ErrorKind::kInvalid, 0, ".", "the managed root is never created"};
  }
  REEVE_TRY(const UniqueFd parent, OpenParent(path));
  const int at = parent.valid() ? parent.get() : beneath_.fd();
  const RelativeName name(path.name());
  if (name.error() != 0) return DirectoryError(name.error(), path, "mkdir");
  if (::mkdirat(at, name.c_str(), 0755 | kBorn) != 0) {
    const int error = errno;
    Error failed = DirectoryError(error, path, "mkdir");
    if (error == ENOENT) failed.subject = Subject(path.Parent());
    if (error == EAGAIN) {
      failed.message =
          "mkdir: cgroup.max.depth or cgroup.max.descendants of an ancestor is reached (EAGAIN)";
    }
    return failed;
  }
  struct stat made = {};
  if (::fstatat(at, name.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0) {
    return Error{ErrorKind::kGone, errno, Subject(path), "removed as soon as it was made"};
  }
  return CgroupId{made.st_ino};
}

Result<> CgroupFsKernel::Remove(const CgroupPath& path) {
  if (path.is_root()) {
    return Error{ErrorKind::kInvalid, 0, ".", "the managed root is never removed"};
  }
  REEVE_TRY(const UniqueFd parent, OpenParent(path));
  const int at = parent.valid() ? parent.get() : beneath_.fd();
  const RelativeName name(path.name());
  if (name.error() != 0) return DirectoryError(name.error(), path, "rmdir");
  if (::unlinkat(at, name.c_str(), AT_REMOVEDIR) != 0) {
    Error failed = DirectoryError(errno, path, "rmdir");
    if (failed.errno_value == EBUSY) {
      failed.message = "rmdir: a process or a cgroup is still inside (EBUSY)";
    }
    return failed;
  }
  return {};
}

Result<std::vector<std::int64_t>> CgroupFsKernel::ReadProcesses(const CgroupPath& path) {
  constexpr std::string_view kFile = "cgroup.procs";
  const UniqueFd fd(beneath_.Open(RelativeName(path.text(), kFile), O_RDONLY));
  if (!fd.valid()) return OpenError(-fd.get(), path, kFile);
  std::string text;
  if (const int error = ReadText(fd.get(), FileShape::kRecords, kMaxProcsBytes, &text);
      error != 0) {
    return ReadError(error, Subject(path, kFile), kFile);
  }
  std::vector<std::int64_t> pids;
  for (const std::string_view line : SplitLines(text)) {
    const std::optional<std::int64_t> pid = ParseSignedDecimal(line);
    if (!pid) {
      return Error{ErrorKind::kInternal,
                   0,
                   Subject(path, kFile),
                   fmt::format("the kernel lists \"{}\" as a process", EscapeForTerminal(line))};
    }
    pids.push_back(*pid);
  }
  return pids;
}

Result<> CgroupFsKernel::AddProcess(const CgroupPath& path, std::int64_t pid) {
  constexpr std::string_view kFile = "cgroup.procs";
  // 0 would move ourselves, a negative number is nobody.
  if (pid <= 0) {
    return Error{
        ErrorKind::kInvalid, 0, Subject(path, kFile), fmt::format("{} is no process", pid)};
  }
  const UniqueFd fd(beneath_.Open(RelativeName(path.text(), kFile), O_WRONLY));
  if (!fd.valid()) return OpenError(-fd.get(), path, kFile);
  const fmt::format_int text(pid);
  const std::string_view digits(text.data(), text.size());
  if (const int error = WriteText(fd.get(), digits); error != 0) {
    return FailedWrite(error, path, kFile, digits, fd.get());
  }
  return {};
}

Result<std::optional<std::string>> CgroupFsKernel::ReadMark(const CgroupPath& path) {
  const UniqueFd fd(beneath_.Open(RelativeName(path.text()), O_RDONLY | O_DIRECTORY));
  if (!fd.valid()) return DirectoryError(-fd.get(), path, "reading its mark");
  std::array<char, 4096> small;
  ssize_t size = ::fgetxattr(fd.get(), mark_name_.c_str(), small.data(), small.size());
  if (size >= 0) {
    return std::optional<std::string>(std::in_place, small.data(), static_cast<std::size_t>(size));
  }
  if (errno == ERANGE) {
    std::string text(XATTR_SIZE_MAX, '\0');
    size = ::fgetxattr(fd.get(), mark_name_.c_str(), text.data(), text.size());
    if (size >= 0) {
      text.resize(static_cast<std::size_t>(size));
      return std::optional<std::string>(std::move(text));
    }
  }
  if (errno == ENODATA) return BirthMark(fd.get(), path);
  return DirectoryError(errno, path, fmt::format("reading {}", mark_name_));
}

Result<> CgroupFsKernel::WriteMark(const CgroupPath& path, std::string_view text) {
  const UniqueFd fd(beneath_.Open(RelativeName(path.text()), O_RDONLY | O_DIRECTORY));
  if (!fd.valid()) return DirectoryError(-fd.get(), path, "writing its mark");
  if (::fsetxattr(fd.get(), mark_name_.c_str(), text.data(), text.size(), 0) != 0) {
    return DirectoryError(errno, path, fmt::format("writing {}", mark_name_));
  }
  struct stat marked = {};
  if (::fstat(fd.get(), &marked) == 0 && IsBornOfUs(marked)) {
    (void)::fchmod(fd.get(), marked.st_mode & 07777 & ~kBorn);  // else it says the same twice
  }
  return {};
}

Error CgroupFsKernel::OpenError(int errno_value, const CgroupPath& path, std::string_view file) {
  if (errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ENODEV) {
    const auto cgroup = Stat(path);
    if (!cgroup.has_value()) return cgroup.error();
  }
  return ReadError(errno_value, Subject(path, file), file);
}

Error CgroupFsKernel::FailedWrite(
    int errno_value, const CgroupPath& path, std::string_view file, std::string_view text, int fd) {
  if (errno_value == ENODEV) {
    // Either the text names a device that is not there, or the cgroup was removed under us. The
    // inode number of the file we hold is never given to another one, so it tells which.
    struct stat held = {};
    struct stat named = {};
    const RelativeName name(path.text(), file);
    const bool alive = ::fstat(fd, &held) == 0 &&
                       ::fstatat(beneath_.fd(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                       held.st_ino == named.st_ino;
    if (!alive) {
      return Error{ErrorKind::kGone, errno_value, Subject(path, file), "the cgroup was removed"};
    }
  }
  return WriteError(errno_value, Subject(path, file), file, text);
}

Result<UniqueFd> CgroupFsKernel::OpenParent(const CgroupPath& path) {
  const CgroupPath parent = path.Parent();
  if (parent.is_root()) return UniqueFd();
  return OpenCgroup(parent);
}

std::unique_ptr<port::CgroupFs> OpenTreeOf(const std::string& directory) {
  auto opened = CgroupFsKernel::Open(directory);
  if (!opened.has_value()) return nullptr;
  return *std::move(opened);
}

}  // namespace reeve::kernel
