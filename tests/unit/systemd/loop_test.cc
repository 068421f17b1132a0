// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/clock.h"
#include "edge/io/unique_fd.h"
#include "support/temp_dir.h"

namespace reeve::systemd {
namespace {

using testing::ElementsAre;

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    read_.reset(ends[0]);
    write_.reset(ends[1]);
    loop_ = std::make_unique<Loop>(*Loop::Make());
  }

  // Ends the loop when everything that is due now was done.
  void RunOnce() {
    auto last = *loop_->OnTimer([this] { loop_->Stop(); });
    ASSERT_TRUE(last.FireAt(io::BootTime() + Usec(20'000)).has_value());
    ASSERT_TRUE(loop_->Run().has_value());
  }

  UniqueFd read_;
  UniqueFd write_;
  std::unique_ptr<Loop> loop_;
  std::vector<std::string> heard_;
};

TEST_F(LoopTest, ADescriptorIsHeardWhenItHasSomethingToRead) {
  auto source = *loop_->OnReadable(read_.get(), [this] {
    char byte = 0;
    ASSERT_EQ(::read(read_.get(), &byte, 1), 1);
    heard_.push_back(std::string(1, byte));
  });

  ASSERT_EQ(::write(write_.get(), "ab", 2), 2);
  RunOnce();

  EXPECT_THAT(heard_, ElementsAre("a", "b"));
}

TEST_F(LoopTest, ASourceThatIsSwitchedOffOrGoneIsNotHeard) {
  const auto hear = [this] {
    char byte = 0;
    while (::read(read_.get(), &byte, 1) == 1) heard_.push_back(std::string(1, byte));
  };
  auto source = *loop_->OnReadable(read_.get(), hear);
  ASSERT_EQ(::write(write_.get(), "a", 1), 1);

  ASSERT_TRUE(source.Enable(false).has_value());
  RunOnce();
  EXPECT_THAT(heard_, ElementsAre());

  // A stopped loop stays stopped: another one for the rest.
  loop_ = std::make_unique<Loop>(*Loop::Make());
  { auto gone = *loop_->OnReadable(read_.get(), hear); }
  RunOnce();
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(LoopTest, ATimerFiresOnceAndOnlyWhenItIsSet) {
  int fired = 0;
  auto unset = *loop_->OnTimer([&] { heard_.push_back("unset"); });
  auto timer = *loop_->OnTimer([&] {
    ++fired;
    loop_->Stop();
  });

  ASSERT_TRUE(timer.FireAt(io::BootTime()).has_value());
  ASSERT_TRUE(loop_->Run().has_value());

  EXPECT_EQ(fired, 1);
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(LoopTest, ATimerCanBeSetAgainFromItsOwnCallback) {
  int fired = 0;
  Source timer;
  timer = *loop_->OnTimer([&] {
    if (++fired == 3) return loop_->Stop();
    EXPECT_TRUE(timer.FireAt(io::BootTime()).has_value());
  });

  ASSERT_TRUE(timer.FireAt(io::BootTime()).has_value());
  ASSERT_TRUE(loop_->Run().has_value());

  EXPECT_EQ(fired, 3);
}

TEST_F(LoopTest, ASignalBecomesACall) {
  sigset_t before = {};
  ::sigprocmask(SIG_SETMASK, nullptr, &before);
  auto source = *loop_->OnSignal(SIGUSR2, [this] {
    heard_.push_back("usr2");
    loop_->Stop();
  });

  ::kill(::getpid(), SIGUSR2);
  ASSERT_TRUE(loop_->Run().has_value());
  ::sigprocmask(SIG_SETMASK, &before, nullptr);

  EXPECT_THAT(heard_, ElementsAre("usr2"));
}

TEST_F(LoopTest, PiecesOfWorkTakeTurnsWithADescriptorThatAlwaysHasSomethingToRead) {
  int heard = 0;
  int worked = 0;
  const auto count = [&](int& turns) {
    if (++turns == 100) loop_->Stop();
  };
  auto source = *loop_->OnReadable(read_.get(), [&] { count(heard); });
  auto one = *loop_->OnTurn([&] { count(worked); });
  auto off = *loop_->OnTurn([this] { heard_.push_back("off"); });
  ASSERT_TRUE(one.Enable(true).has_value());

  ASSERT_EQ(::write(write_.get(), "a", 1), 1);
  ASSERT_TRUE(loop_->Run().has_value());

  EXPECT_GE(heard, 90);
  EXPECT_GE(worked, 90);
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(LoopTest, WhatCanNotBeWatchedIsAnError) {
  EXPECT_FALSE(loop_->OnReadable(-1, [] {}).has_value());
}

TEST_F(LoopTest, NoDescriptorSurvivesAnExec) {
  const std::vector<std::string> before = support::InheritableDescriptors();

  auto timer = *loop_->OnTimer([] {});
  auto source = *loop_->OnReadable(read_.get(), [] {});
  ASSERT_TRUE(timer.FireAt(io::BootTime()).has_value());
  RunOnce();

  EXPECT_EQ(support::InheritableDescriptors(), before);
}

}  // namespace
}  // namespace reeve::systemd
