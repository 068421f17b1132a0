// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/uevent_watch.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <iterator>

namespace reeve::kernel {
namespace {

constexpr std::size_t kLongestMessage = 16U << 10;

constexpr std::uint32_t Word(const char (&text)[5]) {
  return (static_cast<std::uint32_t>(text[0]) << 24) | (static_cast<std::uint32_t>(text[1]) << 16) |
         (static_cast<std::uint32_t>(text[2]) << 8) | static_cast<std::uint32_t>(text[3]);
}

// A message begins "add@/devices/virtual/net/veth0". What is virtual and no block device is what
// there is much of; the rest is rare enough to be looked at.
sock_filter kFilter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("add@"), 0, 1),
    BPF_STMT(BPF_LDX | BPF_IMM, 3),  // where '@' stands
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("remo"), 0, 1),
    BPF_STMT(BPF_LDX | BPF_IMM, 6),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("chan"), 0, 1),
    BPF_STMT(BPF_LDX | BPF_IMM, 6),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("add@"), 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("remo"), 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("chan"), 1, 0),
    BPF_STMT(BPF_RET | BPF_K, kLongestMessage),  // online@, offline@ and the like
    BPF_STMT(BPF_LD | BPF_W | BPF_IND, 10),      // "virt" of "@/devices/virt"
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("virt"), 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_IND, 18),  // behind "@/devices/virtual/"
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word("bloc"), 1, 0),
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_RET | BPF_K, kLongestMessage),
};

}  // namespace

bool IsAboutFacts(std::string_view message) {
  message = message.substr(0, message.find('\0'));
  const std::size_t at = message.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view action = message.substr(0, at);
  const std::string_view device = message.substr(at + 1);
  if (action == "online" || action == "offline") {
    return device.starts_with("/devices/system/cpu/") ||
           device.starts_with("/devices/system/memory/");
  }
  const bool comes_or_goes = action == "add" || action == "remove" || action == "change";
  return comes_or_goes && device.find("/block/") != std::string_view::npos;
}

Result<UeventWatch> UeventWatch::Make() {
  UniqueFd fd(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  if (!fd.valid()) return ErrnoError(errno, "device events", "making a socket");
  const sock_fprog program = {static_cast<unsigned short>(std::size(kFilter)), kFilter};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    return ErrnoError(errno, "device events", "attaching a filter");
  }
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1;  // the kernel's own messages, not udev's
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return ErrnoError(errno, "device events", "listening");
  }
  return UeventWatch(std::move(fd));
}

bool UeventWatch::Read() {
  bool heard = false;
  std::array<char, kLongestMessage> text;
  while (true) {
    sockaddr_nl from = {};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(
        fd_.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {
      heard = true;
      continue;
    }
    if (got < 0) return heard;
    // Anybody may send to the socket itself; the kernel is nobody's process.
    if (from.nl_pid != 0) continue;
    heard = heard || IsAboutFacts({text.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace reeve::kernel
