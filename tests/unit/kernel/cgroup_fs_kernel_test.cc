// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cgroup_fs_kernel.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

// A process that does nothing, killed at the end.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      while (true) ::pause();
    }
  }

  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  ~Sleeper() { End(); }

  void End() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class CgroupFsKernelTest : public testing::TestWithParam<Confinement> {
 protected:
  void SetUp() override {
    REEVE_SKIP_WITHOUT(scratch_);
    auto opened = CgroupFsKernel::Open(scratch_.path(), GetParam());
    ASSERT_TRUE(opened.has_value()) << opened.error().ToString();
    fs_ = *std::move(opened);
  }

  const std::vector<std::string> before_ = InheritableDescriptors();
  ScratchCgroup scratch_;
  std::unique_ptr<CgroupFsKernel> fs_;
};

TEST_P(CgroupFsKernelTest, UsesWhatItWasAskedToUse) {
  EXPECT_EQ(fs_->confined_by_kernel(), GetParam() == Confinement::kKernel);
  EXPECT_EQ(fs_->root(), scratch_.path());
  EXPECT_FALSE(fs_->read_only());
}

TEST_P(CgroupFsKernelTest, MakesFindsAndRemovesACgroupAtAnyDepth) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  const auto made = fs_->Create(Path("web/api"));
  ASSERT_TRUE(made.has_value());

  struct stat real = {};
  ASSERT_EQ(::stat((scratch_ / "web/api").c_str(), &real), 0);
  EXPECT_EQ(*made, real.st_ino);
  EXPECT_EQ(fs_->Stat(Path("web/api"))->id, real.st_ino);
  EXPECT_EQ(fs_->Stat(Path("web"))->children, 1U);
  EXPECT_EQ(fs_->Stat(Path(""))->children, 1U);
  EXPECT_THAT(*fs_->ListChildren(Path("web")), ElementsAre("api"));

  EXPECT_TRUE(fs_->Remove(Path("web/api")).has_value());
  EXPECT_EQ(fs_->Stat(Path("web"))->children, 0U);
  EXPECT_THAT(*fs_->ListChildren(Path("web")), IsEmpty());
}

TEST_P(CgroupFsKernelTest, ListsNamesWithAnyByte) {
  ASSERT_TRUE(fs_->Create(Path("a b\x1b[31m")).has_value());
  ASSERT_TRUE(fs_->Create(Path(".hidden")).has_value());

  EXPECT_THAT(*fs_->ListChildren(Path("")), UnorderedElementsAre("a b\x1b[31m", ".hidden"));
}

TEST_P(CgroupFsKernelTest, AWriteGivesBackWhatTheKernelMadeOfIt) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());

  EXPECT_EQ(*fs_->WriteFile(Path("web"), "cgroup.max.depth", "017"), "15\n");  // octal
  EXPECT_EQ(*fs_->ReadFile(Path("web"), "cgroup.max.depth"), "15\n");
}

TEST_P(CgroupFsKernelTest, AFileThatCanNotBeReadGivesBackNothing) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());

  const auto killed = fs_->WriteFile(Path("web"), "cgroup.kill", "1");

  ASSERT_TRUE(killed.has_value()) << killed.error().ToString();
  EXPECT_EQ(*killed, "");
}

TEST_P(CgroupFsKernelTest, AnEmptyTextIsRefused) {
  const auto written = fs_->WriteFile(Path(""), "cgroup.max.depth", "");

  EXPECT_EQ(written.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(written.error().ToString(),
            "cgroup.max.depth: an empty text is never written: the kernel would take it as 0");
}

TEST_P(CgroupFsKernelTest, ARefusedWriteNamesFileAndText) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());

  const auto written = fs_->WriteFile(Path("web"), "cgroup.freeze", "maybe\n");

  EXPECT_EQ(written.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(written.error().ToString(),
            "web/cgroup.freeze: writing \"maybe\": Invalid argument (EINVAL)");
}

TEST_P(CgroupFsKernelTest, AMissingCgroupAndAMissingFileAreDifferent) {
  EXPECT_EQ(fs_->ReadFile(Path("web"), "cgroup.freeze").error(),
            (Error{ErrorKind::kNotFound, ENOENT, "web", "no such cgroup"}));
  EXPECT_EQ(fs_->Stat(Path("web/api")).error().kind, ErrorKind::kNotFound);

  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  EXPECT_EQ(fs_->ReadFile(Path("web"), "memory.nonsense").error(),
            (Error{ErrorKind::kUnsupported,
                   ENOENT,
                   "web/memory.nonsense",
                   "reading: this kernel has no such file here, or its controller is not enabled "
                   "(ENOENT)"}));
  EXPECT_EQ(fs_->WriteFile(Path("web"), "memory.nonsense", "1").error().kind,
            ErrorKind::kUnsupported);
}

TEST_P(CgroupFsKernelTest, AFileIsNoCgroup) {
  EXPECT_EQ(fs_->Stat(Path("cgroup.procs")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(fs_->ReadFile(Path("cgroup.procs"), "cgroup.procs").error().kind, ErrorKind::kNotFound);
}

TEST_P(CgroupFsKernelTest, FileNamesNeverLeadAnywhereElse) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());

  for (const std::string& name : {std::string("../cgroup.procs"),
                                  std::string(".."),
                                  std::string("."),
                                  std::string(""),
                                  std::string("/etc/passwd"),
                                  std::string("a/b"),
                                  std::string("a\0b", 3)}) {
    EXPECT_EQ(fs_->ReadFile(Path("web"), name).error().kind, ErrorKind::kInvalid) << name;
    EXPECT_EQ(fs_->WriteFile(Path("web"), name, "1").error().kind, ErrorKind::kInvalid) << name;
  }
}

TEST_P(CgroupFsKernelTest, NamesTheKernelDoesNotTakeAreInvalid) {
  EXPECT_EQ(fs_->Create(Path("two\nlines")).error().kind, ErrorKind::kInvalid);
  std::string deep = "x";
  while (deep.size() < 5000) deep += "/x";
  EXPECT_EQ(fs_->Stat(Path(deep)).error().kind, ErrorKind::kInvalid);
}

TEST_P(CgroupFsKernelTest, TheRootIsNeitherMadeNorRemoved) {
  EXPECT_EQ(fs_->Create(Path("")).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(fs_->Remove(Path("")).error().kind, ErrorKind::kInvalid);
}

TEST_P(CgroupFsKernelTest, WhatIsInTheWayIsBusy) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ASSERT_TRUE(fs_->Create(Path("web/api")).has_value());

  EXPECT_EQ(fs_->Create(Path("web")).error().kind, ErrorKind::kBusy);
  EXPECT_EQ(fs_->Remove(Path("web")).error().ToString(),
            "web: rmdir: a process or a cgroup is still inside (EBUSY)");
  EXPECT_EQ(fs_->Create(Path("no/child")).error().subject, "no");
}

TEST_P(CgroupFsKernelTest, AFullTreeIsBusyAndSaysWhy) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ASSERT_TRUE(fs_->WriteFile(Path("web"), "cgroup.max.descendants", "0").has_value());

  const auto made = fs_->Create(Path("web/api"));

  EXPECT_EQ(made.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(made.error().message, HasSubstr("cgroup.max.descendants"));
}

TEST_P(CgroupFsKernelTest, MovesAndListsProcesses) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  const Sleeper one;
  const Sleeper two;

  ASSERT_TRUE(fs_->AddProcess(Path("web"), one.pid()).has_value());
  ASSERT_TRUE(fs_->AddProcess(Path("web"), two.pid()).has_value());

  EXPECT_THAT(*fs_->ReadProcesses(Path("web")), UnorderedElementsAre(one.pid(), two.pid()));
  EXPECT_EQ(fs_->Remove(Path("web")).error().kind, ErrorKind::kBusy);
}

TEST_P(CgroupFsKernelTest, ListsMoreProcessesThanOneReadGives) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  // At least four bytes each, one page a read. Forked, although processes that share our memory would
  // be cheaper: ThreadSanitizer can not follow those.
  constexpr std::size_t kCount = 1100;
  std::deque<Sleeper> sleepers;
  while (sleepers.size() < kCount) {
    sleepers.emplace_back();
    ASSERT_TRUE(fs_->AddProcess(Path("web"), sleepers.back().pid()).has_value());
  }

  const auto listed = fs_->ReadProcesses(Path("web"));
  const auto text = fs_->ReadFile(Path("web"), "cgroup.procs");

  EXPECT_EQ(listed->size(), kCount);
  EXPECT_EQ(std::count(text->begin(), text->end(), '\n'), kCount);
}

TEST_P(CgroupFsKernelTest, ADeadProcessIsGone) {
  Sleeper sleeper;
  const pid_t pid = sleeper.pid();
  sleeper.End();

  const auto moved = fs_->AddProcess(Path(""), pid);

  EXPECT_EQ(moved.error().kind, ErrorKind::kGone);
  EXPECT_EQ(moved.error().message, fmt::format("writing \"{}\": the process is gone (ESRCH)", pid));
  EXPECT_EQ(fs_->AddProcess(Path(""), 0).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(fs_->AddProcess(Path(""), -1).error().kind, ErrorKind::kInvalid);
}

TEST_P(CgroupFsKernelTest, ThreadedCgroupsHaveNoProcesses) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ASSERT_TRUE(fs_->WriteFile(Path("web"), "cgroup.type", "threaded").has_value());

  EXPECT_EQ(fs_->ReadProcesses(Path("web")).error().kind, ErrorKind::kUnsupported);
}

TEST_P(CgroupFsKernelTest, ACgroupRemovedWhileItsFileIsOpenIsGone) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  const auto fd = fs_->OpenCgroup(Path("web"));
  ASSERT_TRUE(fs_->Remove(Path("web")).has_value());

  EXPECT_EQ(fs_->OpenCgroup(Path("web")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(fs_->Remove(Path("web")).error().kind, ErrorKind::kNotFound);
}

TEST_P(CgroupFsKernelTest, ARecreatedCgroupHasAnotherId) {
  const auto first = fs_->Create(Path("web"));
  ASSERT_TRUE(fs_->Remove(Path("web")).has_value());
  const auto second = fs_->Create(Path("web"));

  EXPECT_NE(*first, *second);
}

TEST_P(CgroupFsKernelTest, MarksAreKeptOnTheCgroup) {
  ASSERT_EQ(::mkdir((scratch_ / "web").c_str(), 0755), 0);
  EXPECT_EQ(*fs_->ReadMark(Path("web")), std::nullopt);

  const std::string longer(6000, 'x');
  ASSERT_TRUE(fs_->WriteMark(Path("web"), "short").has_value());
  EXPECT_EQ(*fs_->ReadMark(Path("web")), "short");
  ASSERT_TRUE(fs_->WriteMark(Path("web"), longer).has_value());
  EXPECT_EQ(*fs_->ReadMark(Path("web")), longer);
  EXPECT_EQ(fs_->ReadMark(Path("gone")).error().kind, ErrorKind::kNotFound);
}

TEST_P(CgroupFsKernelTest, WhatItMadeIsKnownAsSuchFromBirthOn) {
  const mode_t before = ::umask(077);
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ::umask(before);
  EXPECT_EQ(fs_->ReadMark(Path("web"))->value_or("none"), "reeve/1\ncreated\npath web\n");

  ASSERT_TRUE(fs_->WriteMark(Path("web"), "mine").has_value());
  EXPECT_EQ(fs_->ReadMark(Path("web"))->value_or("none"), "mine");
  struct stat found = {};
  ASSERT_EQ(::stat((scratch_ / "web").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0700U) << "as umask wants it, and nothing else";
}

TEST_P(CgroupFsKernelTest, OnlyOneHoldsTheLock) {
  auto second = CgroupFsKernel::Open(scratch_.path(), GetParam());
  ASSERT_TRUE(second.has_value());

  EXPECT_TRUE(fs_->Lock().has_value());
  const auto refused = (*second)->Lock();
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.error().ToString(),
            fmt::format("{}: another reeve holds the lock of this managed root (pid {})",
                        scratch_.path(),
                        ::getpid()));

  fs_.reset();
  EXPECT_TRUE((*second)->Lock().has_value());
}

TEST_P(CgroupFsKernelTest, F104NorDoesOneGovernATreeInsideAnothers) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ASSERT_TRUE(fs_->Create(Path("web/api")).has_value());
  ASSERT_TRUE(fs_->Create(Path("db")).has_value());
  const auto at = [&](const std::string& name) {
    return *CgroupFsKernel::Open(scratch_ / name, GetParam());
  };
  const auto web = at("web");
  ASSERT_TRUE(web->Lock().has_value());

  EXPECT_TRUE(at("db")->Lock().has_value()) << "beside it";
  EXPECT_EQ(
      at("web/api")->Lock().error().ToString(),
      fmt::format("{}: another reeve (pid {}) governs this tree, which the managed root lies in",
                  scratch_ / "web",
                  ::getpid()));
  EXPECT_EQ(fs_->Lock().error().ToString(),
            fmt::format("{}: another reeve (pid {}) governs a tree inside this managed root",
                        scratch_.path(),
                        ::getpid()));
}

TEST_P(CgroupFsKernelTest, F104UnlessItWasLeftToIt) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  const auto inner = *CgroupFsKernel::Open(scratch_ / "web", GetParam());

  ASSERT_TRUE(inner->Lock(Nesting::kAllowed).has_value());
  EXPECT_TRUE(fs_->Lock().has_value());
  EXPECT_EQ(
      (*CgroupFsKernel::Open(scratch_ / "web", GetParam()))->Lock(Nesting::kAllowed).error().kind,
      ErrorKind::kConflict);
}

TEST_P(CgroupFsKernelTest, F104WhoWasRefusedHoldsNothing) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  ASSERT_TRUE(fs_->Lock().has_value());
  const auto inner = *CgroupFsKernel::Open(scratch_ / "web", GetParam());

  EXPECT_FALSE(inner->Lock().has_value());
  EXPECT_TRUE(
      (*CgroupFsKernel::Open(scratch_ / "web", GetParam()))->Lock(Nesting::kAllowed).has_value());
  fs_.reset();
  const auto around = *CgroupFsKernel::Open(scratch_.path(), GetParam());
  EXPECT_TRUE(around->Lock().has_value());
}

TEST_P(CgroupFsKernelTest, WithoutDescriptorsItFailsAndRecovers) {
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  const auto read = fs_->ReadFile(Path("web"), "cgroup.freeze");
  const auto written = fs_->WriteFile(Path("web"), "cgroup.freeze", "0");
  const auto listed = fs_->ListChildren(Path("web"));
  const auto stat = fs_->Stat(Path("web"));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_EQ(read.error().ToString(), "web/cgroup.freeze: reading: Too many open files (EMFILE)");
  EXPECT_EQ(written.error().errno_value, EMFILE);
  EXPECT_EQ(listed.error().errno_value, EMFILE);
  EXPECT_TRUE(stat.has_value()) << "needs none";
  EXPECT_TRUE(fs_->ReadFile(Path("web"), "cgroup.freeze").has_value());
}

TEST_P(CgroupFsKernelTest, NoDescriptorSurvivesAnExec) {
  ASSERT_TRUE(fs_->Lock().has_value());
  ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  const auto cgroup = fs_->OpenCgroup(Path("web"));
  ASSERT_TRUE(cgroup.has_value());

  EXPECT_EQ(InheritableDescriptors(), before_);
}

INSTANTIATE_TEST_SUITE_P(Both,
                         CgroupFsKernelTest,
                         testing::Values(Confinement::kKernel, Confinement::kByComponent),
                         ConfinementName);

TEST(CgroupFsKernelOpen, WhatIsNotThereIsNotFound) {
  const auto opened = CgroupFsKernel::Open("/nowhere/at/all");

  EXPECT_EQ(opened.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(opened.error().ToString(),
              HasSubstr("/nowhere/at/all: there is no such directory (ENOENT); "));
}

TEST(CgroupFsKernelOpen, AnythingButCgroup2IsRefusedWithWhatItIs) {
  const auto opened = CgroupFsKernel::Open("/proc/self");

  EXPECT_EQ(opened.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(opened.error().ToString(),
              HasSubstr(fmt::format("/proc/{}: is on proc, not cgroup2; ", ::getpid())));
}

}  // namespace
}  // namespace reeve::kernel
