// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "edge/http/message.h"

namespace reeve::daemon {

// Who may do what over the control socket: group `reeve` reads; root, our own user and group `reeve-admin` read and
// change. Over TCP nobody is known.
class Access {
 public:
  // Asks for the two groups once, so that no request waits for a name service.
  static Access OfHost();

  Access(uid_t self, std::optional<gid_t> readers, std::optional<gid_t> admins)
      : self_(self), readers_(readers), admins_(admins) {}

  bool MayRead(const http::Peer& peer) const;
  bool MayChange(const http::Peer& peer) const;

 private:
  uid_t self_;
  std::optional<gid_t> readers_;
  std::optional<gid_t> admins_;
};

// The groups that may connect to the socket.
inline constexpr const char* kReaders = "reeve";
inline constexpr const char* kAdmins = "reeve-admin";

}  // namespace reeve::daemon
