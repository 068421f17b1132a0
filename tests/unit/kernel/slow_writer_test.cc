// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/slow_writer.h"

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "unit/kernel/scratch.h"

namespace reeve::kernel {
namespace {

using Write = port::SlowWriter::Write;
using namespace std::chrono_literals;

Write To(std::string file, std::string text) {
  return {*CgroupPath::Parse("a"), std::move(file), std::move(text)};
}

// Whether the loop would be woken within this time.
bool Wakes(const SlowWriterThread& writer, std::chrono::milliseconds within) {
  pollfd poll_fd{writer.fd(), POLLIN, 0};
  return ::poll(&poll_fd, 1, static_cast<int>(within.count())) == 1;
}

TEST(SlowWriterThread, GivesTheResultOnce) {
  const auto writer = *SlowWriterThread::Make(
      [](const Write& write) -> Result<std::string> { return write.file + "=" + write.text; });

  EXPECT_EQ(writer->in_flight(), nullptr);
  writer->Start(To("memory.max", "1"));
  ASSERT_TRUE(Wakes(*writer, 5s));
  const auto result = writer->Poll();

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(**result, "memory.max=1");
  EXPECT_EQ(writer->in_flight(), nullptr);
  EXPECT_FALSE(writer->Poll().has_value());
  EXPECT_FALSE(Wakes(*writer, 0ms));
}

TEST(SlowWriterThread, OneAfterTheOtherWakesEachTime) {
  std::atomic<int> delay_ms{20};
  const auto writer = *SlowWriterThread::Make([&](const Write& write) -> Result<std::string> {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    return write.text;
  });

  for (int i = 0; i < 5; ++i) {
    writer->Start(To("memory.max", std::to_string(i)));
    EXPECT_FALSE(writer->Poll().has_value());
    EXPECT_EQ(writer->in_flight()->text, std::to_string(i));
    ASSERT_TRUE(Wakes(*writer, 5s));
    EXPECT_EQ(**writer->Poll(), std::to_string(i));
  }
}

TEST(SlowWriterThread, InterruptMakesASystemCallReturn) {
  std::atomic<bool> begun{false};
  const auto writer = *SlowWriterThread::Make([&](const Write&) -> Result<std::string> {
    begun = true;
    const timespec long_time{60, 0};
    if (::nanosleep(&long_time, nullptr) == 0) return std::string();
    return ErrnoError(errno, "a/memory.reclaim", "writing");
  });
  writer->Start(To("memory.reclaim", "1"));

  // A signal that comes before the system call is lost, so it is sent again, as the engine does.
  bool woken = false;
  for (int i = 0; i < 100 && !woken; ++i) {
    if (begun) writer->Interrupt();
    woken = Wakes(*writer, 100ms);
  }

  ASSERT_TRUE(woken);
  EXPECT_EQ(writer->Poll()->error().errno_value, EINTR);
}

TEST(SlowWriterThread, AHangingWriteDoesNotKeepItsOwner) {
  // Outlives the test, as the thread does that is left behind.
  static std::atomic<bool> begun{false};
  static std::atomic<bool> release{false};
  static std::atomic<bool> ended{false};
  auto writer = *SlowWriterThread::Make([](const Write&) -> Result<std::string> {
    begun = true;
    while (!release) std::this_thread::sleep_for(1ms);
    ended = true;
    return std::string();
  });
  writer->Start(To("memory.high", "1"));
  while (!begun) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(writer->Poll().has_value());

  const auto before = std::chrono::steady_clock::now();
  writer.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_FALSE(ended);
  release = true;
  for (int i = 0; i < 5000 && !ended; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(ended);
}

TEST(SlowWriterThread, TheWorkerTakesNoSignalOfTheProcess) {
  std::atomic<bool> blocked{false};
  const auto writer = *SlowWriterThread::Make([&](const Write&) -> Result<std::string> {
    sigset_t mask;
    (void)::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = ::sigismember(&mask, SIGTERM) == 1 && ::sigismember(&mask, SIGHUP) == 1;
    return std::string();
  });
  writer->Start(To("memory.high", "1"));

  ASSERT_TRUE(Wakes(*writer, 5s));
  EXPECT_TRUE(blocked);
  sigset_t mine;
  (void)::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(::sigismember(&mine, SIGTERM), 0);
}

TEST(SlowWriterThread, WritesToARealCgroup) {
  const ScratchCgroup scratch;
  if (!scratch.available()) GTEST_SKIP() << "no cgroup2 where a cgroup may be made";
  auto fs = *CgroupFsKernel::Open(scratch.path());
  ASSERT_TRUE(fs->Create(*CgroupPath::Parse("a")).has_value());
  const auto writer = *SlowWriterThread::Make(*fs);
  fs.reset();

  writer->Start(To("cgroup.max.depth", "7"));
  ASSERT_TRUE(Wakes(*writer, 5s));
  EXPECT_EQ(**writer->Poll(), "7\n");
  writer->Start(To("no.such.file", "7"));
  ASSERT_TRUE(Wakes(*writer, 5s));
  EXPECT_EQ(writer->Poll()->error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace reeve::kernel
