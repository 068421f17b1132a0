// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/holder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/text.h"
#include "edge/io/files.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/home_paths.h"
#include "support/temp_dir.h"

namespace reeve::kernel {
namespace {

std::string LineOf(std::int64_t pid, std::string_view key) {
  const auto status = io::ReadWholeFile("/proc/" + std::to_string(pid) + "/status");
  if (!status.has_value()) return "?";
  for (const std::string_view line : SplitLines(*status)) {
    if (line.starts_with(key)) return std::string(line);
  }
  return "?";
}

TEST(Holder, HasNothingOfOurs) {
  const support::TempDir dir;
  const std::string program = dir.Write("hold", "#!/bin/sh\nexec sleep 600\n");
  ::chmod(program.c_str(), 0755);
  // As in a daemon that hears them by a descriptor.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const UniqueFd ours(::open("/dev/null", O_RDONLY | O_CLOEXEC));

  const auto pid = StartHolder(program);

  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(pid.has_value()) << pid.error().ToString();
  const std::string proc = "/proc/" + std::to_string(*pid);
  for (int i = 0; i < 500 && LineOf(*pid, "Name:") != "Name:\tsleep"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(LineOf(*pid, "SigBlk:"), "SigBlk:\t0000000000000000");
  EXPECT_EQ(io::TargetOf(proc + "/cwd"), "/");
  EXPECT_EQ(::getsid(static_cast<pid_t>(*pid)), *pid);
  for (const char* fd : {"0", "1", "2"}) EXPECT_EQ(io::TargetOf(proc + "/fd/" + fd), "/dev/null");
  EXPECT_FALSE(std::filesystem::exists(proc + "/fd/" + std::to_string(ours.get())));
  EXPECT_FALSE(ReapHolder(*pid));

  EndHolder(*pid);

  bool ended = false;
  for (int i = 0; i < 500 && !ended; ++i) {
    ended = ReapHolder(*pid);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(ended);
}

TEST(Holder, AProgramThatIsNotThereIsAnError) {
  const auto pid = StartHolder("/nowhere/reeve-hold");

  ASSERT_FALSE(pid.has_value());
  EXPECT_EQ(pid.error().kind, ErrorKind::kNotFound);
}

TEST(Home, TheTreeIsTheScopeWhileAnybodyIsInItAndElseWhatAnOlderReeveLeft) {
  const support::TempDir dir;
  HomePaths paths;
  paths.scope = dir / "reeve-tree.scope";
  paths.old_service = dir / "reeve-tree.service";
  EXPECT_EQ(ExistingHome(paths), "");

  dir.Write("reeve-tree.service/_holder/cgroup.events", "populated 1\nfrozen 0\n");
  dir.Write("reeve-tree.service/web/cgroup.events", "populated 0\nfrozen 0\n");
  EXPECT_EQ(ExistingHome(paths), "") << "nobody but its holder is in it";
  dir.Write("reeve-tree.service/web/cgroup.events", "populated 1\nfrozen 0\n");
  EXPECT_EQ(ExistingHome(paths), paths.old_service);

  dir.Write("reeve-tree.scope/cgroup.events", "populated 0\nfrozen 0\n");
  EXPECT_EQ(ExistingHome(paths), paths.old_service) << "systemd is about to remove it";
  dir.Write("reeve-tree.scope/cgroup.events", "populated 1\nfrozen 0\n");
  EXPECT_EQ(ExistingHome(paths), paths.scope);

  EXPECT_TRUE(IsOlderHome("/sys/fs/cgroup/reeve.slice/reeve-tree.service"));
  EXPECT_FALSE(IsOlderHome("/sys/fs/cgroup/reeve.slice/reeve-tree.scope"));
}

}  // namespace
}  // namespace reeve::kernel
