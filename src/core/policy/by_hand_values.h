// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/model/setting.h"
#include "core/policy/by_hand_text.h"

// Values that nobody typed: of a lift, and of what must stay as it is beside something typed.
namespace reeve::policy {

struct LiftedKeys {
  HandKeys keys;
  std::size_t lifted = 0;  // of them; the others only keep their values
};

// Every limit of a cgroup at its loosest. Limits are what the kernel refuses, throttles or kills
// for: memory, swap, CPU time, tasks, IO, devices' resources, and the CPUs and nodes that may be
// used. Weights, protections, freezing and switches stay; what is a share of a lifted key
// (memory.low: 50% of memory.max) is pinned to the number that it is now, or it would grow with it.
//   cpusets   whether cpuset.cpus and cpuset.mems are lifted, to all that `facts` knows
LiftedKeys LiftedKeysOf(const DesiredCgroup& cgroup, const HostFacts& facts, bool cpusets);

// The rows of a table in force that a list typed by hand says nothing about, as items of a YAML
// list: on a template's instance a list replaces the template's as a whole. "" when there are none.
std::string RowsBeside(const DesiredKnob& in_force, const Setting& typed, const HostFacts& facts);

}  // namespace reeve::policy
