// SPDX-License-Identifier: Apache-2.0
#include "contract/real_world.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/base/text.h"
#include "core/model/controller.h"

namespace reeve::contract {
namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr int kMostLooks = 400;  // 20 s: guests without hardware virtualisation are slow
constexpr std::chrono::milliseconds kMoment{300};

std::string TextOf(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool HasWord(const std::string& text, std::string_view word) {
  for (std::string_view each : SplitWords(text)) {
    if (each == word) return true;
  }
  return false;
}

// The root of the hierarchy, or what this cgroup namespace shows as such.
std::string Top(std::string path) {
  struct stat here = {}, above = {};
  while (::stat(path.c_str(), &here) == 0 && ::stat((path + "/..").c_str(), &above) == 0 &&
         here.st_dev == above.st_dev && here.st_ino != above.st_ino) {
    path += "/..";
  }
  return path;
}

void RemoveTree(const std::string& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    if (entry.is_directory(ignored)) RemoveTree(entry.path());
  }
  // The last process may have died, but not yet be out of the cgroup.
  for (int looks = 0; ::rmdir(path.c_str()) != 0 && errno == EBUSY && looks < kMostLooks; ++looks) {
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace

RealWorld::RealWorld(std::string root)
    : root_(std::move(root)), scratch_(root_ + "/case-" + std::to_string(::getpid())) {
  std::string available = TextOf(root_ + "/cgroup.controllers");
  for (std::string_view name : SplitWords(available)) {
    std::ofstream(root_ + "/cgroup.subtree_control") << "+" << name << std::flush;
  }
  if (::mkdir(scratch_.c_str(), 0755) != 0) {
    problem_ = "mkdir " + scratch_ + ": " + ErrnoName(errno);
    return;
  }
  auto opened = kernel::CgroupFsKernel::Open(scratch_);
  if (opened) {
    fs_ = *std::move(opened);
  } else {
    problem_ = opened.error().ToString();
  }
}

RealWorld::~RealWorld() {
  for (std::int64_t pid : forked_) ::kill(static_cast<pid_t>(pid), SIGKILL);
  std::ofstream(scratch_ + "/cgroup.freeze") << "0" << std::flush;
  helpers_.clear();
  RemoveTree(scratch_);
}

int RealWorld::version() const {
  struct utsname name = {};
  ::uname(&name);
  int major = 0, minor = 0;
  if (std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return 0;
  return major * 100 + minor;
}

std::string RealWorld::WhyNot(std::string_view need) {
  std::string name(need);
  if (ControllerByName(need)) {
    if (HasWord(TextOf(scratch_ + "/cgroup.controllers"), need)) return "";
    return "no " + name + " controller here";
  }
  bool has = true;
  if (need == "domain") {
    has = WhyNot("memory").empty() || WhyNot("io").empty() || WhyNot("hugetlb").empty();
  } else if (need == "threaded") {
    has = WhyNot("pids").empty() || WhyNot("cpu").empty();
  } else if (need == "psi") {
    has = ::access((scratch_ + "/cpu.pressure").c_str(), F_OK) == 0;
  } else if (need == "swap") {
    has = ::access((scratch_ + "/memory.swap.max").c_str(), F_OK) == 0;
  } else if (need == "io.weight") {
    has = ::access((scratch_ + "/io.weight").c_str(), F_OK) == 0;
  } else if (need == "device") {
    has = !Device().empty();
    if (!has) return "neither REEVE_CONTRACT_DEVICE nor RIG_DISK names a block device";
  } else if (need == "cpus") {
    has = ::sysconf(_SC_NPROCESSORS_CONF) == 2;
    if (!has) return "needs two CPUs";
  } else if (need == "top") {
    has = ::access((Top(root_) + "/cgroup.type").c_str(), F_OK) != 0;
    if (!has) return "the root of the hierarchy is outside our cgroup namespace";
  } else if (need == "below-top") {
    has = ::access((root_ + "/cgroup.type").c_str(), F_OK) != 0;
    if (!has) return "REEVE_CONTRACT_ROOT is not the root of the hierarchy";
  } else if (need == "kthread") {
    has = TextOf("/proc/2/comm") == "kthreadd\n";
    if (!has) return "no kernel threads in this pid namespace";
  } else {
    has = false;
  }
  return has ? "" : "no " + name + " here";
}

std::string RealWorld::Device() {
  for (const char* variable : {"REEVE_CONTRACT_DEVICE", "RIG_DISK"}) {
    const char* path = std::getenv(variable);
    struct stat node = {};
    if (path == nullptr || ::stat(path, &node) != 0 || !S_ISBLK(node.st_mode)) continue;
    return std::to_string(major(node.st_rdev)) + ":" + std::to_string(minor(node.st_rdev));
  }
  return "";
}

Result<std::string> RealWorld::ReadTop(std::string_view file) {
  auto top = kernel::CgroupFsKernel::Open(Top(root_));
  if (!top) return top.error();
  return (*top)->ReadFile(CgroupPath(), file);
}

int RealWorld::SetUserXattr(const CgroupPath& path, const std::string& name) {
  std::string directory = scratch_ + "/" + path.text();
  return ::setxattr(directory.c_str(), name.c_str(), "x", 1, 0) == 0 ? 0 : errno;
}

std::int64_t RealWorld::Start() {
  auto helper = std::make_unique<HelperProcess>();
  std::int64_t pid = helper->pid();
  helpers_[pid] = std::move(helper);
  return pid;
}

std::int64_t RealWorld::KernelThread() {
  return 2;
}

int RealWorld::Fork(std::int64_t parent, std::int64_t* child) {
  *child = helpers_.at(parent)->Fork();
  if (*child < 0) return static_cast<int>(-*child);
  forked_.insert(*child);
  return 0;
}

int RealWorld::StartThread(std::int64_t pid, std::int64_t* tid) {
  *tid = helpers_.at(pid)->StartThread();
  return *tid < 0 ? static_cast<int>(-*tid) : 0;
}

void RealWorld::Exit(std::int64_t pid) {
  helpers_.at(pid)->End();
  helpers_.at(pid)->Reap();
}

void RealWorld::BecomeZombie(std::int64_t pid) {
  helpers_.at(pid)->End();
}

void RealWorld::Kill(std::int64_t pid) {
  ::kill(static_cast<pid_t>(pid), SIGKILL);
}

bool RealWorld::Allocate(std::int64_t pid, int mebibytes) {
  return helpers_.at(pid)->Allocate(mebibytes);
}

bool RealWorld::Alive(std::int64_t pid) {
  std::this_thread::sleep_for(kMoment);
  return !IsDead(pid);
}

bool RealWorld::Dies(std::int64_t pid) {
  for (int looks = 0; Wait(looks); ++looks) {
    if (IsDead(pid)) return true;
  }
  return false;
}

bool RealWorld::Wait(int looks) {
  if (looks >= kMostLooks) return false;
  std::this_thread::sleep_for(kLook);
  return true;
}

}  // namespace reeve::contract
