// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reeve::systemd {

// Words to the supervisor (sd_notify); without one they go nowhere, and that is no error.

void NotifyReady(std::string_view status);
void NotifyStatus(std::string_view status);

// With the time of it, so that Type=notify-reload works where systemd has it (253 and later).
void NotifyReloading();
void NotifyStopping();

}  // namespace reeve::systemd
