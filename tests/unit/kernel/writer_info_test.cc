// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/writer_info.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

TEST(TtyName, KnowsTerminalsPeopleSitAt) {
  EXPECT_EQ(TtyName(0x8803), "pts/3");
  EXPECT_EQ(TtyName(0x8900), "pts/256");
  EXPECT_EQ(TtyName((0x88 << 8) | 0xff), "pts/255");
  EXPECT_EQ(TtyName(0x0401), "tty1");
  EXPECT_EQ(TtyName(0x0440), "ttyS0");
  EXPECT_EQ(TtyName(0), "");
  EXPECT_EQ(TtyName(0x0500), "");
  EXPECT_EQ(TtyName(-1), "");
}

class WriterInfoTest : public testing::Test {
 protected:
  WriterInfoTest() {
    Put("passwd",
        "root:x:0:0::/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\nalice:x:1000:1000::/:\nbroken\n");
    std::filesystem::create_directories(dir_ / "8812");
    Put("8812/stat",
        "8812 (a) R 1 (b\n) S 1 8812 8812 34819 8812 0 1 2 3 4 5 6 7 8 20 0 1 0 777 1 1\n");
    Put("8812/status", "Name:\tx\nUid:\t0\t1000\t0\t0\n");
    Put("8812/loginuid", "1000");
    std::filesystem::create_symlink("/usr/bin/bash", dir_ / "8812/exe");
  }

  void Put(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text << std::flush;
  }

  TempDir dir_;
  WriterInfo info_{dir_.path(), dir_ / "passwd"};
};

TEST_F(WriterInfoTest, TellsProgramUserLoginAndTerminal) {
  const auto writer = info_.Of(8812);

  EXPECT_FALSE(writer->gone);
  EXPECT_EQ(writer->program, "a) R 1 (b\n");
  EXPECT_EQ(writer->exe, "/usr/bin/bash");
  EXPECT_EQ(writer->uid, 0U);
  EXPECT_EQ(writer->user, "root");
  EXPECT_EQ(writer->login, 1000U);
  EXPECT_EQ(writer->login_name, "alice");
  EXPECT_EQ(writer->tty, "pts/3");
  EXPECT_EQ(writer->start_time, 777U);
}

TEST_F(WriterInfoTest, ServicesHaveNoLoginAndStrangersNoName) {
  Put("8812/loginuid", "4294967295");
  Put("8812/status", "Uid:\t4711\t0\t0\t0\n");

  const auto writer = info_.Of(8812);

  EXPECT_EQ(writer->login, std::nullopt);
  EXPECT_EQ(writer->uid, 4711U);
  EXPECT_EQ(writer->user, "");
}

TEST_F(WriterInfoTest, SaysWhatIsGoneOrOutOfSight) {
  EXPECT_TRUE(info_.Of(99)->gone);
  EXPECT_EQ(info_.Of(99)->pid, 99);
  EXPECT_EQ(info_.Of(0)->pid, 0);
}

TEST_F(WriterInfoTest, AUserWhoIsAddedLaterHasAName) {
  (void)info_.Of(8812);
  Put("passwd", "admin:x:0:0::/:\nalice:x:1000:1000::/:\n");
  std::filesystem::last_write_time(
      dir_ / "passwd", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(2));

  EXPECT_EQ(info_.Of(8812)->user, "admin");
}

TEST(WriterInfo, ThisProcessIsKnown) {
  const auto writer = WriterInfo().Of(::getpid());

  EXPECT_EQ(writer->pid, ::getpid());
  EXPECT_EQ(writer->uid, ::getuid());
  EXPECT_NE(writer->exe.find("unit_kernel"), std::string::npos);
}

}  // namespace
}  // namespace reeve::kernel
