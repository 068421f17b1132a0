// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/controller.h"

namespace reeve::kernel {

// The units of systemd in which reeve's tree lives where no other root is named.
inline constexpr std::string_view kHomeSlice = "reeve.slice";
inline constexpr std::string_view kHomeScope = "reeve-tree.scope";

// The leaf below the tree that holds the process which keeps it.
inline constexpr std::string_view kHolderLeaf = "_holder";

// Where they are: absolute paths on this host's cgroup2 file system.
struct HomePaths {
  std::string hierarchy;  // where it is mounted
  std::string slice;
  std::string scope;
  // COMPAT(reeve 0.2): the tree was a service then; while somebody lives in it, it is kept.
  std::string old_service;
};

// sd_booted(3): whether systemd is this host's init.
bool BootedWithSystemd(const std::string& run = "/run");

// errors   Unsupported: this host shows no cgroup2 file system
Result<HomePaths> FindHomePaths(const std::string& proc = "/proc");

// The tree that is there: the scope while anybody is in it; the older service while anybody but its
// holder is. "" when there is none, so that one has to be made.
std::string ExistingHome(const HomePaths& paths);

// Whether `root` is what older versions wrote into reeved.yaml: the path of their service.
bool IsOlderHome(std::string_view root);

// Where reeve's tree is on this host, for programs that look but make nothing: ExistingHome, else ""
// also without systemd or cgroup2.
std::string HomeOfThisHost();

// Writes +CONTROLLER into a cgroup's cgroup.subtree_control.
//   errors   as the kernel's: there is no such controller here (Invalid), denied
Result<> EnableController(const std::string& cgroup, Controller controller);

// Removes what is left of a tree in which nobody is any more, so that systemd can make another one
// in its place. What can not be removed stays.
void ClearAway(const std::string& home);

}  // namespace reeve::kernel
