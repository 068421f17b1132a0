// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/doctor.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/doctor_checks.h"
#include "edge/kernel/lock_holder.h"
#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "WARN topic: text [fix]"
std::string Line(const HealthCheck& check) {
  const std::string health = check.health == Health::kOk     ? "ok"
                             : check.health == Health::kWarn ? "WARN"
                                                             : "FAIL";
  const std::string fix = check.fix.empty() ? "" : " [" + check.fix + "]";
  return fmt::format("{} {}: {}{}", health, check.topic, check.text, fix);
}

std::vector<std::string> Lines(const std::vector<HealthCheck>& checks) {
  std::vector<std::string> lines;
  for (const HealthCheck& check : checks) lines.push_back(Line(check));
  return lines;
}

MountTable Table(std::string_view text) {
  return MountTable(*format::ParseMountInfo(text));
}

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() {
    options_.proc = host_ / "proc";
    options_.sys = host_ / "sys";
  }

  TempDir host_;
  FactsOptions options_;
  HostFacts facts_;
};

TEST_F(DoctorTest, AUnifiedHostShowsItsMountAndOptions) {
  const auto mounts = FindCgroupMounts(Table(
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "31 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"));

  EXPECT_THAT(Lines(CheckCgroupMounts(mounts)),
              ElementsAre("ok cgroup v2: /sys/fs/cgroup (nsdelegate, memory_recursiveprot)"));
}

TEST_F(DoctorTest, AHybridHostIsToldWhatItLacks) {
  const auto mounts =
      FindCgroupMounts(Table("27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                             "31 27 0:28 / /cg/memory rw - cgroup cgroup rw,memory\n"
                             "32 27 0:29 / /cg/unified rw - cgroup2 cgroup2 rw\n"));

  EXPECT_THAT(
      Lines(CheckCgroupMounts(mounts)),
      ElementsAre(
          "ok cgroup v2: /cg/unified (no options)",
          "WARN cgroup v1: this host is hybrid: v1 holds memory, which reeve can not use; its "
          "keys are Unsupported [systemd.unified_cgroup_hierarchy=1 on the kernel's command "
          "line, or cgroup_no_v1=all without systemd]"));
}

TEST_F(DoctorTest, WithoutCgroup2NothingWorks) {
  EXPECT_THAT(
      Lines(CheckCgroupMounts(FindCgroupMounts(Table("")))),
      ElementsAre("FAIL cgroup v2: no cgroup2 file system is mounted on this host (mount -t "
                  "cgroup2 none /sys/fs/cgroup) [mount -t cgroup2 none /sys/fs/cgroup]"));
}

TEST_F(DoctorTest, ARootThatIsNotConfiguredOrNoneFails) {
  EXPECT_THAT(
      Lines(CheckManagedRoot("", Table(""), options_)),
      ElementsAre("FAIL managed root: none is configured [root: in /etc/reeve/reeved.yaml]"));
  EXPECT_THAT(Lines(CheckManagedRoot("/nowhere/at/all", Table(""), options_)),
              ElementsAre(HasSubstr("FAIL managed root: /nowhere/at/all: there is no such")));
}

TEST_F(DoctorTest, SwapIsCountedOrNot) {
  EXPECT_EQ(Line(CheckSwap(facts_)),
            "ok swap: none: above memory.high only file cache can be reclaimed");

  facts_.swap = 8ULL << 30;
  facts_.controllers = {Controller::kMemory};
  facts_.files = {"memory.max", "memory.swap.max"};
  EXPECT_EQ(Line(CheckSwap(facts_)), "ok swap: 8GiB, accounting on");

  facts_.files = {"memory.max"};
  EXPECT_EQ(Line(CheckSwap(facts_)),
            "WARN swap: 8GiB, but not counted per cgroup: memory.swap.max is Unsupported "
            "[swapaccount=1 on the kernel's command line]");
}

TEST_F(DoctorTest, PressureIsToldKindByKind) {
  for (const char* kind : {"cpu", "memory"})
    host_.Write(fmt::format("proc/pressure/{}", kind), "some");
  EXPECT_EQ(Line(CheckPressure(options_)),
            "WARN pressure: not told for io: conditions on it never hold [psi=1 on the kernel's "
            "command line]");

  host_.Write("proc/pressure/io", "some");
  EXPECT_EQ(Line(CheckPressure(options_)), "ok pressure: cpu memory io");
}

TEST_F(DoctorTest, WeightsNeedIocostOrBfqOnEachDisk) {
  facts_.controllers = {Controller::kIo};
  facts_.devices = {{"/dev/sda", {"8:0", "sda"}},
                    {"/dev/sda1", {"8:0", "sda"}},
                    {"/dev/sdb", {"8:16", "sdb"}},
                    {"/dev/sdc", {"8:32", "sdc"}},
                    {"/dev/loop0", {"7:0", "loop0"}}};
  host_.Write("sys/block/sda/queue/scheduler", "none [bfq]\n");
  host_.Write("sys/block/sdb/queue/scheduler", "[none] bfq\n");
  host_.Write("sys/block/sdc/queue/scheduler", "[none] bfq\n");
  host_.Write("cgroup/io.cost.qos", "8:16 enable=1 ctrl=auto\n8:32 enable=0 ctrl=auto\n");

  EXPECT_THAT(
      Lines(CheckIoWeight(facts_, host_ / "cgroup", options_)),
      ElementsAre("ok io.weight: sda: in effect",
                  "ok io.weight: sdb: in effect",
                  "WARN io.weight: sdc: neither iocost nor BFQ, weights have no effect there "
                  "[echo bfq > /sys/block/sdc/queue/scheduler]"));

  facts_.controllers = {};
  EXPECT_THAT(CheckIoWeight(facts_, host_ / "cgroup", options_), IsEmpty());
}

// A policy that wants `text` of a file in an outermost cgroup.
void Want(const std::string& path,
          const std::string& file,
          const KnobValue& value,
          Desired* desired) {
  DesiredCgroup& cgroup = desired->cgroups[*CgroupPath::Parse(path)];
  cgroup.path = *CgroupPath::Parse(path);
  const auto source = std::make_shared<const SourceFile>(SourceFile{"20-db.yaml", "", 1, ""});
  cgroup.knobs[file] = {FindKnob(file), value, "", "", {source, 7, 5, 1}, {}};
}

TEST_F(DoctorTest, ProtectionIsCappedByTheCgroupsAbove) {
  facts_.controllers = {Controller::kMemory};
  host_.Write("cgroup/reeve.slice/memory.min", "max\n");
  host_.Write("cgroup/reeve.slice/memory.low", "1073741824\n");
  host_.Write("cgroup/reeve.slice/tree/memory.min", "0\n");
  host_.Write("cgroup/reeve.slice/tree/memory.low", "max\n");
  const std::string tree = host_ / "cgroup";
  const std::string root = tree + "/reeve.slice/tree";
  Desired desired;

  EXPECT_THAT(Lines(CheckProtection(root, tree, facts_, nullptr)),
              ElementsAre("ok protection: memory.min: " + root +
                              " has 0 bytes of it itself, which is the most that cgroups below "
                              "get (unused)",
                          "ok protection: memory.low: " + tree +
                              "/reeve.slice has 1073741824 bytes of it itself, which is the most "
                              "that cgroups below get (unused)"));

  Want("db", "memory.min", Limit(4096), &desired);
  Want("db", "memory.low", Limit(536870912), &desired);
  Want("web", "memory.low", Limit(536870912), &desired);
  Want("web/inner", "memory.low", Limit(536870912), &desired);
  Want("rest", "memory.low", Limit::Max(), &desired);
  EXPECT_THAT(Lines(CheckProtection(root, tree, facts_, &desired)),
              ElementsAre("WARN protection: memory.min: " + root +
                              " has 0 bytes of it itself, so that cgroups below get no more. "
                              "20-db.yaml:7 wants 4096 bytes in all [echo 4096 > " +
                              root + "/memory.min, or MemoryMin= of the unit]",
                          "ok protection: memory.low: " + tree +
                              "/reeve.slice has 1073741824 bytes of it itself, which is the most "
                              "that cgroups below get"));
}

TEST_F(DoctorTest, BelowTheHierarchysRootProtectionCountsAsWritten) {
  facts_.controllers = {Controller::kMemory};
  host_.Write("cgroup/cgroup.procs", "");

  EXPECT_THAT(Lines(CheckProtection(host_ / "cgroup", host_ / "cgroup", facts_, nullptr)),
              ElementsAre("ok protection: memory.min: as the policies write it",
                          "ok protection: memory.low: as the policies write it"));
  facts_.controllers = {};
  EXPECT_THAT(CheckProtection(host_ / "cgroup", host_ / "cgroup", facts_, nullptr), IsEmpty());
}

TEST_F(DoctorTest, PartitionsNeedOneAboveOrANewerKernel) {
  facts_.controllers = {Controller::kCpuset};
  facts_.kernel = "6.1.0-56-amd64";
  const std::string root = host_ / "cgroup";
  host_.Write("cgroup/cgroup.procs", "");
  Desired desired;
  Want("rt", "cpuset.cpus.partition", std::string("root"), &desired);
  const auto check = [&](const Desired* wanted) {
    const auto lines = Lines(CheckPartitions(root, facts_, wanted));
    return lines.empty() ? "" : lines.front();
  };
  const std::string can = "ok partitions: can be made below the managed root";
  const std::string can_not = "partitions: cpuset.cpus.partition can not come true below " + root +
                              ": it is no partition root, and kernel 6.1.0-56-amd64 makes "
                              "partitions only below one";

  EXPECT_EQ(check(&desired), can) << "the hierarchy's root has no such file";
  host_.Write("cgroup/cpuset.cpus.partition", "member\n");
  EXPECT_EQ(check(nullptr), "ok " + can_not + " (unused)");
  EXPECT_EQ(check(&desired),
            "WARN " + can_not +
                ". 20-db.yaml:7 wants one [a managed root directly below the hierarchy's, with "
                "cpuset.cpus set and `root` in its cpuset.cpus.partition; or kernel 6.7]");
  host_.Write("cgroup/cpuset.cpus.partition", "root invalid (Cpu list not exclusive)\n");
  EXPECT_EQ(check(nullptr), "ok " + can_not + " (unused)");
  host_.Write("cgroup/cpuset.cpus.exclusive", "\n");
  EXPECT_EQ(check(&desired),
            "ok partitions: can be made of CPUs in cpuset.cpus.exclusive of every cgroup above "
            "them");
  host_.Write("cgroup/cpuset.cpus.partition", "isolated\n");
  EXPECT_EQ(check(&desired), can);
  facts_.controllers = {};
  EXPECT_EQ(check(&desired), "");
}

TEST_F(DoctorTest, NeighboursAreNamedWithWhereTheyRun) {
  host_.Write("proc/12/comm", "slurmd\n");
  host_.Write("proc/12/cgroup", "0::/system.slice/slurmd.service\n");
  host_.Write("proc/13/comm", "dockerd\n");
  host_.Write("proc/13/cgroup", "0::/reeve/docker\n");
  host_.Write("proc/14/comm", "bash\n");
  host_.Write("proc/14/cgroup", "0::/\n");
  host_.Write("proc/irq/comm", "kubelet\n");

  EXPECT_THAT(Lines(CheckNeighbours("/cg/reeve", "/cg", options_)),
              ElementsAre("WARN neighbours: dockerd: /reeve/docker, inside the managed root: both "
                          "set limits there [a managed root of reeve's own]",
                          "ok neighbours: slurmd: /system.slice/slurmd.service, left alone",
                          "ok neighbours: kubelet: not here"));
  EXPECT_THAT(Lines(CheckNeighbours("/cg", "/cg", options_)),
              Contains("ok neighbours: dockerd: /reeve/docker, left alone"));
}

TEST_F(DoctorTest, AClockOutOfStepIsAWarning) {
  EXPECT_EQ(Line(CheckClock(true)), "ok clock: in step");
  EXPECT_EQ(
      Line(CheckClock(false)),
      "WARN clock: NTP is not in step: durations are right, dates may be off [systemctl enable "
      "--now systemd-timesyncd]");
}

TEST_F(DoctorTest, FileSystemsThatDoNotChargeTheWriterAreNamed) {
  facts_.controllers = {Controller::kMemory, Controller::kIo};
  const MountTable mounts = Table(
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "28 27 0:30 / /data rw - zfs tank/data rw\n"
      "29 27 0:31 / /run rw - tmpfs tmpfs rw\n"
      "30 27 8:2 / /home rw - xfs /dev/sda2 rw\n");

  EXPECT_THAT(
      Lines(CheckFileSystems(facts_, mounts)),
      ElementsAre("ok filesystems: / ext4, /home xfs: writes are charged to the writer",
                  "ok filesystems: /data zfs: writes are NOT charged to the writer; limits on "
                  "them do nothing"));

  facts_.controllers = {Controller::kIo};
  EXPECT_THAT(Lines(CheckFileSystems(facts_, mounts)),
              Contains("ok filesystems: / ext4, /home xfs: writes are not charged, that needs the "
                       "memory and io controllers"));
}

TEST_F(DoctorTest, MissingCapabilitiesAreNamedWithWhatTheyAreFor) {
  host_.Write("proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
  EXPECT_EQ(Line(CheckPrivileges(options_)),
            fmt::format("ok privileges: uid {} with all that is used", ::geteuid()));

  host_.Write("proc/self/status", "Name:\tx\nCapEff:\t000001fffeffffff\n");
  EXPECT_EQ(
      Line(CheckPrivileges(options_)),
      fmt::format("WARN privileges: uid {} without CAP_SYS_RESOURCE (pressure windows shorter "
                  "than 2 s) [run it as root; of the daemon, see CapabilityBoundingSet= of its "
                  "unit]",
                  ::geteuid()));
}

// On a real tree, with what proc says put beside it.
class DoctorRootTest : public DoctorTest {
 protected:
  void SetUp() override {
    REEVE_SKIP_WITHOUT(scratch_);
    fs_ = *CgroupFsKernel::Open(scratch_.path());
  }

  std::vector<std::string> Check(const std::string& more_mounts = "") {
    const std::string tree = std::filesystem::path(scratch_.path()).parent_path().string();
    return Lines(CheckManagedRoot(scratch_.path(),
                                  Table("27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                        "31 27 0:28 / " +
                                        tree + " rw - cgroup2 cgroup2 rw\n" + more_mounts),
                                  options_));
  }

  // An IO controller that the tree's own root does not offer, or a skipped test.
  bool IoIsMissing() const {
    const std::string tree = std::filesystem::path(scratch_.path()).parent_path().string();
    return Slurp(tree + "/cgroup.controllers").find("io") == std::string::npos;
  }

  ScratchCgroup scratch_;
  std::unique_ptr<CgroupFsKernel> fs_;
};

TEST_F(DoctorRootTest, ShowsTheRootItsControllersAndWhoHoldsIt) {
  const auto lines = Check();

  EXPECT_THAT(lines.front(), HasSubstr("ok managed root: " + scratch_.path() + ": "));
  EXPECT_EQ(lines.back(), "ok lock: no reeved runs on this managed root");
}

TEST_F(DoctorRootTest, TheHolderOfTheLockIsNamed) {
  ASSERT_TRUE(fs_->Lock().has_value());
  struct stat root = {};
  ASSERT_EQ(::stat(scratch_.path().c_str(), &root), 0);
  host_.Write("proc/locks",
              fmt::format("1: POSIX  ADVISORY  WRITE 30193 fe:00:1073259 0 EOF\n"
                          "2: FLOCK  ADVISORY  WRITE 812 {:02x}:{:02x}:{} 0 EOF\n",
                          major(root.st_dev),
                          minor(root.st_dev),
                          root.st_ino));
  host_.Write("proc/812/comm", "reeved\n");

  EXPECT_EQ(Check().back(), "ok lock: held by reeved (pid 812)");
  EXPECT_EQ(LockHolder(scratch_.path()), ::getpid());
}

TEST_F(DoctorRootTest, AControllerIsMissingForOneOfManyReasons) {
  if (!IoIsMissing()) GTEST_SKIP() << "the tree here offers the io controller";
  constexpr std::string_view kText =
      "WARN controllers: io is not available: {}; its keys are Unsupported{}";

  EXPECT_THAT(Check(), Contains(fmt::format(kText, "this kernel does not offer it", "")));

  host_.Write("proc/cgroups", "#subsys_name hierarchy num_cgroups enabled\nblkio 0 13 0\n");
  EXPECT_THAT(Check(),
              Contains(fmt::format(kText,
                                   "it is switched off on the kernel's command line",
                                   " [take cgroup_disable=blkio off the kernel's command line]")));

  host_.Write("proc/cgroups", "blkio 7 13 1\n");
  EXPECT_THAT(Check(),
              Contains(fmt::format(kText,
                                   "a cgroup v1 hierarchy that is not mounted here holds it",
                                   " [cgroup_no_v1=blkio on the kernel's command line]")));

  EXPECT_THAT(Check("32 27 0:29 / /cg/blkio rw - cgroup cgroup rw,blkio\n"),
              testing::Not(Contains(HasSubstr("io is not available"))))
      << "that is said once, for all of v1";
}

TEST(Doctor, LooksAtThisHostWithoutChangingIt) {
  const ScratchCgroup scratch;
  REEVE_SKIP_WITHOUT(scratch);

  const auto checks = Examine(scratch.path(), HostFacts(), FactsOptions());

  const std::vector<std::string> lines = Lines(checks);
  EXPECT_THAT(lines, Contains(HasSubstr("ok cgroup v2: ")));
  EXPECT_THAT(lines, Contains(HasSubstr("ok managed root: ")));
  EXPECT_THAT(lines, Contains(HasSubstr("privileges: ")));
}

}  // namespace
}  // namespace reeve::kernel
