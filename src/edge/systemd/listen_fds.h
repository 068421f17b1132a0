// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::systemd {

// A socket that the supervisor bound for us (socket activation).
struct PassedSocket {
  UniqueFd fd;       // close-on-exec
  std::string name;  // FileDescriptorName= of its unit; its unit's name without one
};

// Takes the passed sockets, none when there are none. Call it once, before anything else opens
// descriptors or starts programs: the environment that names them is taken away.
Result<std::vector<PassedSocket>> TakePassedSockets();

}  // namespace reeve::systemd
