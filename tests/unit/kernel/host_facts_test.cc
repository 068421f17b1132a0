// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/host_facts.h"

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/version.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

// A cgroup tree in plain files, behind the port: what the facts read of it.
class PlainTree final : public port::CgroupFs {
 public:
  explicit PlainTree(std::string root) : root_(std::move(root)) {}

  Result<std::string> ReadFile(const CgroupPath& path, std::string_view file) override {
    return Slurp(Where(path) + "/" + std::string(file));
  }

  Result<std::vector<std::string>> ListChildren(const CgroupPath& path) override {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Where(path))) {
      if (entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    return names;
  }

  Result<CgroupId> Create(const CgroupPath& path) override {
    made.push_back(path.text());
    return refuse ? Result<CgroupId>(Error{ErrorKind::kDenied, EROFS, path.text(), "read-only"})
                  : Result<CgroupId>(CgroupId{1});
  }

  Result<> Remove(const CgroupPath& path) override {
    removed.push_back(path.text());
    return {};
  }

  Result<port::CgroupStat> Stat(const CgroupPath&) override { return NotHere(); }

  Result<std::string> WriteFile(const CgroupPath&, std::string_view, std::string_view) override {
    return NotHere();
  }

  Result<std::vector<std::int64_t>> ReadProcesses(const CgroupPath&) override { return NotHere(); }

  Result<> AddProcess(const CgroupPath&, std::int64_t) override { return NotHere(); }

  Result<std::optional<std::string>> ReadMark(const CgroupPath&) override { return NotHere(); }

  Result<> WriteMark(const CgroupPath&, std::string_view) override { return NotHere(); }

  std::vector<std::string> made;
  std::vector<std::string> removed;
  bool refuse = false;

 private:
  static Error NotHere() { return Error{ErrorKind::kInternal, 0, "", "facts never ask for this"}; }

  std::string Where(const CgroupPath& path) const {
    return path.is_root() ? root_ : root_ + "/" + path.text();
  }

  std::string root_;
};

class HostFactsTest : public testing::Test {
 protected:
  HostFactsTest() {
    options_ = {host_ / "sys",
                host_ / "proc",
                host_ / "etc",
                host_ / "run",
                host_ / "dev",
                host_ / "usr",
                host_.path() + "/"};
    host_.Write("proc/sys/kernel/hostname", "web03\n");
    host_.Write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
    host_.Write("proc/sys/kernel/pid_max", "4194304\n");
    host_.Write("proc/sys/kernel/threads-max", "127000\n");
    host_.Write("proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\nSwapTotal: 2048 kB\n");
    host_.Write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-5,8\n");
    host_.Write("proc/self/mountinfo",
                "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                "31 27 0:28 / " +
                    tree_ + " rw - cgroup2 cgroup2 rw\n");
    host_.Write("proc/cpuinfo", "");
    host_.Write("proc/sys/kernel/random/boot_id", "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10\n");
    host_.Write("etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n");
    host_.Write("etc/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n");
  }

  // A file of the tree: "a.slice/memory.max".
  void Knob(const std::string& file, const std::string& text) {
    host_.Write("cgroup/" + file, text + "\n");
  }

  HostFacts Read() { return ReadHostFacts("", nullptr, options_, &notes_); }

  HostFacts ReadAt(const std::string& below) {
    const std::string root = below.empty() ? tree_ : tree_ + "/" + below;
    fs_ = std::make_unique<PlainTree>(root);
    fs_->refuse = refuse_;
    return ReadHostFacts(root, fs_.get(), options_, &notes_);
  }

  TempDir host_;
  const std::string tree_ = host_ / "cgroup";
  FactsOptions options_;
  std::unique_ptr<PlainTree> fs_;
  bool refuse_ = false;
  std::vector<std::string> notes_;
};

TEST_F(HostFactsTest, DescribesTheMachine) {
  const HostFacts facts = Read();

  EXPECT_EQ(facts.host, "web03");
  EXPECT_EQ(facts.kernel, "6.1.0-56-amd64");
  EXPECT_EQ(facts.os, "debian 12");
  EXPECT_EQ(facts.virt, "none");
  EXPECT_EQ(facts.machine_id, "3d1219c7c4c5404aaa1f6d2a48adfda4");
  EXPECT_EQ(facts.boot_id, "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10");
  EXPECT_EQ(facts.reeve, kVersion);
  EXPECT_EQ(facts.cpus, 7U);
  EXPECT_EQ(facts.memory, 16'384'000ULL * 1024);
  EXPECT_EQ(facts.swap, 2048ULL * 1024);
  EXPECT_EQ(facts.max_tasks, 127'000U);
  EXPECT_EQ(facts.page_size, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_THAT(facts.mounts, Contains(Pair("/", std::nullopt)));
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(HostFactsTest, WhatCanNotBeReadIsNotedAndTheRestStays) {
  std::filesystem::remove(host_ / "proc/sys/kernel/threads-max");
  std::filesystem::remove(host_ / "etc/os-release");
  host_.Write("proc/self/mountinfo", "nonsense\n");

  const HostFacts facts = Read();

  EXPECT_EQ(facts.max_tasks, 4'194'304U);
  EXPECT_EQ(facts.host, "web03");
  EXPECT_THAT(notes_,
              ElementsAre(HasSubstr("usr/lib/os-release: opening: No such file"),
                          HasSubstr("threads-max: opening: No such file"),
                          HasSubstr("mountinfo: \"nonsense\" is no line of it")));
}

TEST_F(HostFactsTest, CpusAndMemoryAreWhatTheRootMayUse) {
  Knob("cgroup.controllers", "cpuset cpu memory pids");
  Knob("a.slice/cpuset.cpus.effective", "0-3");
  Knob("a.slice/memory.max", "8589934592");
  Knob("a.slice/b/memory.max", "max");
  Knob("a.slice/b/cgroup.type", "domain");
  Knob("a.slice/b/cgroup.controllers", "memory");

  const HostFacts facts = ReadAt("a.slice/b");

  EXPECT_EQ(facts.cpus, 4U);
  EXPECT_EQ(facts.memory, 8'589'934'592U);
  EXPECT_EQ(facts.controllers, ControllerSet{Controller::kMemory});
}

TEST_F(HostFactsTest, CpusAndNodesHaveNumbers) {
  host_.Write("sys/devices/system/cpu/online", "0-7\n");
  host_.Write("sys/devices/system/node/has_memory", "0-1\n");
  EXPECT_EQ(Read().cpu_ids, (IdSet{{{0, 7}}})) << "without a tree: what the machine has";
  EXPECT_EQ(Read().memory_nodes, (IdSet{{{0, 1}}}));

  Knob("a.slice/cpuset.cpus.effective", "0-3,6");
  Knob("a.slice/cpuset.cpus.partition", "member");
  Knob("a.slice/cpuset.mems.effective", "0");
  Knob("a.slice/b/cgroup.type", "domain");

  const HostFacts facts = ReadAt("a.slice/b");

  EXPECT_EQ(facts.cpu_ids, (IdSet{{{0, 3}, {6, 6}}})) << "of the nearest that has cpuset's files";
  EXPECT_EQ(facts.cpus, 5U);
  EXPECT_EQ(facts.memory_nodes, (IdSet{{{0, 0}}}));
}

TEST_F(HostFactsTest, WhereNobodyNumbersThemNothingIsKnown) {
  EXPECT_EQ(Read().cpu_ids, std::nullopt);
  EXPECT_EQ(Read().memory_nodes, std::nullopt);
}

TEST_F(HostFactsTest, CpusOfPartitionsBelowStayTheRootsOwn) {
  host_.Write("sys/devices/system/cpu/online", "0-6\n");
  Knob("cpuset.cpus.effective", "0-3");

  EXPECT_EQ(ReadAt("").cpu_ids, (IdSet{{{0, 6}}})) << "the hierarchy's root has them all below";

  Knob("p/cpuset.cpus", "4-7");
  Knob("p/cpuset.cpus.partition", "root");
  Knob("p/cpuset.cpus.effective", "4");
  EXPECT_EQ(ReadAt("p").cpu_ids, (IdSet{{{4, 6}}})) << "7 is offline";
  Knob("p/cpuset.cpus.effective", "");
  EXPECT_EQ(ReadAt("p").cpus, 3U) << "partitions below took everything";
  Knob("p/cpuset.cpus.effective", "4");
  Knob("p/cpuset.cpus.partition", "root invalid (Cpu list in cpuset.cpus not exclusive)");
  EXPECT_EQ(ReadAt("p").cpu_ids, (IdSet{{{4, 4}}}));

  Knob("m/cpuset.cpus.effective", "0-1");
  Knob("m/cpuset.cpus.partition", "member");
  Knob("m/cpuset.cpus.exclusive.effective", "2-3");
  EXPECT_EQ(ReadAt("m").cpu_ids, (IdSet{{{0, 3}}})) << "remote partitions, since 6.7";
}

TEST_F(HostFactsTest, TheNearestFiniteLimitAboveCounts) {
  Knob("a.slice/memory.max", "8589934592");
  Knob("a.slice/memory.high", "max");
  Knob("a.slice/memory.low", "0");
  Knob("a.slice/pids.max", "5000");
  Knob("a.slice/cpu.max", "200000 100000");
  Knob("a.slice/hugetlb.2MB.max", "4194304");
  Knob("a.slice/b/memory.max", "4294967296");
  Knob("a.slice/b/cpu.max", "max 100000");
  Knob("a.slice/b/pids.max", "max");
  Knob("a.slice/b/cgroup.max.depth", "5");
  Knob("a.slice/b/cgroup.type", "domain");

  const HostFacts facts = ReadAt("a.slice/b");

  EXPECT_THAT(facts.limits_above,
              UnorderedElementsAre(Pair("memory.max", "4294967296"),
                                   Pair("pids.max", "5000"),
                                   Pair("cpu.max", "200000 100000"),
                                   Pair("hugetlb.2MB.max", "4194304")));
}

TEST_F(HostFactsTest, ACgroupShowsTheFilesItsChildrenWillHave) {
  Knob("a.slice/b/cgroup.type", "domain");
  Knob("a.slice/b/cgroup.controllers", "memory");
  Knob("a.slice/b/cgroup.subtree_control", "");
  Knob("a.slice/b/memory.max", "max");
  Knob("a.slice/b/child/cgroup.type", "domain");

  const HostFacts facts = ReadAt("a.slice/b");

  EXPECT_THAT(facts.files,
              UnorderedElementsAre(
                  "cgroup.type", "cgroup.controllers", "cgroup.subtree_control", "memory.max"));
  EXPECT_THAT(fs_->made, IsEmpty());
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(HostFactsTest, AtTheHierarchysRootAChildIsLookedAt) {
  Knob("cgroup.controllers", "memory pids");
  Knob("cgroup.subtree_control", "memory pids");
  Knob("io.cost.qos", "");
  Knob("threaded/cgroup.type", "threaded");
  Knob("user.slice/cgroup.type", "domain");
  Knob("user.slice/memory.max", "max");
  Knob("user.slice/pids.max", "max");

  const HostFacts facts = ReadAt("");

  EXPECT_THAT(facts.files, UnorderedElementsAre("cgroup.type", "memory.max", "pids.max"));
  EXPECT_THAT(fs_->made, IsEmpty());
}

TEST_F(HostFactsTest, WhatIsNotHandedDownYetIsTakenToHaveEveryFile) {
  Knob("cgroup.controllers", "memory pids hugetlb");
  Knob("cgroup.subtree_control", "memory");
  Knob("user.slice/cgroup.type", "domain");
  Knob("user.slice/memory.max", "max");
  host_.Write("sys/kernel/mm/hugepages/hugepages-2048kB/x", "");
  host_.Write("sys/kernel/mm/hugepages/hugepages-1048576kB/x", "");

  const HostFacts facts = ReadAt("");

  EXPECT_THAT(facts.files, Contains("pids.max"));
  EXPECT_THAT(facts.files, Contains("hugetlb.2MB.max"));
  EXPECT_THAT(facts.files, Contains("hugetlb.1GB.max"));
  EXPECT_THAT(facts.files, Not(Contains("memory.high"))) << "memory was looked at";
  EXPECT_THAT(notes_,
              ElementsAre(tree_ + ": hugetlb pids not enabled for its children yet; their "
                                  "files are taken to exist"));
}

TEST_F(HostFactsTest, WithoutAnyChildOneIsMadeAndRemoved) {
  Knob("cgroup.controllers", "memory");
  Knob("cgroup.subtree_control", "memory");

  ReadAt("");

  EXPECT_THAT(fs_->made, ElementsAre(fmt::format("_probe-{}", ::getpid())));
  EXPECT_EQ(fs_->removed, fs_->made);
}

TEST_F(HostFactsTest, WhereNobodyMayLookEveryFileIsTakenToExist) {
  Knob("cgroup.controllers", "memory");
  refuse_ = true;

  const HostFacts facts = ReadAt("");

  EXPECT_THAT(facts.files, IsEmpty());
  EXPECT_THAT(fs_->removed, IsEmpty());
  EXPECT_THAT(notes_,
              ElementsAre(tree_ + ": no interface files could be looked at; all are taken "
                                  "to exist"));
}

TEST(HostFactsHere, ThisHostHasFacts) {
  const ScratchCgroup scratch;
  REEVE_SKIP_WITHOUT(scratch);
  const auto fs = CgroupFsKernel::Open(scratch.path());
  ASSERT_TRUE(fs.has_value());
  std::vector<std::string> notes;

  const HostFacts facts = ReadHostFacts((*fs)->root(), fs->get(), {}, &notes);

  EXPECT_FALSE(facts.host.empty());
  EXPECT_GE(facts.cpus, 1U);
  ASSERT_TRUE(facts.cpu_ids.has_value());
  EXPECT_FALSE(facts.cpu_ids->ranges.empty());
  EXPECT_GT(facts.memory, 1U << 20);
  EXPECT_THAT(facts.files, Contains("cgroup.freeze"));
  EXPECT_THAT(facts.mounts, Contains(Pair("/proc", std::nullopt)));
}

}  // namespace
}  // namespace reeve::kernel
