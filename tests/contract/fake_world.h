// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "contract/world.h"
#include "support/fake_cgroup_fs.h"

namespace reeve::contract {

class FakeWorld final : public World {
 public:
  explicit FakeWorld(int version);

  port::CgroupFs& fs() override { return fs_; }

  int version() const override { return version_; }

  std::string WhyNot(std::string_view need) override;

  std::string Device() override { return "254:0"; }

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

  bool Wait(int) override { return false; }

 private:
  int version_;
  support::FakeCgroupFs fs_;
};

}  // namespace reeve::contract
