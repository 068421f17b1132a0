// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/units.h"

namespace reeve::format {

// A whole decimal number or the word max; nullopt for anything else, overflow included.
std::optional<Limit> ParseLimit(std::string_view token);

std::string FormatLimit(Limit limit);

// "20.00", "33.3" or "20" as hundredths: 2000, 3330, 2000. More than two decimals, a sign or an
// exponent are nullopt: the kernel prints two.
std::optional<std::uint64_t> ParseHundredths(std::string_view token);

std::string FormatHundredths(std::uint64_t hundredths);

}  // namespace reeve::format
