// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

class SpawnTest : public testing::TestWithParam<SpawnMethod> {
 protected:
  void SetUp() override {
    REEVE_SKIP_WITHOUT(scratch_);
    fs_ = *CgroupFsKernel::Open(scratch_.path());
    ASSERT_TRUE(fs_->Create(Path("web")).has_value());
  }

  RunOutcome Run(const std::string& script, std::string_view path = "web") {
    return RunInCgroup(*fs_, Path(path), {"sh", "-c", script}, GetParam());
  }

  ScratchCgroup scratch_;
  TempDir out_;
  std::unique_ptr<CgroupFsKernel> fs_;
};

TEST_P(SpawnTest, TheCommandIsInsideBeforeItsFirstInstruction) {
  const RunOutcome outcome = Run("grep ^0:: /proc/self/cgroup > " + (out_ / "where"));

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.cgroup, Path("web"));
  EXPECT_THAT(Slurp(out_ / "where"), EndsWith("/web\n"));
}

TEST_P(SpawnTest, ItsStatusIsOurs) {
  EXPECT_EQ(Run("exit 0").exit_code, 0);
  EXPECT_EQ(Run("exit 42").exit_code, 42);
  EXPECT_EQ(Run("kill -TERM $$").exit_code, 128 + SIGTERM);
  EXPECT_EQ(Run("exit 42").error, std::nullopt);
}

TEST_P(SpawnTest, WhatCanNotBeStartedIsToldApart) {
  const RunOutcome none = RunInCgroup(*fs_, Path("web"), {"no-such-command-here"}, GetParam());
  EXPECT_EQ(none.exit_code, 127);
  EXPECT_EQ(none.error->ToString(),
            "no-such-command-here: no such command: No such file or directory (ENOENT)");

  const std::string plain = out_.Write("plain", "not executable");
  const RunOutcome refused = RunInCgroup(*fs_, Path("web"), {plain}, GetParam());
  EXPECT_EQ(refused.exit_code, 126);
  EXPECT_EQ(refused.error->ToString(), plain + ": executing: Permission denied (EACCES)");

  const RunOutcome nowhere = Run("exit 0", "none");
  EXPECT_EQ(nowhere.exit_code, 125);
  EXPECT_EQ(nowhere.error->kind, ErrorKind::kNotFound);

  EXPECT_EQ(RunInCgroup(*fs_, Path("web"), {}, GetParam()).exit_code, 125);
}

TEST_P(SpawnTest, OfAnInnerCgroupTheSelfLeafIsUsed) {
  // Controllers that know threads would turn it into a threaded domain instead.
  bool inner = false;
  for (const char* controller : {"+memory", "+io", "+hugetlb"}) {
    inner =
        inner || (fs_->WriteFile(Path(""), "cgroup.subtree_control", controller).has_value() &&
                  fs_->WriteFile(Path("web"), "cgroup.subtree_control", controller).has_value());
  }
  if (!inner) GTEST_SKIP() << "no controller that can be handed down here";

  const RunOutcome refused = Run("exit 0");
  EXPECT_EQ(refused.exit_code, 125);
  EXPECT_EQ(
      refused.error->ToString(),
      "web: it hands controllers to its children, so no process can live in it itself (EBUSY)");

  ASSERT_TRUE(fs_->Create(Path("web/_self")).has_value());
  const RunOutcome outcome = Run("grep ^0:: /proc/self/cgroup > " + (out_ / "where"));
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.cgroup, Path("web/_self"));
  EXPECT_THAT(Slurp(out_ / "where"), EndsWith("/web/_self\n"));
}

TEST_P(SpawnTest, SignalsSentToUsAreItsOwn) {
  const pid_t us = ::getpid();
  const std::string ready = out_ / "ready";
  const std::string script = fmt::format(
      "trap 'echo usr1 >> {0}/got' USR1; trap 'echo term >> {0}/got; exit 7' TERM; "
      "kill -USR1 {1}; kill -TERM {1}; while :; do sleep 0.01; done",
      out_.path(),
      us);

  const RunOutcome outcome = Run(script);

  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(Slurp(out_ / "got"), "usr1\nterm\n");
}

TEST_P(SpawnTest, SignalsWorkAsBeforeInTheCommandAndAfterwards) {
  sigset_t before = {};
  sigset_t after = {};
  ::sigprocmask(SIG_SETMASK, nullptr, &before);

  Run("grep ^SigBlk: /proc/self/status > " + (out_ / "mask"));

  ::sigprocmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(::sigismember(&before, SIGTERM), ::sigismember(&after, SIGTERM));
  EXPECT_EQ(Slurp(out_ / "mask"), "SigBlk:\t0000000000000000\n");
}

TEST_P(SpawnTest, NoDescriptorOfOursIsLeftInTheCommand) {
  ASSERT_TRUE(fs_->Lock().has_value());
  const std::vector<std::string> before = InheritableDescriptors();

  Run("ls -l /proc/self/fd > " + (out_ / "fds"));

  EXPECT_THAT(Slurp(out_ / "fds"), testing::Not(HasSubstr(scratch_.path())));
  EXPECT_EQ(InheritableDescriptors(), before);
}

INSTANTIATE_TEST_SUITE_P(Both,
                         SpawnTest,
                         testing::Values(SpawnMethod::kBornInside, SpawnMethod::kMove),
                         [](const testing::TestParamInfo<SpawnMethod>& tested) {
                           return tested.param == SpawnMethod::kMove ? "Move" : "BornInside";
                         });

}  // namespace
}  // namespace reeve::kernel
