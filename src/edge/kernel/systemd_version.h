// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "edge/kernel/host_facts.h"

namespace reeve::kernel {

// The version of the systemd that runs as pid 1: "252", "254.10-1.fc39"; "" when none does. Taken
// from the name of its own shared library, which needs no bus: what pid 1 has mapped, or what is
// installed where that is not ours to read (the same but for the time between an upgrade and
// daemon-reexec).
std::string SystemdVersion(const FactsOptions& options);

}  // namespace reeve::kernel
