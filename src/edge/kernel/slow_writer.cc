// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/slow_writer.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/text.h"

namespace reeve::kernel {
namespace {

constexpr std::chrono::milliseconds kMostWritesEndWithin{2};
constexpr std::chrono::seconds kLastWait{1};

// Its only use is to make a system call of the worker return: the kernel's reclaim loops look for a
// pending signal in every round. The first ones of glibc's free range are taken by others more often.
int WakeSignal() {
  return SIGRTMIN + 7;
}

void IgnoreWakeUp(int) {}

void InstallWakeSignal() {
  struct sigaction action = {};
  action.sa_handler = IgnoreWakeUp;  // and no SA_RESTART
  (void)::sigemptyset(&action.sa_mask);
  (void)::sigaction(WakeSignal(), &action, nullptr);
}

}  // namespace

// What both threads hold; the worker keeps it alive when it is left behind.
struct SlowWriterThread::Shared {
  Doer doer;       // the worker's only
  UniqueFd ended;  // eventfd
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Write> job;                   // for the worker
  std::optional<Result<std::string>> result;  // for the caller
  bool stop = false;
  bool gone = false;  // the worker has ended
};

SlowWriterThread::SlowWriterThread(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

Result<std::unique_ptr<SlowWriterThread>> SlowWriterThread::Make(const CgroupFsKernel& fs) {
  REEVE_TRY(std::shared_ptr<CgroupFsKernel> own, fs.SameRoot());
  return Make([own = std::move(own)](const Write& write) {
    return own->WriteFile(write.path, write.file, write.text);
  });
}

Result<std::unique_ptr<SlowWriterThread>> SlowWriterThread::Make(Doer doer) {
  auto shared = std::make_shared<Shared>();
  shared->doer = std::move(doer);
  shared->ended.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!shared->ended.valid()) return ErrnoError(errno, "slow writer", "eventfd");
  return std::unique_ptr<SlowWriterThread>(new SlowWriterThread(std::move(shared)));
}

SlowWriterThread::~SlowWriterThread() {
  if (!worker_) return;
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->changed.notify_all();
  if (!shared_->gone) Interrupt();
  const bool gone = shared_->changed.wait_for(lock, kLastWait, [this] { return shared_->gone; });
  lock.unlock();
  if (gone) {
    worker_->join();
  } else {
    worker_->detach();
  }
}

int SlowWriterThread::fd() const {
  return shared_->ended.get();
}

void SlowWriterThread::Heard() {
  std::uint64_t count = 0;
  (void)!::read(shared_->ended.get(), &count, sizeof count);
}

void SlowWriterThread::Start(Write write) {
  REEVE_CHECK(!in_flight_);
  in_flight_ = write;
  if (!worker_) {
    InstallWakeSignal();
    // Signals are the loop's: a thread that took one would take it from there, or die of it.
    sigset_t all, before;
    (void)::sigfillset(&all);
    (void)::sigdelset(&all, WakeSignal());
    (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
    worker_.emplace(Work, shared_);
    (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  std::unique_lock lock(shared_->mutex);
  shared_->job = std::move(write);
  shared_->changed.notify_all();
  (void)shared_->changed.wait_for(
      lock, kMostWritesEndWithin, [this] { return shared_->result.has_value(); });
}

const port::SlowWriter::Write* SlowWriterThread::in_flight() const {
  return in_flight_ ? &*in_flight_ : nullptr;
}

std::optional<Result<std::string>> SlowWriterThread::Poll() {
  if (!in_flight_) return std::nullopt;
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->result) return std::nullopt;
  Heard();  // the worker has rung already: it does so under the lock
  in_flight_.reset();
  return std::exchange(shared_->result, std::nullopt);
}

void SlowWriterThread::Interrupt() {
  if (worker_) (void)::pthread_kill(worker_->native_handle(), WakeSignal());
}

void SlowWriterThread::Work(const std::shared_ptr<Shared>& shared) {
  (void)::pthread_setname_np(::pthread_self(), "slow-writes");
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(lock, [&] { return shared->stop || shared->job.has_value(); });
    if (shared->stop) break;
    const Write write = *std::exchange(shared->job, std::nullopt);
    lock.unlock();
    auto result = shared->doer(write);
    lock.lock();
    shared->result = std::move(result);
    const std::uint64_t one = 1;
    (void)!::write(shared->ended.get(), &one, sizeof one);
    shared->changed.notify_all();
  }
  shared->gone = true;
  shared->changed.notify_all();
}

}  // namespace reeve::kernel
