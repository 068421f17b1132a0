// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/gap_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace reeve::daemon {

void GapWatch::Listen(const Desired& desired) {
  const bool pending = std::any_of(desired.gaps.begin(), desired.gaps.end(), [](const Gap& gap) {
    return gap.kind == Gap::Kind::kPending;
  });
  devices_ = {};
  mounts_ = {};
  watch_.reset();
  mountinfo_.reset();
  if (!pending) return;
  auto watch = kernel::DirWatch::Make({"/dev", "/dev/disk/by-id"});
  if (watch.has_value()) {
    watch_.emplace(*std::move(watch));
    (void)watch_->Arm();
    auto source = loop_.OnReadable(watch_->fd(), [this] {
      const auto heard = watch_->Read();
      // What can not be read would wake us for ever; the next generation listens anew.
      if (!heard.has_value()) (void)devices_.Enable(false);
      if (heard.has_value() && !heard->changed) return;
      (void)watch_->Arm();
      changed_();
    });
    if (source.has_value()) devices_ = *std::move(source);
  }
  mountinfo_.reset(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!mountinfo_.valid()) return;
  auto source = loop_.OnPriority(mountinfo_.get(), changed_);
  if (source.has_value()) mounts_ = *std::move(source);
}

}  // namespace reeve::daemon
