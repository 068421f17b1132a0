// SPDX-License-Identifier: Apache-2.0
#include "edge/http/listener.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/http/socket_address.h"
#include "edge/io/files.h"
#include "edge/io/log.h"

namespace reeve::http {
namespace {

// Connections that wait to be accepted. All that clients of one turn of the loop can make; the rest
// wait in connect().
constexpr int kBacklog = 256;

Result<> StartListening(const UniqueFd& socket, const std::string& address) {
  if (::listen(socket.get(), kBacklog) != 0) return ErrnoError(errno, address, "listen");
  return {};
}

Result<std::string> AddressOf(const UniqueFd& socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return ErrnoError(errno, "socket", "getsockname");
  return FormatAddress(storage, size);
}

std::uint16_t PortOf(const UniqueFd& socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return 0;
}

// The directory of the socket, which nobody but root and we may write in.
Result<UniqueFd> OpenParent(const std::string& path) {
  const std::string parent = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  REEVE_TRY(UniqueFd directory, io::MakeDirectory(parent, 0755));
  struct stat found = {};
  if (::fstat(directory.get(), &found) != 0) return ErrnoError(errno, parent, "looking at");
  if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
    return Error{ErrorKind::kDenied,
                 0,
                 parent,
                 fmt::format("belongs to user {}, who could replace the socket", found.st_uid)};
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error{ErrorKind::kDenied,
                 0,
                 parent,
                 fmt::format("mode {:04o} lets others replace the socket", found.st_mode & 07777)};
  }
  return directory;
}

// Makes room at `path`: nothing is there afterwards.
Result<> RemoveStale(int directory, const std::string& name, const std::string& path) {
  struct stat found = {};
  if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return ErrnoError(errno, path, "looking at");
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Error{
        ErrorKind::kConflict,
        0,
        path,
        S_ISLNK(found.st_mode) ? "is a symbolic link, not a socket" : "is there and no socket"};
  }
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return ErrnoError(errno, path, "socket");
  REEVE_TRY(const sockaddr_un address, UnixAddress(path));
  // EAGAIN: somebody listens, and his queue is full.
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)
    return Error{ErrorKind::kConflict, 0, path, "another process listens there"};
  if (errno == EPROTOTYPE)
    return Error{ErrorKind::kConflict, 0, path, "is a socket of another kind, not ours"};
  if (errno != ECONNREFUSED && errno != ENOENT)
    return ErrnoError(errno, path, "finding out whether somebody listens");
  if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT)
    return ErrnoError(errno, path, "removing the socket of a daemon that died");
  return {};
}

// An access list as the kernel takes it: read and write for the owner, its group and these groups.
std::string AccessList(std::vector<gid_t> groups) {
  constexpr int kReadWrite = ACL_READ | ACL_WRITE;
  const posix_acl_xattr_header header = {htole32(POSIX_ACL_XATTR_VERSION)};
  std::string list(reinterpret_cast<const char*>(&header), sizeof header);
  const auto entry = [&](int tag, int mode, std::uint32_t id) {
    const posix_acl_xattr_entry one = {htole16(static_cast<std::uint16_t>(tag)),
                                       htole16(static_cast<std::uint16_t>(mode)),
                                       htole32(id)};
    list.append(reinterpret_cast<const char*>(&one), sizeof one);
  };
  constexpr auto kNoId = static_cast<std::uint32_t>(ACL_UNDEFINED_ID);
  std::sort(groups.begin(), groups.end());  // the kernel wants it sorted
  entry(ACL_USER_OBJ, kReadWrite, kNoId);
  entry(ACL_GROUP_OBJ, kReadWrite, kNoId);
  for (const gid_t group : groups) entry(ACL_GROUP, kReadWrite, group);
  entry(ACL_MASK, kReadWrite, kNoId);
  entry(ACL_OTHER, 0, kNoId);
  return list;
}

// Members of `gids` besides the file's owner and its group; whether they got in.
bool AddToAccessList(int directory, const std::string& name, std::vector<gid_t> gids) {
  const std::string list = AccessList(std::move(gids));
  const std::string here = fmt::format("/proc/self/fd/{}/{}", directory, name);
  return ::lsetxattr(here.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
}

std::vector<gid_t> GroupsByName(const std::vector<std::string>& groups) {
  std::vector<gid_t> gids;
  for (const std::string& group : groups) {
    const std::optional<gid_t> gid = GroupByName(group);
    if (gid && std::find(gids.begin(), gids.end(), *gid) == gids.end()) gids.push_back(*gid);
  }
  return gids;
}

// Nobody can connect before listen(), so that the order of these does not matter to anybody.
Result<> GiveToGroups(int directory,
                      const std::string& name,
                      const std::string& path,
                      const std::vector<std::string>& groups) {
  const std::vector<gid_t> gids = GroupsByName(groups);
  const auto give = [&](gid_t gid) {
    return ::fchownat(directory, name.c_str(), static_cast<uid_t>(-1), gid, AT_SYMLINK_NOFOLLOW) ==
           0;
  };
  const bool given = !gids.empty() && give(gids.front());
  if (!gids.empty() && !given && errno != EPERM) return ErrnoError(errno, path, "chown");
  if (::fchmodat(directory, name.c_str(), given ? 0660 : 0600, 0) != 0)
    return ErrnoError(errno, path, "chmod");
  if (!given || gids.size() == 1) return {};
  if (!AddToAccessList(directory, name, {gids.begin() + 1, gids.end()})) {
    io::LogWarning("{}: only members of {} can connect, not of {}: setting an access list: {}",
                   EscapeForTerminal(path),
                   groups.front(),
                   groups.back(),
                   ErrnoName(errno));
  }
  return {};
}

}  // namespace

SocketFile::SocketFile(UniqueFd directory, std::string name, dev_t device, ino_t inode)
    : directory_(std::move(directory)), name_(std::move(name)), device_(device), inode_(inode) {}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      name_(std::move(other.name_)),
      device_(other.device_),
      inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  Remove();
  directory_ = std::move(other.directory_);
  name_ = std::move(other.name_);
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

SocketFile::~SocketFile() {
  Remove();
}

void SocketFile::Remove() {
  if (!directory_.valid()) return;
  struct stat found = {};
  if (::fstatat(directory_.get(), name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
      found.st_dev == device_ && found.st_ino == inode_)
    ::unlinkat(directory_.get(), name_.c_str(), 0);
  directory_.reset();
}

Result<Listener> ListenUnix(const std::string& path, const std::vector<std::string>& groups) {
  if (!path.starts_with('/') || path.ends_with('/'))
    return Error{ErrorKind::kInvalid, 0, path, "not the absolute path of a socket"};
  REEVE_TRY(const sockaddr_un address, UnixAddress(path));
  REEVE_TRY(UniqueFd directory, OpenParent(path));
  const std::string name = path.substr(path.rfind('/') + 1);
  REEVE_TRY_VOID(RemoveStale(directory.get(), name, path));

  Listener listener;
  listener.local = true;
  listener.address = path;
  listener.fd.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.fd.valid()) return ErrnoError(errno, path, "socket");
  if (::bind(listener.fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return ErrnoError(errno, path, "bind");
  struct stat made = {};
  if (::fstatat(directory.get(), name.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0)
    return ErrnoError(errno, path, "looking at");
  const int parent = directory.get();
  listener.file = SocketFile(std::move(directory), name, made.st_dev, made.st_ino);
  REEVE_TRY_VOID(GiveToGroups(parent, name, path, groups));
  REEVE_TRY_VOID(StartListening(listener.fd, path));
  return listener;
}

Result<Listener> ListenTcp(const std::string& text) {
  const std::optional<NumericAddress> address = ParseAddress(text);
  if (!address) {
    return Error{ErrorKind::kInvalid,
                 0,
                 text,
                 "not a numeric address and port, as 127.0.0.1:9300 or [::1]:9300"};
  }
  Listener listener;
  listener.fd.reset(::socket(
      address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!listener.fd.valid()) return ErrnoError(errno, text, "socket");
  const int on = 1;
  // Connections of a daemon that just stopped must not keep the next one from its port.
  if (::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    return ErrnoError(errno, text, "SO_REUSEADDR");
  if (address->storage.ss_family == AF_INET6 &&
      ::setsockopt(listener.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
    return ErrnoError(errno, text, "IPV6_V6ONLY");
  if (::bind(listener.fd.get(),
             reinterpret_cast<const sockaddr*>(&address->storage),
             address->size) != 0) {
    Error error = ErrnoError(errno, text, "bind");
    if (errno == EADDRINUSE) error.kind = ErrorKind::kBusy;
    return error;
  }
  REEVE_TRY_VOID(StartListening(listener.fd, text));
  REEVE_TRY(listener.address, AddressOf(listener.fd));
  listener.port = PortOf(listener.fd);
  return listener;
}

Result<Listener> AdoptListener(UniqueFd socket) {
  const std::string subject = fmt::format("descriptor {}", socket.get());
  int listens = 0;
  int type = 0;
  int domain = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      ::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      ::getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
    return ErrnoError(errno, subject, "not a socket");
  if (listens == 0 || type != SOCK_STREAM ||
      (domain != AF_UNIX && domain != AF_INET && domain != AF_INET6))
    return Error{ErrorKind::kInvalid, 0, subject, "not a listening stream socket"};
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0)
    return ErrnoError(errno, subject, "fcntl");
  Listener listener;
  listener.local = domain == AF_UNIX;
  REEVE_TRY(listener.address, AddressOf(socket));
  listener.port = PortOf(socket);
  listener.fd = std::move(socket);
  return listener;
}

void LetIn(const Listener& adopted, const std::vector<std::string>& groups) {
  const std::string& path = adopted.address;
  const std::vector<gid_t> gids = GroupsByName(groups);
  if (!adopted.local || !path.starts_with('/') || gids.empty()) return;
  const auto directory = OpenParent(path);
  if (!directory.has_value()) {
    io::LogWarning("{}", EscapeForTerminal(directory.error().ToString()));
  } else if (!AddToAccessList(directory->get(), path.substr(path.rfind('/') + 1), gids)) {
    io::LogWarning("{}: members of {} can not connect: setting an access list: {}",
                   EscapeForTerminal(path),
                   Join(groups, ", "),
                   ErrnoName(errno));
  }
}

}  // namespace reeve::http
