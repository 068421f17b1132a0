// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/model/policy.h"
#include "core/model/setting.h"
#include "core/policy/diagnostic.h"

namespace reeve::policy {

// Understands the value of one interface file: units, percentages, expressions, tables, lists, and the ranges
// that the kernel has whatever the host. Variables must have been replaced.
// nullopt when there is an error; it is in `findings` with the exact columns and a hint.
std::optional<Setting> ParseSetting(const SettingText& text, Findings& findings);

}  // namespace reeve::policy
