// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/unique_fd.h"
#include "support/temp_dir.h"

namespace reeve::systemd {
namespace {

using testing::MatchesRegex;

// A supervisor's socket.
class NotifyTest : public testing::Test {
 protected:
  NotifyTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = dir_ / "notify";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::abort();
    }
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }

  ~NotifyTest() override { ::unsetenv("NOTIFY_SOCKET"); }

  std::string Heard() {
    std::array<char, 4096> buffer;
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
  }

  support::TempDir dir_;
  UniqueFd socket_;
};

TEST_F(NotifyTest, ReadinessComesWithAStatus) {
  NotifyReady("generation 42, 4 actions, 0 failed");

  EXPECT_EQ(Heard(), "READY=1\nSTATUS=generation 42, 4 actions, 0 failed");
}

TEST_F(NotifyTest, AStatusCanNotSayAnythingElse) {
  NotifyStatus("file a\nREADY=1\x1b[2J");

  EXPECT_EQ(Heard(), "STATUS=file a\\x0aREADY=1\\x1b[2J");
}

TEST_F(NotifyTest, AReloadSaysWhenItBegan) {
  NotifyReloading();

  EXPECT_THAT(Heard(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
}

TEST_F(NotifyTest, StoppingIsTold) {
  NotifyStopping();

  EXPECT_EQ(Heard(), "STOPPING=1");
}

TEST_F(NotifyTest, WithoutASupervisorNothingHappens) {
  ::unsetenv("NOTIFY_SOCKET");

  NotifyReady("x");
  NotifyStopping();

  EXPECT_EQ(Heard(), "nothing");
}

}  // namespace
}  // namespace reeve::systemd
