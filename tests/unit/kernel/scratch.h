// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "edge/kernel/beneath.h"

namespace reeve::kernel {

// A directory of its own, removed with everything in it.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve-unit-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Makes the directories on the way as well.
  std::string Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    ::chmod(file.c_str(), 0644);
    return file.string();
  }

 private:
  std::string path_;
};

// Names of what this process has open, by descriptor, that would survive an exec.
inline std::vector<std::string> InheritableDescriptors() {
  std::vector<std::string> found;
  for (int fd = 3; fd < 4096; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) continue;
    std::error_code ignored;
    const auto link = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored);
    found.push_back(std::to_string(fd) + " " + link.string());
  }
  return found;
}

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

inline std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace reeve::kernel

#define REEVE_SKIP_WITHOUT(scratch) \
  if (!(scratch).available()) GTEST_SKIP() << "no cgroup2 tree where a cgroup may be made"
