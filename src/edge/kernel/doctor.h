// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "edge/kernel/host_facts.h"

namespace reeve::kernel {

enum class Health {
  kOk,
  kWarn,  // something reeve can do elsewhere does not work here, or not fully
  kFail,  // reeve can not work like this
};

// One thing that was looked at.
struct HealthCheck {
  Health health = Health::kOk;
  std::string topic;  // one or two words: "cgroup v2", "managed root"
  std::string text;   // what is, and what it means; no full stop at its end, names escaped
  std::string fix;    // a command or a line to write; "" when there is nothing to do

  bool operator==(const HealthCheck&) const = default;
};

// Looks at everything reeve depends on, in the order people should read it. Changes nothing.
//   root   the managed root as configured; "" when there is none
//   facts    of this host
//   desired  what the policies want here, so that only what is used is complained of; nullptr when
//            there are none that can be judged
std::vector<HealthCheck> Examine(const std::string& root,
                                 const HostFacts& facts,
                                 const FactsOptions& options,
                                 const Desired* desired = nullptr);

}  // namespace reeve::kernel
