// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/kept_generation.h"

namespace reeve::store {

// A kept generation as a text with a checksum, and back; apart from any disk, so that hostile texts can be tried.
std::string FormatKept(const KeptGeneration& kept);

//   errors   Invalid when it is damaged (checksum, form) or of a later reeve
Result<KeptGeneration> ParseKept(std::string_view text);

}  // namespace reeve::store
