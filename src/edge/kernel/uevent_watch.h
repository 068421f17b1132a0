// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "edge/io/unique_fd.h"

namespace reeve::kernel {

// Whether a message of the kernel's device events is about what facts are read from: a CPU or
// memory block that goes on- or offline, a disk that comes, changes or goes.
bool IsAboutFacts(std::string_view message);

// Hears of CPUs and disks that come and go. What else happens to devices (a network interface for
// each container) is left out by a filter in the kernel as far as it can tell, and wakes nobody.
class UeventWatch {
 public:
  // errors   Denied, Unsupported where the kernel's device events can not be had
  static Result<UeventWatch> Make();

  int fd() const { return fd_.get(); }

  // Whether something was heard since the last call, or may have been lost; never blocks.
  bool Read();

 private:
  explicit UeventWatch(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace reeve::kernel
