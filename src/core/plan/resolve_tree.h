// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/cgroup_path.h"
#include "core/policy/expand.h"

namespace reeve::plan {

using MergedSettings = std::map<std::string, policy::MergedSetting>;

// One cgroup on its way to numbers, with the way up. Parents stand before their children.
struct Node {
  static constexpr int kNone = -1;  // above it is the managed root

  CgroupPath path;
  const policy::MergedCgroup* cgroup = nullptr;  // of a _self leaf: the cgroup that it serves
  const MergedSettings* settings = nullptr;
  // Under mode observe: what is in force at the same path, and shows through where nothing is observed.
  const MergedSettings* below = nullptr;
  // Of a slice of systemd: finite limits found in it, in kernel text; they count where no policy says more.
  const std::map<std::string, std::string>* found = nullptr;
  int parent = kNone;
  bool self = false;
  bool observed = false;
  bool account = true;  // it and all above it
  bool threaded =
      false;  // no domain controller works here: it, its parent's child or one above is threaded
  bool thread_root = false;  // a child is threaded, so it can hand down threaded controllers only
};

// Every cgroup of the tree: those in force, their _self leaves, those only observed.
std::vector<Node> MakeNodes(const policy::MergedTree& tree);

}  // namespace reeve::plan
