// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/port/cgroup_fs.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// The real cgroup2 tree below one directory. Every path is resolved beneath the root's descriptor by openat2
// without symlinks, magic links or mount crossings; where openat2 is missing, component by component with
// O_NOFOLLOW and a check that it is still cgroup2.
class CgroupFsKernel final : public port::CgroupFs {
 public:
  // errors   NotFound; Unsupported when it is not on cgroup2 (a v1 hierarchy, tmpfs), with what it is instead
  static Result<std::unique_ptr<CgroupFsKernel>> Open(const std::string& root);

  // Keeps any other reeve from writing below this root for as long as this object lives.
  // errors   Conflict when somebody else holds it
  Result<> Lock();

  // Whether the mount (or file system) refuses writes.
  bool read_only() const;

  // Absolute path of the root as opened, symlinks resolved.
  const std::string& root() const { return root_path_; }

  // An O_PATH or O_DIRECTORY descriptor of a cgroup, for clone3(CLONE_INTO_CGROUP).
  Result<UniqueFd> OpenCgroup(const CgroupPath& path);

  Result<port::CgroupStat> Stat(const CgroupPath& path) override;
  Result<std::vector<std::string>> ListChildren(const CgroupPath& path) override;
  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override;
  Result<std::string> WriteFile(const CgroupPath& path,
                                std::string_view file,
                                std::string_view text) override;
  Result<CgroupId> Create(const CgroupPath& path) override;
  Result<> Remove(const CgroupPath& path) override;
  Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath& path) override;
  Result<> AddProcess(const CgroupPath& path, std::int64_t pid) override;
  Result<std::optional<std::string>> ReadMark(const CgroupPath& path) override;
  Result<> WriteMark(const CgroupPath& path, std::string_view text) override;

 private:
  CgroupFsKernel(UniqueFd root, std::string root_path);

  Result<UniqueFd> OpenFile(const CgroupPath& path, std::string_view file, int flags);

  UniqueFd root_;
  std::string root_path_;
};

}  // namespace reeve::kernel
