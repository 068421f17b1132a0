// SPDX-License-Identifier: Apache-2.0
// The protocol itself instead of libfuse: a dozen requests are all that reading one file takes, and
// no library is to be had in every guest.
#include "fuse_mount.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace {

volatile std::sig_atomic_t hanging = 0;

constexpr std::uint64_t kFile = FUSE_ROOT_ID + 1;

class Server {
 public:
  Server(int device, std::string name, std::string text)
      : device_(device), name_(std::move(name)), text_(std::move(text)) {}

  // Until the file system is unmounted.
  void Serve() {
    while (true) {
      const ssize_t size = read(device_, buffer_.data(), buffer_.size());
      if (size < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT)) continue;
      if (size < static_cast<ssize_t>(sizeof head_)) return;
      std::memcpy(&head_, buffer_.data(), sizeof head_);
      if (hanging == 0) Answer();
    }
  }

 private:
  void Answer() {
    switch (head_.opcode) {
      case FUSE_INIT: {
        fuse_init_out out = {};
        out.major = FUSE_KERNEL_VERSION;
        out.minor = std::min<std::uint32_t>(Body<fuse_init_in>().minor, FUSE_KERNEL_MINOR_VERSION);
        out.max_write = 4096;
        return Reply(&out, sizeof out);
      }
      case FUSE_LOOKUP: {
        if (name_ != buffer_.data() + sizeof head_) return Refuse(ENOENT);
        fuse_entry_out out = {};  // no time to be kept for: everything is asked again
        out.nodeid = kFile;
        out.attr = Attributes(kFile);
        return Reply(&out, sizeof out);
      }
      case FUSE_GETATTR: {
        fuse_attr_out out = {};
        out.attr = Attributes(head_.nodeid);
        return Reply(&out, sizeof out);
      }
      case FUSE_OPEN:
      case FUSE_OPENDIR: {
        fuse_open_out out = {};
        out.open_flags = FOPEN_DIRECT_IO;
        return Reply(&out, sizeof out);
      }
      case FUSE_READ: {
        const auto asked = Body<fuse_read_in>();
        const std::size_t from = std::min<std::size_t>(asked.offset, text_.size());
        return Reply(text_.data() + from, std::min<std::size_t>(asked.size, text_.size() - from));
      }
      case FUSE_READDIR:
        return List(Body<fuse_read_in>().offset);
      case FUSE_RELEASE:
      case FUSE_RELEASEDIR:
      case FUSE_FLUSH:
        return Reply(nullptr, 0);
      case FUSE_FORGET:
      case FUSE_BATCH_FORGET:
      case FUSE_INTERRUPT:
        return;  // these have no answer
      default:
        return Refuse(ENOSYS);
    }
  }

  fuse_attr Attributes(std::uint64_t node) const {
    fuse_attr attributes = {};
    attributes.ino = node;
    attributes.size = node == kFile ? text_.size() : 0;
    attributes.mode = node == kFile ? S_IFREG | 0644U : S_IFDIR | 0755U;
    attributes.nlink = 1;
    attributes.blksize = 4096;
    return attributes;
  }

  void List(std::uint64_t offset) {
    if (offset != 0) return Reply(nullptr, 0);
    fuse_dirent entry = {};
    entry.ino = kFile;
    entry.off = 1;
    entry.namelen = static_cast<std::uint32_t>(name_.size());
    entry.type = DT_REG;
    std::string record(FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + name_.size()), '\0');
    std::memcpy(record.data(), &entry, FUSE_NAME_OFFSET);
    name_.copy(record.data() + FUSE_NAME_OFFSET, name_.size());
    Reply(record.data(), record.size());
  }

  template <typename T>
  T Body() const {
    T body;
    std::memcpy(&body, buffer_.data() + sizeof head_, sizeof body);
    return body;
  }

  void Refuse(int error) { Send(-error, nullptr, 0); }

  void Reply(const void* body, std::size_t size) { Send(0, body, size); }

  void Send(int error, const void* body, std::size_t size) {
    fuse_out_header head = {};
    head.len = static_cast<std::uint32_t>(sizeof head + size);
    head.error = error;
    head.unique = head_.unique;
    const iovec parts[] = {{&head, sizeof head}, {const_cast<void*>(body), size}};
    // Whoever asked may have been killed meanwhile: nobody waits for the answer then.
    (void)!writev(device_, parts, 2);
  }

  int device_;
  std::string name_;
  std::string text_;
  fuse_in_header head_ = {};
  alignas(8) std::array<char, 256 << 10> buffer_ = {};
};

int Failed(const char* what) {
  std::fprintf(stderr, "reeve_workload: %s: %s\n", what, std::strerror(errno));
  return 1;
}

}  // namespace

int ServeFuse(const std::string& directory, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) return Failed("/dev/fuse");
  const std::string options =
      "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
  if (mount("reeve", directory.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return Failed("mount");
  }
  struct sigaction hang = {};
  hang.sa_handler = [](int) { hanging = 1; };
  sigaction(SIGUSR1, &hang, nullptr);
  std::puts("mounted");
  std::fflush(stdout);
  static Server server(device, file.substr(file.rfind('/') + 1), std::move(text));
  server.Serve();
  return 0;
}
