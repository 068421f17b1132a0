// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/controller.h"
#include "support/fake_cgroup.h"
#include "support/kernel_text.h"

namespace reeve::support {

class FakeKernel;

struct FakeDevice {
  std::string number;      // "8:0"
  bool partition = false;  // io.max and its like refuse those
  bool iocost = false;     // whether per-device weights are in force on it
};

// Which kernel and machine the fake is. Defaults: a 6.1 distribution kernel with everything on v2.
struct FakeKernelOptions {
  int version = 601;  // 601, 612, 618, 702: those the behaviour was measured on
  ControllerSet controllers = {Controller::kCpuset,
                               Controller::kCpu,
                               Controller::kIo,
                               Controller::kMemory,
                               Controller::kHugetlb,
                               Controller::kPids,
                               Controller::kRdma,
                               Controller::kMisc};
  ControllerSet elsewhere;  // built, but on a v1 hierarchy: enabling is ENOENT instead of EINVAL
  unsigned cpus = 4;
  unsigned nodes = 1;
  std::vector<FakeDevice> devices = {{"8:0"}, {"8:16"}, {"259:0"}, {"8:1", true}};
  std::vector<std::string> huge_pages = {"1GB", "2MB"};
  std::set<std::string> rdma_devices;
  std::map<std::string, std::uint64_t> misc_capacity;
  std::map<std::string, std::uint64_t> dmem_regions;
  bool psi = true;
  bool swap = true;
  bool zswap = false;
  bool uclamp = false;
  bool iocost = true;  // io.weight, io.cost.*
  bool bfq = false;    // io.bfq.weight
  bool io_latency = false;
  bool io_prio = false;
  std::set<std::string> without_files;  // hidden, as on a kernel that is too old for them
};

// One interface file.
struct FakeFile {
  // Where it exists besides the controller being there.
  enum class Place { kAll, kNotRoot, kOnlyRoot };

  struct Text {
    Errno error = 0;
    std::string text;
  };

  std::string name;
  Controller controller = Controller::kCore;
  Place place = Place::kNotRoot;
  // Empty functions: not readable or not writable, which is EINVAL for a privileged caller.
  std::function<Text(const FakeCgroup&)> read;
  std::function<Errno(FakeCgroup&, std::string_view)> write;
  std::function<bool(const FakeCgroup&)> visible;  // empty: always
};

struct FakeProcess {
  std::int64_t pid = 0;
  std::set<std::int64_t> threads;  // the leader included
  bool kernel_thread = false;
  bool zombie = false;
  std::map<FakeCgroup*, std::uint64_t> memory;  // bytes, by the cgroup that was charged
};

// A kernel's cgroup v2 hierarchy in memory, with the rules and the grammar of the real one. Paths
// are relative to the root of the hierarchy. Everything here acts as some other privileged process
// of the machine would; reeve's own door is fake_cgroup_fs.h.
//   source   kernel/cgroup/cgroup.c and the controllers of 6.1, and the contract suite, which runs
//   the same
//            script here and on real kernels
class FakeKernel {
 public:
  explicit FakeKernel(FakeKernelOptions options = {});

  const FakeKernelOptions& options() const { return options_; }

  Overflow overflow() const {
    return options_.version >= 702 ? Overflow::kSaturates : Overflow::kWraps;
  }

  FakeCgroup& root() { return *root_; }

  // nullptr when there is none.
  FakeCgroup* Find(std::string_view path);

  Errno Mkdir(std::string_view path);
  Errno Rmdir(std::string_view path);
  Errno Read(std::string_view path, std::string_view file, std::string* text);
  Errno Write(std::string_view path, std::string_view file, std::string_view text);

  // Names of all files a cgroup has now.
  std::vector<std::string> Files(std::string_view path);

  // trusted.* and user.*; of user.* a node takes 128.
  Errno SetXattr(std::string_view path, const std::string& name, std::string_view value);

  // A process born inside, as by clone3(CLONE_INTO_CGROUP). EAGAIN beyond pids.max, EBUSY and
  // EOPNOTSUPP as for moving there.
  Errno Spawn(std::string_view path, std::int64_t* pid);
  Errno SpawnKernelThread(std::string_view path, std::int64_t* pid);

  // A child in the cgroup of its parent.
  Errno Fork(std::int64_t parent, std::int64_t* child);

  // One more thread of a process, in the cgroup of its leader.
  Errno StartThread(std::int64_t pid, std::int64_t* tid);

  void Exit(std::int64_t pid);

  // Dead but not waited for: in no list, and no obstacle to rmdir.
  void BecomeZombie(std::int64_t pid);

  // Charges memory where the process is now. What does not fit under some memory.max is reclaimed
  // or OOM-killed for, maybe the process itself.
  void Allocate(std::int64_t pid, std::uint64_t bytes);

  // Page cache: charged to the cgroup, and given back under pressure.
  void FillCache(std::string_view path, std::uint64_t bytes);

  // Somebody inside needs so much cache over and over: what of it was reclaimed is read again.
  void UseCache(std::string_view path, std::uint64_t bytes);

  // Those inside wait for memory.
  void StallForMemory(std::string_view path, std::uint64_t some_usec, std::uint64_t full_usec);

  void UseCpu(std::int64_t pid, std::uint64_t usec);

  bool Alive(std::int64_t pid) const;

  const FakeProcess* FindProcess(std::int64_t pid) const;

  // Where the leader is; "" also for the root.
  std::string CgroupOf(std::int64_t pid) const;

  std::vector<std::int64_t> ProcessesIn(std::string_view path);

  // Whoever writes: the process that `0` means in cgroup.procs. Starts in the root.
  std::int64_t self() const { return self_; }

  // Rules of the tree, by their names in the kernel.

  ControllerSet Control(const FakeCgroup& cgroup) const;
  const FakeCgroup& Domain(const FakeCgroup& cgroup) const;

  bool IsThreaded(const FakeCgroup& cgroup) const { return cgroup.threaded; }

  bool IsThreadRoot(const FakeCgroup& cgroup) const;
  bool IsValidDomain(const FakeCgroup& cgroup) const;
  bool CanBeThreadRoot(const FakeCgroup& cgroup) const;
  bool IsPopulated(const FakeCgroup& cgroup) const;
  bool IsFrozen(const FakeCgroup& cgroup) const;

  std::uint64_t MemoryCurrent(const FakeCgroup& cgroup) const;  // bytes
  std::uint64_t PidsCurrent(const FakeCgroup& cgroup) const;    // threads
  std::uint64_t CpuUsage(const FakeCgroup& cgroup) const;       // microseconds

 private:
  friend struct CoreFiles;
  friend struct MemoryFiles;

  const FakeFile* FindFile(const FakeCgroup& cgroup, std::string_view file) const;
  bool FileExists(const FakeCgroup& cgroup, const FakeFile& file, ControllerSet control) const;
  FakeCgroup* FindParent(std::string_view path, std::string_view* name);

  std::string TypeOf(const FakeCgroup& cgroup) const;
  Errno EnableThreaded(FakeCgroup& cgroup);
  Errno WriteSubtreeControl(FakeCgroup& cgroup, std::string_view text);
  Errno VetEnable(const FakeCgroup& cgroup, ControllerSet enable) const;
  bool CollidesBelow(const FakeCgroup& cgroup, ControllerSet enable) const;

  Errno MigrateVet(const FakeCgroup& target) const;
  FakeFile::Text ListProcesses(const FakeCgroup& cgroup) const;
  FakeFile::Text ListThreads(const FakeCgroup& cgroup) const;
  Errno MoveTask(FakeCgroup& target, std::string_view text, bool whole_process);
  std::int64_t NewTask(FakeCgroup& cgroup, std::int64_t process);
  Errno MayFork(FakeCgroup& cgroup);
  void NotePidsPeak(FakeCgroup& cgroup);
  void EndTask(std::int64_t tid);
  Errno KillAll(FakeCgroup& cgroup);

  std::uint64_t Reclaim(FakeCgroup& cgroup, std::uint64_t bytes);
  void EnforceMemoryMax(FakeCgroup& cgroup);
  void EnforceMemoryHigh(FakeCgroup& cgroup);
  bool OomKill(FakeCgroup& cgroup);
  void CountMemoryEvent(FakeCgroup& cgroup, MemoryEvent event);

  void AddFile(FakeFile file);

  FakeKernelOptions options_;
  std::unique_ptr<FakeCgroup> root_;
  CgroupId next_id_ = 1;
  std::int64_t next_pid_ = 100;
  std::int64_t self_ = 0;
  std::map<std::int64_t, FakeProcess> processes_;
  std::map<std::int64_t, std::pair<std::int64_t, FakeCgroup*>> tasks_;  // tid -> process, place
  std::map<std::string, FakeFile, std::less<>> files_;
};

// The files of each controller, as this kernel has them.
std::vector<FakeFile> CpuFiles(const FakeKernel& kernel);
std::vector<FakeFile> CpusetFiles(const FakeKernel& kernel);
std::vector<FakeFile> IoFiles(const FakeKernel& kernel);
std::vector<FakeFile> PidsFiles(const FakeKernel& kernel);
std::vector<FakeFile> NamedLimitFiles(const FakeKernel& kernel);  // hugetlb, rdma, misc, dmem
std::vector<FakeFile> PressureFiles(const FakeKernel& kernel);

}  // namespace reeve::support
