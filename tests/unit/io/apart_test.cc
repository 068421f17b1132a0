// SPDX-License-Identifier: Apache-2.0
#include "edge/io/apart.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/unique_fd.h"
#include "support/temp_dir.h"

namespace reeve::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::TempDir;
using testing::ElementsAre;
using testing::IsEmpty;

using Texts = Apart::Texts;

Result<Texts> Hang() {
  while (true) ::pause();
}

TEST(Apart, GivesBackWhatTheWorkGave) {
  Apart apart(std::chrono::minutes(2));
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const std::string large(3 << 20, 'x');

  const auto texts = apart.Run("x", [&]() -> Result<Texts> {
    return Texts{every, "", "3:a", large};
  });

  ASSERT_TRUE(texts.has_value());
  EXPECT_THAT(*texts, ElementsAre(every, "", "3:a", large));
  EXPECT_THAT(*apart.Run("x", []() -> Result<Texts> { return Texts(); }), IsEmpty());
  EXPECT_FALSE(apart.waits());
}

TEST(Apart, AnErrorIsGivenBackAsItWas) {
  Apart apart(std::chrono::minutes(2));
  const Error error{ErrorKind::kDenied, EACCES, "policy.d\n", "why: \"so\""};

  EXPECT_EQ(apart.Run("x", [&]() -> Result<Texts> { return error; }).error(), error);
}

TEST(Apart, WhatItDoesElseIsNotSeenHere) {
  Apart apart(std::chrono::minutes(2));
  int number = 1;

  ASSERT_TRUE(apart
                  .Run("x",
                       [&]() -> Result<Texts> {
                         number = 2;
                         return Texts();
                       })
                  .has_value());

  EXPECT_EQ(number, 1);
}

TEST(Apart, WorkThatDoesNotEndIsGivenUp) {
  Apart apart(milliseconds(100));
  const auto begin = steady_clock::now();

  const auto texts = apart.Run("/net/policy.d", Hang);

  EXPECT_EQ(texts.error().kind, ErrorKind::kBusy);
  EXPECT_EQ(texts.error().ToString(),
            "/net/policy.d: not read within 0.1 s: its file system does not answer");
  EXPECT_GE(steady_clock::now() - begin, milliseconds(100));
  EXPECT_LT(steady_clock::now() - begin, milliseconds(5000));
  EXPECT_TRUE(apart.waits());
}

TEST(Apart, AfterThatItRefusesForAWhileWithoutTrying) {
  Apart apart(milliseconds(100));
  const auto answer = [&] { return apart.Run("x", []() -> Result<Texts> { return Texts(); }); };
  const auto begin = steady_clock::now();
  ASSERT_FALSE(apart.Run("x", Hang).has_value());

  EXPECT_EQ(answer().error().kind, ErrorKind::kBusy);

  while (!answer().has_value() && steady_clock::now() - begin < std::chrono::seconds(20)) {
    ::usleep(10'000);
  }
  EXPECT_GE(steady_clock::now() - begin, milliseconds(600));
  EXPECT_TRUE(answer().has_value());
  EXPECT_FALSE(apart.waits());
}

// The slow reader is a process too, so that it goes on while the other end hangs or not.
TEST(Apart, WhatIsSlowButEndsInTimeIsNoHang) {
  Apart apart(std::chrono::seconds(20));
  const TempDir dir;
  const std::string pipe = dir / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    const int fd = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 5; ++i) {
      ::usleep(20'000);
      if (::write(fd, "x", 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }

  const auto texts =
      apart.Run(pipe, [&]() -> Result<Texts> { return Texts{support::Slurp(pipe)}; });

  EXPECT_THAT(*texts, ElementsAre("xxxxx"));
}

// A reader in state D stays; the lock of the managed root must not stay with it.
TEST(Apart, TheChildHoldsNothingOfOurs) {
  const TempDir dir;
  const std::string file = dir.Write("lock", "");
  UniqueFd lock(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  Apart apart(std::chrono::minutes(2));

  const auto links = apart.Run("x", []() -> Result<Texts> {
    Texts found;
    for (int fd = 0; fd < 256; ++fd) {
      std::error_code error;
      const auto link = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
      if (!error) found.push_back(link.string().substr(0, 9));
    }
    return found;
  });

  EXPECT_THAT(
      *links,
      ElementsAre("/dev/null", "/dev/null", "/dev/null", "pipe:[" + links->at(3).substr(6)));
}

TEST(Apart, ACrashIsAnErrorHere) {
  Apart apart(std::chrono::minutes(2));
  const auto crashed = apart.Run("x", []() -> Result<Texts> {
    (void)std::raise(SIGKILL);
    return Texts();
  });

  EXPECT_EQ(crashed.error().kind, ErrorKind::kInternal);
  EXPECT_EQ(crashed.error().ToString(), "x: the process that read it died of signal 9");
  EXPECT_TRUE(apart.Run("x", []() -> Result<Texts> { return Texts(); }).has_value());
}

}  // namespace
}  // namespace reeve::io
