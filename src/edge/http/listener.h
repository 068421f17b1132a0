// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::http {

// The file of a Unix socket that we made: unlinked when destroyed, unless another file took its
// place in the meantime.
class SocketFile {
 public:
  SocketFile() = default;
  SocketFile(UniqueFd directory, std::string name, dev_t device, ino_t inode);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  SocketFile(const SocketFile&) = delete;
  ~SocketFile();

 private:
  void Remove();

  UniqueFd directory_;
  std::string name_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// A listening socket, non-blocking and close-on-exec.
struct Listener {
  UniqueFd fd;
  bool local = false;      // a Unix socket
  std::string address;     // path, or "127.0.0.1:9300", "[::1]:9300" with the port bound
  std::uint16_t port = 0;  // TCP only
  SocketFile file;         // of a Unix socket that ListenUnix made
};

// Listens on a Unix socket at `path`: mode 0660 for members of `groups`, or 0600 when there is none of
// them, or we may not give files to them. A file has one group; the others get in by an access list,
// which the file systems that sockets lie on know. Missing directories are made, mode 0755. The socket of
// a daemon that died is replaced.
//   errors   OutOfRange: longer than the 107 bytes a socket's address has room for;
//            Conflict: a live process listens there, or the path is no socket (a symbolic link neither);
//            Denied: not ours to write, or its directory is writable for others, who could put their
//            own socket in its place
Result<Listener> ListenUnix(const std::string& path, const std::vector<std::string>& groups);

// Listens on "127.0.0.1:9300" or "[::1]:9300": a numeric address, no names. Port 0 takes a free one.
//   errors   Invalid: not of that form; Busy, Denied, ...: as bind(2) failed
Result<Listener> ListenTcp(const std::string& address);

// Takes over a listening stream socket that somebody else bound (socket activation). Its file, if it
// has one, stays.
//   errors   Invalid: not a listening stream socket, or of a family that is not ours
Result<Listener> AdoptListener(UniqueFd socket);

// Lets members of `groups` connect to a Unix socket that was adopted, besides whoever may. Where
// that can not be, the log says so and everything else stays. Does nothing for TCP.
void LetIn(const Listener& adopted, const std::vector<std::string>& groups);

}  // namespace reeve::http
