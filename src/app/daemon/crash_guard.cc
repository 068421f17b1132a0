// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/crash_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "edge/io/clock.h"
#include "edge/io/files.h"

namespace reeve::daemon {
namespace {

constexpr std::int64_t kForgivenAfter = 600;  // seconds
constexpr unsigned kMostCounted = 100;

volatile sig_atomic_t record = -1;

// Notes it and lets it take its course.
void OnFatal(int signal) {
  if (record >= 0) {
    const ssize_t written = ::write(record, "x", 1);
    static_cast<void>(written);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

Usec CrashGuard::DelayAfter(unsigned crashes) {
  constexpr Usec kFirst{500'000};
  constexpr Usec kLongest{30'000'000};
  if (crashes < 2) return Usec(0);
  return std::min<Usec>(kFirst * (1LL << std::min(crashes - 2, 10U)), kLongest);
}

CrashGuard CrashGuard::Begin(const std::string& state_dir) {
  CrashGuard guard;
  const auto directory = io::MakeDirectory(state_dir, 0700);
  if (!directory.has_value()) return guard;  // TakingUp says what is wrong with it
  guard.record_.reset(::openat(
      directory->get(), "crashes", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat file = {};
  if (!guard.record_.valid() || ::fstat(guard.record_.get(), &file) != 0 ||
      !S_ISREG(file.st_mode)) {
    return guard;
  }
  const bool forgiven = io::EpochSeconds() - file.st_mtime > kForgivenAfter;
  if (forgiven && ::ftruncate(guard.record_.get(), 0) != 0) return guard;
  if (!forgiven) {
    guard.crashes_ = static_cast<unsigned>(std::min<off_t>(file.st_size, kMostCounted));
  }
  record = guard.record_.get();
  struct sigaction action = {};
  action.sa_handler = OnFatal;
  action.sa_flags = SA_NODEFER | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) {
    ::sigaction(signal, &action, nullptr);
  }
  return guard;
}

}  // namespace reeve::daemon
