// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Plain (unquoted) values that YAML readers do not agree about.
namespace reeve::policy {

// YAML 1.1's booleans yes, no, on, off, y and n in any case; not `true` and `false`, which are the
// same everywhere.
bool IsNorwayBoolean(std::string_view text);

// 0815, 0x1f, 0o17, 1_000, 22:30, 1e3, .inf: one number to this reader, another or a text to the
// next.
bool IsDisputedNumber(std::string_view text);

}  // namespace reeve::policy
