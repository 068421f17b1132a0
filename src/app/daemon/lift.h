// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reeve::daemon {

// Whether the command line is `reeved --lift ...`.
bool IsLift(int argc, char** argv);

// `reeved --lift [--root DIR] [--config YAML] [--force]`: every limit of the governed tree to its
// loosest, with nothing but the tree at hand. Has options of its own, because it must work where
// reeved.yaml is broken, the disk is full or the daemon is dead. Returns the exit code:
//   0 lifted, 1 not all of it could be, 4 refused (a daemon that would put it back; read-only), 64
int RunLift(int argc, char** argv);

}  // namespace reeve::daemon
