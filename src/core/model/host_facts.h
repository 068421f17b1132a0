// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/controller.h"
#include "core/model/knob_value.h"

namespace reeve {

// A block device that io.max and its like can name.
struct BlockDevice {
  std::string number;  // "259:0"; always the whole disk, because the kernel takes no partitions
  std::string name;    // "nvme0n1"

  bool operator==(const BlockDevice&) const = default;
};

// A loaded unit of systemd, as far as it decides what a policy means.
struct UnitFact {
  std::string slice;  // the slice it is in; "" for -.slice and when not known
  bool active =
      false;  // it has processes now, or may have them: active, activating, reloading, ...
  // Whose it is: of User=, or of user-UID.slice, user@UID.service and the scopes of that user's sessions.
  // nullopt: not known; system services that run as root say 0.
  std::optional<std::uint64_t> uid;
  std::string user;              // the name of `uid`; "" when it has none
  std::set<std::string> groups;  // names of that user's groups
  // Finite limits found in its cgroup, in kernel text: "memory.max" -> bytes. For `of parent`, so only
  // slices need them.
  std::map<std::string, std::string> limits;

  bool operator==(const UnitFact&) const = default;
};

// What is true of one host and decides what a policy means there. Gathered by the edge or read from
// a file (--facts FILE, the output of `reevectl facts -o json`), so that resolving is pure.
struct HostFacts {
  std::string host;     // node name
  std::string arch;     // "x86_64"
  std::string kernel;   // "6.1.0-56-amd64"
  std::string os;       // ID of os-release and its version: "debian 12"
  std::string virt;     // "none", "kvm", "docker", ...; "" when not known
  std::string systemd;  // version of the running one; "" without systemd
  std::string reeve;    // our version
  std::string machine_id;
  std::string boot_id;  // /proc/sys/kernel/random/boot_id; "" when not known
  std::int64_t utc_offset =
      0;                   // seconds east of UTC of the host's local time now; `time:` is local
  std::uint64_t cpus = 0;  // what reeve may use: cpuset of the managed root
  // Which CPUs and memory nodes those are: cpuset.cpus.effective and cpuset.mems.effective of the
  // managed root. nullopt when not known; then every number in a policy is taken to exist.
  std::optional<IdSet> cpu_ids;
  std::optional<IdSet> memory_nodes;
  std::uint64_t memory = 0;        // bytes, what reeve may use: the root's effective limit
  std::uint64_t max_tasks = 0;     // the smaller of kernel.pid_max and kernel.threads-max
  std::uint64_t page_size = 4096;  // bytes
  std::uint64_t swap = 0;          // bytes
  // One's own, from facts.d/*.yaml; several values are alternatives ("role: [web, api]").
  std::map<std::string, std::vector<std::string>> own;

  // Devices by every name a policy may use: "/dev/sda", "/dev/disk/by-id/...", "8:0".
  std::map<std::string, BlockDevice> devices;
  // Mount point -> the whole disk its file system sits on; nullopt when there is none (tmpfs,
  // network).
  std::map<std::string, std::optional<BlockDevice>> mounts;
  // Numbers of the disks on which io.weight has an effect (BFQ or iocost); nullopt when not known.
  std::optional<std::set<std::string>> weighted_disks;
  std::map<std::string, UnitFact> units;  // loaded units of systemd, by name

  ControllerSet controllers;  // available in the managed root (cgroup.controllers)
  // Interface files a fresh child of the managed root has or would have; probed. Empty = not
  // probed, then every file is taken to exist (--facts of another host).
  std::set<std::string> files;
  // Nearest finite values from the managed root up ("" included): "memory.max" -> bytes, in kernel
  // text.
  std::map<std::string, std::string> limits_above;
};

}  // namespace reeve
