// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::policy {

// "Mon..Fri 07:00..19:00": when in a week something holds. Local time; the end is not included.
struct TimeWindow {
  std::uint8_t days = 0x7F;    // bit 0 = Monday; the days on which a window opens
  std::uint32_t from = 0;      // minutes since midnight, 0..1440
  std::uint32_t to = 24 * 60;  // below `from`: over midnight
};

// nullopt for anything that is no window; a window from a time to itself is none.
std::optional<TimeWindow> ParseTimeWindow(std::string_view text);

//   local   seconds since the epoch plus the offset of local time
bool InWindow(const TimeWindow& window, std::int64_t local);

// The next moment after `local` at which InWindow may give something else, at most a day later.
std::int64_t NextEdge(const TimeWindow& window, std::int64_t local);

// "2026-12-15" (the first moment of that day, UTC, so that it is the same one for a whole fleet) or
// RFC 3339 "2026-12-15T05:10:00+01:00", in seconds since the epoch; fractions of a second are
// dropped. nullopt for anything else, days that no calendar has and times without a zone included.
std::optional<std::int64_t> ParseMoment(std::string_view text);

// The same moment back, to the second and in UTC: "2026-12-15T04:10:00Z". Years 0 to 9999.
std::string FormatMoment(std::int64_t moment);

}  // namespace reeve::policy
