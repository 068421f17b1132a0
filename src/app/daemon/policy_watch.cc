// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/policy_watch.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

namespace reeve::daemon {
namespace {

// Where no event would tell, the directories are read this often instead.
constexpr Usec kPollInterval{10'000'000};
// How many times the quiet time is waited for while there is none.
constexpr int kPatience = 10;

}  // namespace

PolicyWatch::PolicyWatch(systemd::Loop& loop,
                         std::vector<std::string> directories,
                         Usec settle,
                         Callbacks callbacks,
                         io::Apart& apart)
    : loop_(loop),
      directories_(std::move(directories)),
      settle_(settle),
      callbacks_(std::move(callbacks)),
      apart_(apart) {}

Result<> PolicyWatch::Start() {
  REEVE_TRY(timer_, loop_.OnTimer([this] { OnTimer(); }));
  mountinfo_.reset(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (mountinfo_.valid()) {
    REEVE_TRY(mounts_, loop_.OnPriority(mountinfo_.get(), [this] { OnMounts(); }));
  }
  Watch();
  KeepLooking();
  return {};
}

// Sets the watches that are missing; says once why there are none.
void PolicyWatch::Watch() {
  const auto armed = [this]() -> Result<> {
    if (std::exchange(broken_, false)) {
      readable_ = systemd::Source();
      watch_.reset();
    }
    if (!watch_) {
      REEVE_TRY(kernel::DirWatch watch, kernel::DirWatch::Make(directories_, &apart_));
      watch_.emplace(std::move(watch));
      REEVE_TRY(readable_, loop_.OnReadable(watch_->fd(), [this] { OnEvent(); }));
    }
    return watch_->Arm();
  }();
  std::string deaf = armed.has_value() ? "" : armed.error().ToString();
  if (!deaf.empty() && deaf != deaf_) {
    io::LogWarning("{}; the policy directories are read every {} s instead",
                   EscapeForTerminal(deaf),
                   kPollInterval.count() / 1'000'000);
  }
  if (deaf.empty() && !deaf_.empty()) io::LogInfo("the policy directories are watched again");
  deaf_ = std::move(deaf);
}

void PolicyWatch::FireAt(Usec at) {
  timed_ = true;
  (void)timer_.FireAt(at);
}

void PolicyWatch::KeepLooking() {
  Listen();
  if (timed_ || (deaf_.empty() && !apart_.waits())) return;
  FireAt(io::BootTime() + kPollInterval);
}

void PolicyWatch::OnEvent() {
  Listen();
}

void PolicyWatch::Listen() {
  if (!watch_ || broken_) return;
  const auto heard = watch_->Read();
  if (!heard.has_value()) {
    // Whatever there is to read stays there, and would wake us for ever.
    (void)readable_.Enable(false);
    broken_ = true;
    const Usec now = io::BootTime();
    if (now < anew_at_) {  // again, although it is a new one
      if (!timed_) FireAt(anew_at_);
      return;
    }
    anew_at_ = now + kPollInterval;
    io::LogWarning("{}; the policy directories are watched anew",
                   EscapeForTerminal(heard.error().ToString()));
  }
  if (!heard.has_value() || heard->overflow) callbacks_.overflow();
  if (!heard.has_value() || heard->changed) Changed();
}

void PolicyWatch::OnMounts() {
  if (!watch_ || watch_->LeadElsewhere()) Changed();
}

void PolicyWatch::Changed() {
  callbacks_.heard();
  changed_last_ = io::BootTime();
  if (!changed_since_) changed_since_ = changed_last_;
  FireAt(std::min(changed_last_ + settle_, *changed_since_ + kPatience * settle_));
}

void PolicyWatch::OnTimer() {
  timed_ = false;
  // Before reading: what changes while we read is heard.
  Watch();
  const Usec now = io::BootTime();
  if (changed_since_ && now < changed_last_ + settle_) {
    if (!callbacks_.unrest()) {
      // Once more after one quiet time, whatever comes until then.
      changed_since_ = now - (kPatience - 1) * settle_;
      FireAt(now + settle_);
      return;
    }
  } else {
    if (!changed_since_) callbacks_.heard();
    callbacks_.quiet();
  }
  changed_since_.reset();
  KeepLooking();
}

}  // namespace reeve::daemon
