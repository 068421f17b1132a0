// SPDX-License-Identifier: Apache-2.0
#include "core/format/number_text.h"

#include <limits>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::format {

std::optional<Limit> ParseLimit(std::string_view token) {
  if (token == "max") return Limit::Max();
  const std::optional<std::uint64_t> number = ParseDecimal(token);
  if (!number) return std::nullopt;
  return Limit(*number);
}

std::string FormatLimit(Limit limit) {
  return limit.is_max() ? "max" : fmt::format("{}", limit.value());
}

std::optional<std::uint64_t> ParseHundredths(std::string_view token) {
  const std::size_t dot = token.find('.');
  const std::optional<std::uint64_t> whole = ParseDecimal(token.substr(0, dot));
  if (!whole || *whole > std::numeric_limits<std::uint64_t>::max() / 100 - 1) return std::nullopt;
  if (dot == std::string_view::npos) return *whole * 100;
  const std::string_view decimals = token.substr(dot + 1);
  if (decimals.empty() || decimals.size() > 2) return std::nullopt;
  std::uint64_t hundredths = 0;
  for (char c : decimals) {
    if (c < '0' || c > '9') return std::nullopt;
    hundredths = hundredths * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (decimals.size() == 1) hundredths *= 10;
  return *whole * 100 + hundredths;
}

std::string FormatHundredths(std::uint64_t hundredths) {
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

}  // namespace reeve::format
