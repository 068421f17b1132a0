// SPDX-License-Identifier: Apache-2.0
// F55: every refusal has words and a next step.
#include "app/show/explain_failure.h"

#include <cerrno>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/format/knob_text.h"
#include "support/errnos.h"

namespace reeve::show {
namespace {

Outcome Refused(int errno_value) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kFailed;
  outcome.error = ErrnoError(errno_value, "a/b", "writing \"1\"");
  return outcome;
}

Action Setting(std::string_view file) {
  Action action;
  action.path = *CgroupPath::Parse("a");
  SetFile set;
  set.file = file;
  set.text = "1";
  set.knob = FindKnob(file);
  action.kind = set;
  return action;
}

HostFacts Facts() {
  HostFacts facts;
  facts.cpu_ids = IdSet{{{0, 3}}};
  facts.memory_nodes = IdSet{{{0, 0}}};
  facts.devices["/dev/sda"] = {"8:0", "sda"};
  facts.devices["/dev/disk/by-id/x"] = {"8:0", "sda"};
  facts.weighted_disks.emplace();
  facts.controllers = {Controller::kCpu, Controller::kMemory};
  return facts;
}

constexpr std::string_view kFallback = "`reevectl plan` shows what is left to do; apply again";

TEST(ExplainFailure, EveryFileAndErrnoHasANextStepOfItsOwn) {
  std::size_t files = 0;
  for (const Knob& knob : AllKnobs()) {
    if (knob.host_only) continue;
    ++files;
    for (const int errno_value : support::kWriteErrnos) {
      const FailureWords words = ExplainFailure(Setting(knob.file), Refused(errno_value));
      EXPECT_NE(words.what_now, "") << knob.file << " " << ErrnoName(errno_value);
      EXPECT_NE(words.what_now, kFallback) << knob.file << " " << ErrnoName(errno_value);
      EXPECT_NE(words.kernel.find("(" + ErrnoName(errno_value) + ")"), std::string::npos)
          << words.kernel;
    }
  }
  EXPECT_GE(files, 39U);
}

TEST(ExplainFailure, WhatTheKernelSaysInOneWordIsExplained) {
  // Without the words that the edge adds for a file, somebody must say what it means.
  for (const int errno_value : {EBUSY, ENODEV, EACCES, EPERM, EAGAIN, EINTR, ENOSPC, ESRCH, EIO}) {
    EXPECT_NE(ExplainFailure(Setting("memory.max"), Refused(errno_value)).which_means, "")
        << ErrnoName(errno_value);
  }
}

TEST(ExplainFailure, SoHaveTheStepsThatSetNothing) {
  std::vector<Action> actions(6, Setting("cgroup.procs"));
  actions[0].kind = CreateCgroup{};
  actions[1].kind = RemoveCgroup{};
  actions[2].kind = WriteMark{};
  actions[3].kind = EnableControllers{{Controller::kMemory}};
  actions[4].kind = DisableControllers{{Controller::kMemory}};
  actions[5].kind = MoveProcesses{};
  for (const Action& action : actions) {
    for (const int errno_value : support::kWriteErrnos) {
      // Numbers are for files.
      if (errno_value == ERANGE || errno_value == EINVAL) continue;
      const FailureWords words = ExplainFailure(action, Refused(errno_value));
      EXPECT_NE(words.what_now, kFallback) << words.what << " " << ErrnoName(errno_value);
    }
  }
}

TEST(ExplainFailure, ARangeIsNamed) {
  EXPECT_EQ(ExplainFailure(Setting("cpu.weight"), Refused(ERANGE)).which_means,
            "cpu.weight takes 1 to 10000");
  EXPECT_EQ(ExplainFailure(Setting("cpu.weight"), Refused(EINVAL)).which_means,
            "a cgroup with cpu.idle has no weight of its own");
  EXPECT_EQ(ExplainFailure(Setting("cpu.weight"), Refused(ERANGE)).what_now,
            "`reevectl help cpu.weight` says what the kernel takes");
}

TEST(ExplainFailure, TheHostsFactsSayTheCause) {
  const HostFacts facts = Facts();
  const auto means = [&](std::string_view file, int errno_value) {
    return ExplainFailure(Setting(file), Refused(errno_value), &facts).which_means;
  };

  EXPECT_EQ(means("cpuset.cpus", ERANGE), "reeve may use the CPUs 0-3 of this host");
  EXPECT_EQ(means("cpuset.mems", ENOSPC), "reeve may use the memory nodes 0 of this host");
  EXPECT_EQ(means("io.max", ENODEV), "the disks of this host are sda (8:0)");
  EXPECT_EQ(means("io.weight", EOPNOTSUPP), "no disk of this host has iocost or BFQ");
  Action enable = Setting("cpu.max");
  enable.kind = EnableControllers{{Controller::kIo}};
  EXPECT_EQ(ExplainFailure(enable, Refused(ENOENT), &facts).which_means,
            "the managed root of this host has cpu memory");
  const HostFacts nothing;
  EXPECT_EQ(ExplainFailure(Setting("io.max"), Refused(ENODEV), &nothing).which_means,
            "reeve sees no disk on this host");
}

TEST(ExplainFailure, WhatIsNoRefusalHasItsOwnNextStep) {
  Outcome stale;
  stale.kind = Outcome::Kind::kStale;
  stale.error = Error{ErrorKind::kConflict, EEXIST, "a", "was made by somebody else"};
  Outcome differs;
  differs.kind = Outcome::Kind::kDiffers;

  EXPECT_EQ(ExplainFailure(Setting("cpu.max"), stale).what_now,
            "plan again: `reevectl apply` once more");
  EXPECT_EQ(ExplainFailure(Setting("cpu.max"), stale).which_means, "");
  EXPECT_EQ(ExplainFailure(Setting("cpu.max"), differs).what_now,
            "`reevectl help cpu.max` tells what the kernel makes of a value");
}

}  // namespace
}  // namespace reeve::show
