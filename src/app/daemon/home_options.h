// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/model/controller.h"

namespace reeve::daemon {

// What `tree:` of reeved.yaml says of the place where systemd keeps the tree.
struct HomeOptions {
  // How all of it competes with the rest of the host: interface file of reeve.slice -> value. Only those of kHomeKeys.
  std::map<std::string, std::uint64_t> values;

  // Controllers that systemd does not know, to be handed down all the same: of hugetlb, rdma, misc.
  ControllerSet delegate;

  bool operator==(const HomeOptions&) const = default;
};

}  // namespace reeve::daemon
