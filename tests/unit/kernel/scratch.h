// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "edge/kernel/beneath.h"
#include "support/temp_dir.h"

namespace reeve::kernel {

using support::InheritableDescriptors;
using support::Slurp;
using support::TempDir;

// A cgroup of its own on a real kernel: below $RIG_CGROUP, or the first cgroup2 mount where one may
// be made. Without any, there is none, and the test skips.
class ScratchCgroup {
 public:
  ScratchCgroup() {
    std::vector<std::string> places;
    if (const char* given = std::getenv("RIG_CGROUP")) places.emplace_back(given);
    places.insert(places.end(), {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"});
    static int counter = 0;
    for (const std::string& place : places) {
      struct statfs fs = {};
      if (::statfs(place.c_str(), &fs) != 0 || fs.f_type != CGROUP2_SUPER_MAGIC) continue;
      const std::string path =
          place + "/reeve-unit-" + std::to_string(::getpid()) + "-" + std::to_string(++counter);
      if (::mkdir(path.c_str(), 0755) != 0) continue;
      path_ = path;
      return;
    }
  }

  ScratchCgroup(const ScratchCgroup&) = delete;
  ScratchCgroup& operator=(const ScratchCgroup&) = delete;

  ~ScratchCgroup() {
    if (path_) RemoveTree(*path_);
  }

  bool available() const { return path_.has_value(); }

  const std::string& path() const { return *path_; }

  std::string operator/(const std::string& name) const { return *path_ + "/" + name; }

 private:
  static void RemoveTree(const std::string& path) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
      if (entry.is_directory(ignored)) RemoveTree(entry.path().string());
    }
    ::rmdir(path.c_str());
  }

  std::optional<std::string> path_;
};

inline std::string ConfinementName(const testing::TestParamInfo<Confinement>& tested) {
  return tested.param == Confinement::kKernel ? "Openat2" : "ByComponent";
}

}  // namespace reeve::kernel

#define REEVE_SKIP_WITHOUT(scratch) \
  if (!(scratch).available()) GTEST_SKIP() << "no cgroup2 tree where a cgroup may be made"
