// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/port/cgroup_fs.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/beneath.h"
#include "edge/kernel/root_lock.h"

namespace reeve::kernel {

// The real cgroup2 tree below one directory. Every path is resolved beneath the root's descriptor
// by openat2 without symlinks, magic links or mount crossings; where openat2 is missing, component
// by component with O_NOFOLLOW and a check that it is still the same mount.
//
// A device that a write names and that is not there is Unsupported, never Gone, and so is every
// other ENOENT or ENODEV of a file in a cgroup that still exists: Gone and NotFound always speak of
// the cgroup.
class CgroupFsKernel final : public port::CgroupFs {
 public:
  // errors   NotFound; Unsupported when it is not on cgroup2 (a v1 hierarchy, tmpfs), with what it
  //          is instead and where this host has one
  static Result<std::unique_ptr<CgroupFsKernel>> Open(
      const std::string& root, Confinement confinement = Confinement::kKernel);

  // Another one of the same directory, without the lock: for a thread of its own.
  Result<std::unique_ptr<CgroupFsKernel>> SameRoot() const;

  // Keeps any other reeve from writing below this root for as long as this object lives.
  // errors   Conflict when another one governs it, a tree inside it or one around it
  Result<> Lock(Nesting nesting = Nesting::kRefused);

  // Whether the mount (or file system) refuses writes.
  bool read_only() const;

  // "trusted.reeve"; "user.reeve" without the privilege for it. Only one of them is ever read: an
  // owner mark in user.* may come from whoever owns the directory.
  const std::string& mark_name() const { return mark_name_; }

  // Whether openat2 keeps the paths beneath the root.
  bool confined_by_kernel() const { return beneath_.by_kernel(); }

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
  CgroupFsKernel(Beneath beneath, std::string root_path);

  // What is wrong when a file could not be opened: ENOENT is the file's or the cgroup's.
  Error OpenError(int errno_value, const CgroupPath& path, std::string_view file);
  // The same for a write that failed through `fd`.
  Error FailedWrite(int errno_value,
                    const CgroupPath& path,
                    std::string_view file,
                    std::string_view text,
                    int fd);
  // mkdir and rmdir take the parent's descriptor; for children of the root that is the root's own.
  Result<UniqueFd> OpenParent(const CgroupPath& path);

  Beneath beneath_;
  std::string root_path_;
  std::string mark_name_;
  dev_t device_ = 0;
  RootLock lock_;
};

// CgroupFsKernel::Open, null where it fails: for who only looks as far as there is a tree.
std::unique_ptr<port::CgroupFs> OpenTreeOf(const std::string& directory);

}  // namespace reeve::kernel
