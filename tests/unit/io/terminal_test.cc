// SPDX-License-Identifier: Apache-2.0
#include "edge/io/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

#include "edge/io/unique_fd.h"

namespace reeve::io {
namespace {

// A pseudo terminal of our own; the master end is who sits in front of it.
class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    master_ = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::array<char, 64> name = {};
    if (!master_.valid() || ::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0 ||
        ::ptsname_r(master_.get(), name.data(), name.size()) != 0) {
      GTEST_SKIP() << "no pseudo terminals here";
    }
    name_ = name.data();
    slave_ = UniqueFd(::open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!slave_.valid()) GTEST_SKIP() << "no /dev/pts here";
    Mode(0620);
  }

  void Mode(mode_t mode) { ASSERT_EQ(::fchmod(slave_.get(), mode), 0); }

  std::string Tty() const { return name_.substr(5); }

  Result<> Tell(const std::string& text) { return TellTerminal(Tty(), {::getuid()}, text); }

  // What stands on the screen.
  std::string Shown() {
    pollfd ready{master_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 200) <= 0) return "";
    std::array<char, 4096> text;
    const ssize_t got = ::read(master_.get(), text.data(), text.size());
    return got <= 0 ? "" : std::string(text.data(), static_cast<std::size_t>(got));
  }

  UniqueFd master_;
  UniqueFd slave_;
  std::string name_;
};

TEST_F(TerminalTest, WritesLinesOfTheirOwn) {
  ASSERT_TRUE(Tell("reeve: one\n       two").has_value());

  EXPECT_NE(Shown().find("reeve: one\r"), std::string::npos);
}

TEST_F(TerminalTest, RespectsThatNoMessagesAreWanted) {
  Mode(0600);

  EXPECT_EQ(Tell("hello").error().kind, ErrorKind::kDenied);
  EXPECT_EQ(Shown(), "");
}

TEST_F(TerminalTest, NeverWritesToSomebodyElse) {
  EXPECT_EQ(TellTerminal(Tty(), {::getuid() + 1}, "hello").error().kind, ErrorKind::kDenied);
  EXPECT_EQ(Shown(), "");
}

TEST_F(TerminalTest, EscapesWhatCouldDriveTheTerminal) {
  ASSERT_TRUE(Tell("web\x1b]0;owned\x07").has_value());

  const std::string shown = Shown();
  EXPECT_NE(shown.find("web\\x1b]0;owned\\x07"), std::string::npos) << shown;
}

TEST_F(TerminalTest, NeverWaitsForATerminalThatIsFull) {
  // Nobody reads the master, so sooner or later nothing fits any more.
  const std::string line(4000, 'x');
  bool full = false;
  for (int i = 0; i < 1000 && !full; ++i) full = !Tell(line).has_value();

  EXPECT_TRUE(full);
}

TEST(Terminal, WhatIsNoneIsRefused) {
  const std::set<std::uint32_t> root = {0};
  // Everybody may write to it, and it is no terminal.
  EXPECT_EQ(TellTerminal("null", root, "x").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(TellTerminal("../etc/passwd", root, "x").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(TellTerminal("/etc/passwd", root, "x").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(TellTerminal("", root, "x").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(TellTerminal("pts/99999", root, "x").error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(TellTerminal("shm", root, "x").has_value());
}

}  // namespace
}  // namespace reeve::io
