// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/file_text.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

UniqueFd Open(const std::string& path, int flags = O_RDONLY) {
  return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC));
}

TEST(ReadText, GivesTheWholeFileFromItsBeginning) {
  const TempDir dir;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 10'000U}) {
    const UniqueFd fd = Open(dir.Write("a", std::string(size, 'x')));
    std::string text = "before";

    EXPECT_EQ(ReadText(fd.get(), FileShape::kOnePiece, 1U << 20, &text), 0);
    EXPECT_EQ(text, std::string(size, 'x'));
    EXPECT_EQ(ReadText(fd.get(), FileShape::kOnePiece, 1U << 20, &text), 0);
    EXPECT_EQ(text.size(), size) << "a second time";
  }
}

TEST(ReadText, KeepsNoMoreThanItsLimit) {
  const TempDir dir;
  const UniqueFd fd = Open(dir.Write("a", std::string(10'000, 'x')));
  std::string text;

  EXPECT_EQ(ReadText(fd.get(), FileShape::kRecords, 5'000, &text), 0);
  EXPECT_EQ(text.size(), 5'000U);
}

TEST(ReadText, ShortReadsDoNotEndAFileOfRecords) {
  // proc hands out maps line by line, a page at most. Guard pages keep the mappings apart.
  constexpr int kMappings = 200;
  std::vector<void*> pages;
  for (int i = 0; i < kMappings; ++i) {
    pages.push_back(::mmap(
        nullptr, 4096, i % 2 == 0 ? PROT_NONE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  const UniqueFd fd = Open("/proc/self/maps");
  std::string piece;
  std::string records;

  EXPECT_EQ(ReadText(fd.get(), FileShape::kOnePiece, 1U << 20, &piece), 0);
  EXPECT_EQ(ReadText(fd.get(), FileShape::kRecords, 1U << 20, &records), 0);
  for (void* page : pages) ::munmap(page, 4096);

  EXPECT_LT(piece.size(), records.size());
  EXPECT_NE(records.find("[stack]"), std::string::npos) << "the last lines";
}

TEST(ReadText, SaysWhatWentWrong) {
  std::string text;

  EXPECT_EQ(ReadText(-1, FileShape::kOnePiece, 10, &text), EBADF);
  const UniqueFd directory = Open("/", O_RDONLY | O_DIRECTORY);
  EXPECT_EQ(ReadText(directory.get(), FileShape::kOnePiece, 10, &text), EISDIR);
}

TEST(WriteText, AShortWriteIsAnErrorAndNothingFollowsIt) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd read(ends[0]);
  const UniqueFd write(ends[1]);
  const int room = ::fcntl(write.get(), F_SETPIPE_SZ, 4096);
  ASSERT_GE(room, 4096);

  EXPECT_EQ(WriteText(write.get(), std::string(static_cast<std::size_t>(room) + 1000, 'x')), EIO);

  std::vector<char> got(static_cast<std::size_t>(room) + 2000);
  EXPECT_EQ(::read(read.get(), got.data(), got.size()), room);
  EXPECT_LT(::read(read.get(), got.data(), got.size()), 0) << "no second write";
}

TEST(WriteText, IsRepeatedWholeAfterASignal) {
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) {};  // without SA_RESTART
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd read(ends[0]);
  const UniqueFd write(ends[1]);
  // Fill it, so that the next write has to wait.
  int packets = 0;
  while (::send(write.get(), "full", 4, MSG_DONTWAIT) == 4) ++packets;
  const pthread_t writer = ::pthread_self();
  std::thread other([&] {
    for (int i = 0; i < 50; ++i) {
      ::pthread_kill(writer, SIGUSR1);
      std::this_thread::yield();
    }
    std::array<char, 16> buffer;
    for (int i = 0; i < packets; ++i) {
      if (::read(read.get(), buffer.data(), buffer.size()) != 4) std::abort();
      ::pthread_kill(writer, SIGUSR1);
    }
  });

  EXPECT_EQ(WriteText(write.get(), "value"), 0);
  other.join();
  ::sigaction(SIGUSR1, &before, nullptr);

  std::array<char, 16> buffer;
  EXPECT_EQ(::recv(read.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), 5);
  EXPECT_EQ(::recv(read.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), -1) << "written once";
}

}  // namespace
}  // namespace reeve::kernel
