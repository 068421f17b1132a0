// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "edge/http/message.h"

namespace reeve::http {

// The address of a Unix socket with a file.
//   errors   OutOfRange: the path is longer than 107 bytes
Result<sockaddr_un> UnixAddress(const std::string& path);

struct NumericAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

// "127.0.0.1:9300", "[::1]:9300"; nothing for names, missing ports and anything else.
std::optional<NumericAddress> ParseAddress(const std::string& text);

// The same back; the path of a Unix socket.
std::string FormatAddress(const sockaddr_storage& storage, socklen_t size);

// Whether a Host header may name us when the connection came in at `local`: a loopback name or
// address, or the very address. Any other name is one that a web page had its browser resolve to us
// (DNS rebinding).
//   host   "localhost:9300", "[::1]", ...; the port does not matter
bool HostMayBeOurs(std::string_view host, const sockaddr_storage& local);

// The id of a group by its name; nothing when there is none. Asks the name service: not in a loop.
std::optional<gid_t> GroupByName(const std::string& name);

// Who connected to an accepted Unix socket. Any failure leaves the ids at -1, which is nobody.
Peer PeerOf(int socket);

}  // namespace reeve::http
