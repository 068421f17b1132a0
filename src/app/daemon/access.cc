// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/access.h"

#include <grp.h>
#include <unistd.h>

namespace reeve::daemon {
namespace {

std::optional<gid_t> GroupNamed(const char* name) {
  const group* found = ::getgrnam(name);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

bool Is(const http::Peer& peer, std::optional<gid_t> group) {
  return group && peer.IsInGroup(*group);
}

}  // namespace

Access Access::OfHost() {
  return {::geteuid(), GroupNamed(kReaders), GroupNamed(kAdmins)};
}

bool Access::MayChange(const http::Peer& peer) const {
  return peer.local && (peer.uid == 0 || peer.uid == self_ || Is(peer, admins_));
}

bool Access::MayRead(const http::Peer& peer) const {
  return peer.local && (MayChange(peer) || Is(peer, readers_));
}

}  // namespace reeve::daemon
