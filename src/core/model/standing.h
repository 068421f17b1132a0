// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/cgroup_path.h"

namespace reeve {

// A value of somebody else's that `on_drift: adopt` took over. It is in force in the place of the
// policy's until the policy says something else for that key.
struct Adopted {
  CgroupPath path;
  std::string file;
  std::string value;       // what is in force: the kernel's canonical text
  std::string instead_of;  // what the policy wanted when it was adopted, likewise
  std::string by;          // "pid 8812 bash (root, login alice)"; "" when not known

  bool operator==(const Adopted&) const = default;
};

// What must be known after a restart to tell drift from change: nothing in the kernel says it.
struct Standing {
  // Hash of the policies whose plan was carried out last (Desired::policy_hash); "" for none.
  // While the policies have this hash, what differs is drift.
  std::string in_force;
  // Names the life of the managed root that `in_force` is true of (boot, inode number): after a
  // reboot the tree is empty, and that is nobody's drift. The engine does not know it.
  std::string tree;
  // The same for units of systemd; true until the next boot.
  std::string units_in_force;
  std::vector<Adopted> adopted;  // by path and file

  bool operator==(const Standing&) const = default;
};

}  // namespace reeve
