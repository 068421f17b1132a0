// SPDX-License-Identifier: Apache-2.0
#include "core/format/id_set.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/text_error.h"

namespace reeve::format {
namespace {

std::optional<std::uint32_t> ParseId(std::string_view token) {
  const std::optional<std::uint64_t> number = ParseDecimal(token);
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

Result<IdSet> ParseIdSet(std::string_view what, std::string_view text) {
  REEVE_TRY_VOID(CheckLength(what, text));
  IdSet set;
  const std::string_view list = Trim(text);
  if (list.empty()) return set;
  for (std::string_view token : Split(list, ',')) {
    const std::size_t dash = token.find('-');
    const std::optional<std::uint32_t> first = ParseId(token.substr(0, dash));
    const std::optional<std::uint32_t> last =
        dash == std::string_view::npos ? first : ParseId(token.substr(dash + 1));
    if (!first || !last || *last < *first) return UnexpectedText(what, token);
    set.ranges.push_back({*first, *last});
  }
  return NormalIdSet(std::move(set));
}

std::string FormatIdSet(const IdSet& set) {
  std::string text;
  for (const auto& range : set.ranges) {
    if (!text.empty()) text += ',';
    text += range.first == range.second ? fmt::format("{}", range.first)
                                        : fmt::format("{}-{}", range.first, range.second);
  }
  return text;
}

IdSet NormalIdSet(IdSet set) {
  std::sort(set.ranges.begin(), set.ranges.end());
  IdSet normal;
  for (const auto& range : set.ranges) {
    // In 64 bits: one after the largest id must not be zero.
    const bool joins =
        !normal.ranges.empty() && range.first <= std::uint64_t{normal.ranges.back().second} + 1;
    if (joins) {
      normal.ranges.back().second = std::max(normal.ranges.back().second, range.second);
    } else {
      normal.ranges.push_back(range);
    }
  }
  return normal;
}

}  // namespace reeve::format
