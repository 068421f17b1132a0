// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/model/cgroup_path.h"
#include "core/model/controller.h"

namespace reeve {

// What reeve leaves in a cgroup's xattr: that it made it or governs it, for which policy path, and
// which keys it set, so that a key that leaves the policy is reset by whichever reeve comes next.
struct OwnerMark {
  bool created = false;  // we made the directory, so we may remove it
  std::string policy_path;
  // Interface file -> what a key that leaves gets back. "" = the kernel's default for known knobs;
  // for raw keys the text that was found at first.
  std::map<std::string, std::string> keys;

  bool operator==(const OwnerMark&) const = default;
};

// One interface file as read: its text, or why it could not be read.
struct ObservedFile {
  std::string text;
  std::shared_ptr<const Error> error;  // rare, and there are many files
};

struct ObservedCgroup {
  CgroupId id = 0;
  std::shared_ptr<const OwnerMark> owner;  // null: somebody else's
  std::map<std::string, ObservedFile>
      files;                      // what was asked for: desired keys and those in owner.keys
  ControllerSet controllers;      // available here (parent's subtree_control)
  ControllerSet subtree_control;  // only known for inner cgroups; empty for leaves
  // cgroup.type, read for inner cgroups and for all children of a threaded domain.
  std::string type = "domain";
  // Evidence, read only when a plan's verdict needs it; absent = not read.
  std::optional<std::uint64_t> memory_current;
  std::optional<std::uint64_t> pids_current;
  std::optional<bool> populated;  // somebody lives in it or below, strangers' cgroups included
  std::optional<std::vector<std::int64_t>> processes;
};

// What the kernel shows below the managed root.
struct Observed {
  bool complete =
      true;  // false: something could not be read; nothing may be removed on its account
  std::vector<Error> errors;
  // The managed root is the hierarchy's own root, which may hold processes beside controllers.
  bool root_is_hierarchy_root = false;
  std::string root_type = "domain";  // cgroup.type; the hierarchy's own root has none
  ControllerSet root_controllers;
  ControllerSet root_subtree_control;
  std::optional<std::vector<std::int64_t>> root_processes;  // evidence, like above
  std::map<CgroupPath, ObservedCgroup> cgroups;
  bool read_only = false;  // the file system refuses writes
};

}  // namespace reeve
