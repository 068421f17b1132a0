// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/base/units.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// Hears when the wall clock is set. What runs by it must not: a deadline that somebody was promised in an hour is in
// an hour, whatever a time server does meanwhile.
class ClockWatch {
 public:
  //   errors   of timerfd_create(2)
  static Result<ClockWatch> Make();

  // Readable when the clock was set.
  int fd() const { return timer_.get(); }

  // How far it was set since the last call, rounded to seconds; negative: back. Small steps add up, slewing counts too.
  std::int64_t Read();

 private:
  explicit ClockWatch(UniqueFd timer);

  void Arm();

  UniqueFd timer_;
  Usec ahead_{0};  // of the wall clock before the time since boot
};

}  // namespace reeve::kernel
