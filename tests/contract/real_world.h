// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "contract/helper_process.h"
#include "contract/world.h"
#include "edge/kernel/cgroup_fs_kernel.h"

namespace reeve::contract {

class RealWorld final : public World {
 public:
  // Makes a cgroup for one case below `root` and hands it every controller that `root` has.
  explicit RealWorld(std::string root);

  // Ends its processes and removes the cgroup with all below.
  ~RealWorld() override;

  // Why there is no world; "" when there is.
  const std::string& problem() const { return problem_; }

  port::CgroupFs& fs() override { return *fs_; }

  int version() const override;
  std::string WhyNot(std::string_view need) override;
  std::string Device() override;
  Result<std::string> ReadTop(std::string_view file) override;
  int SetUserXattr(const CgroupPath& path, const std::string& name) override;
  std::int64_t Start() override;
  std::int64_t KernelThread() override;
  int Fork(std::int64_t parent, std::int64_t* child) override;
  int StartThread(std::int64_t pid, std::int64_t* tid) override;
  void Exit(std::int64_t pid) override;
  void BecomeZombie(std::int64_t pid) override;
  void Kill(std::int64_t pid) override;
  bool Allocate(std::int64_t pid, int mebibytes) override;
  bool Alive(std::int64_t pid) override;
  bool Dies(std::int64_t pid) override;
  bool Wait(int looks) override;

 private:
  std::string root_;
  std::string scratch_;
  std::string problem_;
  std::unique_ptr<kernel::CgroupFsKernel> fs_;
  std::map<std::int64_t, std::unique_ptr<HelperProcess>> helpers_;
  std::set<std::int64_t> forked_;
};

}  // namespace reeve::contract
