// SPDX-License-Identifier: Apache-2.0
#include "edge/http/socket_address.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::http {
namespace {

// inet_pton stops at a NUL; what follows it must not come along unseen.
bool HasNul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

std::optional<in_addr> ParseIpv4(const std::string& text) {
  in_addr address = {};
  if (HasNul(text) || ::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in6_addr> ParseIpv6(const std::string& text) {
  in6_addr address = {};
  if (HasNul(text) || ::inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  return address;
}

template <typename SockAddr>
NumericAddress Wrap(const SockAddr& address) {
  NumericAddress wrapped;
  std::memcpy(&wrapped.storage, &address, sizeof address);
  wrapped.size = sizeof address;
  return wrapped;
}

// "host:port", "[host]:port" or without port -> "host", "[host]"
std::string_view WithoutPort(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return host;
  return host.substr(0, colon);
}

}  // namespace

Result<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::kOutOfRange,
                 0,
                 path,
                 fmt::format("a socket's path has at most {} bytes, this one has {}",
                             sizeof address.sun_path - 1,
                             path.size())};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

std::optional<NumericAddress> ParseAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto port = ParseDecimal(std::string_view(text).substr(colon + 1));
  if (!port || *port > 65'535) return std::nullopt;
  const std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<std::uint16_t>(*port));
    const auto ip = ParseIpv6(host.substr(1, host.size() - 2));
    if (!ip) return std::nullopt;
    address.sin6_addr = *ip;
    return Wrap(address);
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(*port));
  const auto ip = ParseIpv4(host);
  if (!ip) return std::nullopt;
  address.sin_addr = *ip;
  return Wrap(address);
}

std::string FormatAddress(const sockaddr_storage& storage, socklen_t size) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    return fmt::format("{}:{}", text, ntohs(address.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    return fmt::format("[{}]:{}", text, ntohs(address.sin6_port));
  }
  if (storage.ss_family == AF_UNIX && size > offsetof(sockaddr_un, sun_path)) {
    const auto& address = reinterpret_cast<const sockaddr_un&>(storage);
    return {address.sun_path, ::strnlen(address.sun_path, size - offsetof(sockaddr_un, sun_path))};
  }
  return text;
}

bool HostMayBeOurs(std::string_view host, const sockaddr_storage& local) {
  std::string name(WithoutPort(host));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name == "localhost" || name == "localhost.") return true;
  if (name.starts_with('[') && name.ends_with(']')) {
    const auto ip = ParseIpv6(name.substr(1, name.size() - 2));
    if (!ip) return false;
    if (IN6_IS_ADDR_LOOPBACK(&*ip)) return true;
    return local.ss_family == AF_INET6 &&
           std::memcmp(&*ip, &reinterpret_cast<const sockaddr_in6&>(local).sin6_addr, sizeof *ip) ==
               0;
  }
  const auto ip = ParseIpv4(name);
  if (!ip) return false;
  if (ntohl(ip->s_addr) >> 24 == 127) return true;
  if (local.ss_family == AF_INET)
    return ip->s_addr == reinterpret_cast<const sockaddr_in&>(local).sin_addr.s_addr;
  // A socket that serves both families (an adopted one can) sees IPv4 as mapped addresses.
  const auto& mapped = reinterpret_cast<const sockaddr_in6&>(local).sin6_addr;
  return local.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&mapped) &&
         std::memcmp(&mapped.s6_addr[12], &ip->s_addr, sizeof ip->s_addr) == 0;
}

std::optional<gid_t> GroupByName(const std::string& name) {
  if (name.empty()) return std::nullopt;
  constexpr std::size_t kMostBytes = 1U << 20;  // a group of some ten thousand members
  std::vector<char> buffer(4096);
  group entry = {};
  group* found = nullptr;
  while (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < kMostBytes)
    buffer.resize(buffer.size() * 4);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

Peer PeerOf(int socket) {
  Peer peer;
  peer.local = true;
  ucred credentials = {};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return peer;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  std::vector<gid_t> groups(64);
  size = static_cast<socklen_t>(groups.size() * sizeof groups[0]);
  int result = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  if (result != 0 && errno == ERANGE) {
    groups.resize(size / sizeof groups[0]);
    result = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  }
  if (result == 0) peer.groups.assign(groups.begin(), groups.begin() + size / sizeof groups[0]);
  return peer;
}

}  // namespace reeve::http
