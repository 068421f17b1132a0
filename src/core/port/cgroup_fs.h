// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/cgroup_path.h"

namespace reeve::port {

struct CgroupStat {
  CgroupId id = 0;
  std::uint32_t children = 0;  // sub-cgroups, any owner
};

// The kernel's cgroup v2 tree below one root, a cgroup at a time. Carries text: meaning is
// core/format's. Two implementations, kept alike by the contract suite:
// edge/kernel/cgroup_fs_kernel.h and tests/support/fake_cgroup_fs.h. Not thread-safe; one owner.
//
// Errors, for every verb: Gone or NotFound when the cgroup is not there (any more), Denied for
// privilege and read-only trees, Unsupported for a file this kernel does not have, else by errno
// (base/error.h). The subject is "PATH/FILE"; write errors name the text that was tried.
class CgroupFs {
 public:
  virtual ~CgroupFs() = default;

  virtual Result<CgroupStat> Stat(const CgroupPath& path) = 0;

  // Names of the sub-cgroups, in no order; any byte but '/' and NUL, up to 4 KiB long.
  virtual Result<std::vector<std::string>> ListChildren(const CgroupPath& path) = 0;

  // At most 1 MiB is read. A missing file of an existing cgroup is Unsupported.
  virtual Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) = 0;

  // One write(2) of the whole text, then the file read back through the same descriptor ("" for
  // files that cannot be read). An empty text is refused as Invalid: the kernel would take it as 0
  // (measured on 6.1 to 6.18).
  virtual Result<std::string> WriteFile(const CgroupPath& path,
                                        std::string_view file,
                                        std::string_view text) = 0;

  // mkdir. Busy when max.depth or max.descendants is reached (EAGAIN) or the name exists (EEXIST).
  virtual Result<CgroupId> Create(const CgroupPath& path) = 0;

  // rmdir. Busy while a live process or a child is inside.
  virtual Result<> Remove(const CgroupPath& path) = 0;

  // Pids as listed: unordered, may repeat, gone the next moment. Threaded cgroups: Unsupported.
  virtual Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath& path) = 0;

  // Gone: the process is dead (ESRCH). Busy: the target hands controllers to its children.
  virtual Result<> AddProcess(const CgroupPath& path, std::int64_t pid) = 0;

  // Our xattr's text; of what Create made a mark without keys until it has one. nullopt: not ours.
  virtual Result<std::optional<std::string>> ReadMark(const CgroupPath& path) = 0;

  virtual Result<> WriteMark(const CgroupPath& path, std::string_view text) = 0;
};

}  // namespace reeve::port
