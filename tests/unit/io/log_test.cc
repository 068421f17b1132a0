// SPDX-License-Identifier: Apache-2.0
#include "edge/io/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::io {
namespace {

using testing::MatchesRegex;

// Also puts the process-wide log back.
class LogTest : public testing::Test {
 protected:
  ~LogTest() override {
    ::unsetenv("JOURNAL_STREAM");
    StartLog(LogForm::kLogfmt, LogLevel::kInfo);
  }

  template <typename Act>
  static std::string Written(Act act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, ALineHasTimeLevelAndMessage) {
  StartLog(LogForm::kLogfmt, LogLevel::kInfo);

  EXPECT_THAT(Written([] { LogWarning("generation {} kept", 41); }),
              MatchesRegex("ts=2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                           "level=warning msg=\"generation 41 kept\"\n"));
}

TEST_F(LogTest, LinesForTheJournalCarryTheirPriority) {
  StartLog(LogForm::kJournal, LogLevel::kDebug);

  const std::string lines = Written([] {
    LogDebug("a");
    LogInfo("b");
    LogWarning("c");
    LogError("d");
  });

  EXPECT_EQ(lines, "<7>a\n<6>b\n<4>c\n<3>d\n");
}

TEST_F(LogTest, LesserLinesAreNotWritten) {
  StartLog(LogForm::kJournal, LogLevel::kWarning);

  EXPECT_EQ(Written([] {
              LogInfo("a");
              LogWarning("b");
            }),
            "<4>b\n");
  EXPECT_FALSE(LogsAt(LogLevel::kInfo));
  EXPECT_TRUE(LogsAt(LogLevel::kError));
}

TEST_F(LogTest, NothingFromOutsideReachesTheTerminalRaw) {
  StartLog(LogForm::kJournal, LogLevel::kInfo);

  EXPECT_EQ(Written([] { LogInfo("cgroup {}", "a\x1b[2J\n<0>fake"); }),
            "<6>cgroup a\\x1b[2J\\x0a<0>fake\n");
}

TEST_F(LogTest, QuotesDoNotEndTheMessage) {
  StartLog(LogForm::kLogfmt, LogLevel::kInfo);

  EXPECT_THAT(Written([] { LogInfo("a \"b\" level=error"); }),
              testing::EndsWith("msg=\"a \\\"b\\\" level=error\"\n"));
}

TEST_F(LogTest, LevelsAreNamed) {
  EXPECT_EQ(LogLevelByName("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelByName("loud"), std::nullopt);
}

TEST_F(LogTest, TheJournalIsOnlyBelievedWhenStandardErrorLeadsThere) {
  struct stat stream = {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &stream), 0);
  EXPECT_EQ(LogFormOfEnvironment(), LogForm::kLogfmt);

  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", stream.st_dev, stream.st_ino).c_str(), 1);
  EXPECT_EQ(LogFormOfEnvironment(), LogForm::kJournal);

  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", stream.st_dev, stream.st_ino + 1).c_str(), 1);
  EXPECT_EQ(LogFormOfEnvironment(), LogForm::kLogfmt);
}

}  // namespace
}  // namespace reeve::io
