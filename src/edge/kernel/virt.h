// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "edge/kernel/host_facts.h"

namespace reeve::kernel {

// What this host runs in, in the words of systemd-detect-virt: a container ("docker", "lxc",
// "podman", "container-other") before a machine ("kvm", "qemu", "vmware", "uml", "vm-other"),
// "none" for neither.
//   source   systemd's src/basic/virt.c, its simple signs only
std::string DetectVirt(const FactsOptions& options);

}  // namespace reeve::kernel
