// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/clock_watch.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "edge/io/clock.h"

namespace reeve::kernel {
namespace {

Usec Ahead() {
  return Usec(io::EpochMicroseconds()) - std::chrono::duration_cast<Usec>(io::BootTime());
}

}  // namespace

Result<ClockWatch> ClockWatch::Make() {
  UniqueFd timer(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return ErrnoError(errno, "the wall clock", "watching");
  return ClockWatch(std::move(timer));
}

ClockWatch::ClockWatch(UniqueFd timer) : timer_(std::move(timer)), ahead_(Ahead()) {
  Arm();
}

// A timer that never comes, and is cancelled when the clock is set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
void ClockWatch::Arm() {
  itimerspec never = {};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max();
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

std::int64_t ClockWatch::Read() {
  std::uint64_t ticks = 0;
  if (::read(timer_.get(), &ticks, sizeof ticks) < 0 && errno == ECANCELED) Arm();
  const Usec step = Ahead() - ahead_;
  const auto seconds = std::chrono::round<std::chrono::seconds>(step);
  ahead_ += seconds;
  return seconds.count();
}

}  // namespace reeve::kernel
