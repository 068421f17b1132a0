// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/listen_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace reeve::systemd {
namespace {

// Runs `judge` in a process that was started with these variables; 0 when it is content.
int InChild(const char* count, const char* names, const std::function<bool()>& judge) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (int fd = 3; fd < 5; ++fd) {
      const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (made != fd && ::dup2(made, fd) != fd) ::_exit(99);  // NOLINT(android-cloexec-dup)
    }
    // NOLINTBEGIN(concurrency-mt-unsafe): one thread
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", count, 1);
    ::setenv("LISTEN_FDNAMES", names, 1);
    // NOLINTEND(concurrency-mt-unsafe)
    ::_exit(judge() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ListenFds, PassedSocketsAreTakenWithTheirNamesOnce) {
  EXPECT_EQ(InChild("2",
                    "control:metrics",
                    [] {
                      const auto passed = TakePassedSockets();
                      return passed.has_value() && passed->size() == 2 &&
                             (*passed)[0].fd.get() == 3 && (*passed)[0].name == "control" &&
                             (*passed)[1].fd.get() == 4 && (*passed)[1].name == "metrics" &&
                             (::fcntl(4, F_GETFD) & FD_CLOEXEC) != 0 &&
                             TakePassedSockets()->empty();
                    }),
            0);
}

TEST(ListenFds, WithoutASupervisorThereAreNone) {
  const auto passed = TakePassedSockets();
  ASSERT_TRUE(passed.has_value());
  EXPECT_TRUE(passed->empty());
}

TEST(ListenFds, AGarbledEnvironmentIsAnError) {
  EXPECT_EQ(InChild("-1", "", [] { return !TakePassedSockets().has_value(); }), 0);
}

}  // namespace
}  // namespace reeve::systemd
