// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/observed.h"

namespace reeve::format {

// The text of our xattr. First line "reeve/1"; every path and value percent-escaped, so that any text survives.
//   errors   Invalid: not ours, damaged, or of a version this reeve does not know
Result<OwnerMark> ParseOwnerMark(std::string_view text);

//   errors   OutOfRange when it would be longer than the 4 KiB that every kernel stores
Result<std::string> FormatOwnerMark(const OwnerMark& mark);

}  // namespace reeve::format
