// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/model/desired.h"
#include "core/model/host_facts.h"
#include "core/plan/resolve_tree.h"
#include "core/policy/diagnostic.h"

// What contradicts itself once the numbers are known. An error where the kernel would refuse or a value
// could never work, a warning where it takes both and one of them does nothing.
namespace reeve::plan {

using DesiredKnobs = std::map<std::string, DesiredKnob>;

// Values of one cgroup against each other. `node` gives the places of the keys.
void CheckTogether(const Node& node, const DesiredKnobs& knobs, policy::Findings& findings);

// Adds up what is promised below each cgroup (memory.min, memory.low). Nodes are added in any order, each
// once; Report says where the promises are larger than what is there.
class Promises {
 public:
  explicit Promises(std::size_t nodes) : claims_(nodes) {}

  void Add(std::size_t node, int parent, const DesiredKnobs& knobs);

  void Report(const std::vector<Node>& nodes,
              const HostFacts& facts,
              policy::Findings& findings) const;

 private:
  static constexpr std::size_t kKinds = 2;

  struct Claim {
    const DesiredKnob* own = nullptr;
    // Of the children: the sum (saturated), and the one that claims the most.
    std::uint64_t below = 0;
    const DesiredKnob* largest = nullptr;
  };

  struct Claims {
    Claim kinds[kKinds];  // memory.min, memory.low
  };

  static std::uint64_t Amount(const DesiredKnob* knob);
  static void Count(Claim& claim, const DesiredKnob& child);

  std::vector<Claims> claims_;
  Claims outermost_;
};

}  // namespace reeve::plan
