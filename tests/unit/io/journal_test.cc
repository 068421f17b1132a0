// SPDX-License-Identifier: Apache-2.0
#include "edge/io/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/log.h"
#include "support/temp_dir.h"

namespace reeve::io {
namespace {

using testing::HasSubstr;

// journald's end.
class JournalTest : public testing::Test {
 protected:
  JournalTest()
      : path_(dir_ / "journal"),
        socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::abort();
    }
  }

  ~JournalTest() override { StartLog(LogForm::kLogfmt, LogLevel::kInfo); }

  std::string Heard() {
    std::array<char, 4096> buffer;
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
  }

  support::TempDir dir_;
  std::string path_;
  UniqueFd socket_;
};

TEST_F(JournalTest, ARecordIsItsMessageAndItsFields) {
  auto journal = Journal::Open(path_);
  ASSERT_TRUE(journal);

  journal->Send(4, "put back", {{"REEVE_CGROUP", "web"}, {"REEVE_KEY", "cpu.max"}});

  EXPECT_EQ(Heard(),
            "MESSAGE=put back\nPRIORITY=4\nSYSLOG_IDENTIFIER=reeved\nREEVE_CGROUP=web\n"
            "REEVE_KEY=cpu.max\n");
}

TEST_F(JournalTest, ANewlineBeginsNoOtherField) {
  auto journal = Journal::Open(path_);
  ASSERT_TRUE(journal);

  journal->Send(6, "a\nPRIORITY=0", {{"REEVE_CGROUP", "b\n_UID=0"}});

  EXPECT_EQ(Heard(),
            "MESSAGE=a PRIORITY=0\nPRIORITY=6\nSYSLOG_IDENTIFIER=reeved\nREEVE_CGROUP=b _UID=0\n");
}

TEST_F(JournalTest, AJournalThatTakesNothingIsNotWaitedFor) {
  auto journal = Journal::Open(path_);
  ASSERT_TRUE(journal);

  // More than any queue of datagrams or buffer of a socket holds.
  for (int i = 0; i < 100'000 && journal->lost() < 3; ++i)
    journal->Send(6, std::string(1000, 'x'), {});

  EXPECT_EQ(journal->lost(), 3U);
  while (Heard() != "nothing") {
  }
  journal->Send(6, "after", {});
  EXPECT_THAT(Heard(), HasSubstr("MESSAGE=after\n"));
  EXPECT_THAT(Heard(), HasSubstr("MESSAGE=3 lines before this one are lost"));
  EXPECT_EQ(journal->lost(), 0U);
}

TEST_F(JournalTest, TheLogGoesThereInsteadOfToStandardError) {
  StartLog(LogForm::kJournal, LogLevel::kInfo, path_);

  testing::internal::CaptureStderr();
  LogWith(LogLevel::kWarning, {{"REEVE_CGROUP", "web"}}, "put back");
  LogDebug("unheard");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(Heard(), HasSubstr("MESSAGE=put back\nPRIORITY=4\n"));
  EXPECT_EQ(Heard(), "nothing");
}

TEST_F(JournalTest, WhereNobodyListensLinesGoToStandardError) {
  StartLog(LogForm::kJournal, LogLevel::kInfo, dir_ / "nobody");

  testing::internal::CaptureStderr();
  LogWith(LogLevel::kWarning, {{"REEVE_CGROUP", "web"}}, "put back");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "<4>put back\n");
}

}  // namespace
}  // namespace reeve::io
