// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/notify.h"

#include <systemd/sd-daemon.h>

#include <string>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/io/clock.h"

namespace reeve::systemd {
namespace {

constexpr int kKeepEnvironment = 0;

// A newline would begin another assignment.
std::string Status(std::string_view status) {
  return "STATUS=" + EscapeForTerminal(status);
}

void Notify(const std::string& state) {
  (void)sd_notify(kKeepEnvironment, state.c_str());
}

}  // namespace

void NotifyReady(std::string_view status) {
  Notify("READY=1\n" + Status(status));
}

void NotifyStatus(std::string_view status) {
  Notify(Status(status));
}

void NotifyReloading() {
  Notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", io::MonotonicTime().count()));
}

void NotifyStopping() {
  Notify("STOPPING=1");
}

}  // namespace reeve::systemd
