// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "app/daemon/home.h"
#include "app/daemon/options.h"
#include "core/base/result.h"
#include "edge/systemd/listen_fds.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

enum class Waited { kIsThere, kToldToEnd, kTooLong };

// Runs the loop until reeve's tree is there. The supervisor is told what is waited for - and that we are ready, so that a
// boot does not wait as well -, and so is whoever asks over the control socket or the metrics port.
//   sockets  of the supervisor; they stay open
//   once     nobody listens, and it is given up after a while (kTooLong)
//   errors   those of the loop and of http::Server
Result<Waited> WaitForHome(systemd::Loop& loop,
                           Home& home,
                           const Options& options,
                           const std::vector<systemd::PassedSocket>& sockets,
                           bool once);

}  // namespace reeve::daemon
