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

// When watches can not be had, the directories are read this often instead.
constexpr Usec kPollInterval{10'000'000};
// How many times the quiet time is waited for while there is none.
constexpr int kPatience = 10;

}  // namespace

PolicyWatch::PolicyWatch(systemd::Loop& loop,
                         std::vector<std::string> directories,
                         Usec settle,
                         Callbacks callbacks)
    : loop_(loop),
      directories_(std::move(directories)),
      settle_(settle),
      callbacks_(std::move(callbacks)) {}

Result<> PolicyWatch::Start() {
  REEVE_TRY(timer_, loop_.OnTimer([this] { OnTimer(); }));
  mountinfo_.reset(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (mountinfo_.valid()) {
    REEVE_TRY(mounts_, loop_.OnPriority(mountinfo_.get(), [this] { OnMounts(); }));
  }
  Watch();
  if (!watched_) (void)timer_.FireAt(io::BootTime() + kPollInterval);
  return {};
}

// Sets the watches that are missing; says once that there are none.
void PolicyWatch::Watch() {
  const auto armed = [this]() -> Result<> {
    if (!watch_) {
      REEVE_TRY(kernel::DirWatch watch, kernel::DirWatch::Make(directories_));
      watch_.emplace(std::move(watch));
      REEVE_TRY(readable_, loop_.OnReadable(watch_->fd(), [this] { OnEvent(); }));
    }
    return watch_->Arm();
  }();
  if (!armed.has_value() && watched_) {
    io::LogWarning("{}; the policy directories are read every {} s instead",
                   EscapeForTerminal(armed.error().ToString()),
                   kPollInterval.count() / 1'000'000);
  }
  if (armed.has_value() && !watched_) io::LogInfo("the policy directories are watched again");
  watched_ = armed.has_value();
}

void PolicyWatch::OnEvent() {
  const auto heard = watch_->Read();
  if (heard.has_value() && !*heard) return;
  Changed();
}

void PolicyWatch::OnMounts() {
  if (!watch_ || watch_->LeadElsewhere()) Changed();
}

void PolicyWatch::Changed() {
  callbacks_.heard();
  changed_last_ = io::BootTime();
  if (!changed_since_) changed_since_ = changed_last_;
  (void)timer_.FireAt(std::min(changed_last_ + settle_, *changed_since_ + kPatience * settle_));
}

void PolicyWatch::OnTimer() {
  // Before reading: what changes while we read is heard.
  Watch();
  const Usec now = io::BootTime();
  if (changed_since_ && now < changed_last_ + settle_) {
    if (!callbacks_.unrest()) {
      // Once more after one quiet time, whatever comes until then.
      changed_since_ = now - (kPatience - 1) * settle_;
      (void)timer_.FireAt(now + settle_);
      return;
    }
  } else {
    if (!changed_since_) callbacks_.heard();
    callbacks_.quiet();
  }
  changed_since_.reset();
  if (!watched_) (void)timer_.FireAt(now + kPollInterval);
}

}  // namespace reeve::daemon
