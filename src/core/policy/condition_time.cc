// SPDX-License-Identifier: Apache-2.0
#include "core/policy/condition_time.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::policy {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// A number of exactly `digits` digits.
std::optional<std::uint32_t> Digits(std::string_view text, std::size_t digits) {
  if (text.size() != digits) return std::nullopt;
  std::uint32_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

// "07:00" and "24:00", in minutes.
std::optional<std::uint32_t> ParseClock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = Digits(text.substr(0, 2), 2);
  const auto minute = Digits(text.substr(3), 2);
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const std::uint32_t minutes = *hour * 60 + *minute;
  if (minutes > 24 * 60) return std::nullopt;
  return minutes;
}

std::optional<std::size_t> ParseDay(std::string_view text) {
  const auto day = std::find(kDays.begin(), kDays.end(), text);
  if (day == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(day - kDays.begin());
}

// "Sat", "Mon..Fri", also over the weekend: "Fri..Mon".
std::optional<std::uint8_t> ParseDays(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = ParseDay(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : ParseDay(text.substr(dots + 2));
  if (!first || !last) return std::nullopt;
  std::uint8_t days = 0;
  for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
    days = static_cast<std::uint8_t>(days | (1U << day));
    if (day == *last) return days;
  }
}

// "22:00..06:30", "22:00..", "..06:30"
bool ParseClocks(std::string_view text, TimeWindow& window) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos || text.size() == 2) return false;
  const std::string_view from = text.substr(0, dots);
  const std::string_view to = text.substr(dots + 2);
  const auto first = from.empty() ? std::optional<std::uint32_t>(0) : ParseClock(from);
  const auto last = to.empty() ? std::optional<std::uint32_t>(24 * 60) : ParseClock(to);
  if (!first || !last || *first == *last || *first == 24 * 60) return false;
  window.from = *first;
  window.to = *last;
  return true;
}

// Seconds since midnight; also right before 1970.
std::int64_t SecondOfDay(std::int64_t local) {
  return ((local % kDay) + kDay) % kDay;
}

std::size_t Weekday(std::int64_t local) {
  const std::int64_t day = (local - SecondOfDay(local)) / kDay;
  return static_cast<std::size_t>((((day + 3) % 7) + 7) % 7);  // 1970-01-01 was a Thursday
}

}  // namespace

std::optional<TimeWindow> ParseTimeWindow(std::string_view text) {
  const auto words = SplitWords(text, " ");
  if (words.empty() || words.size() > 2) return std::nullopt;
  TimeWindow window;
  std::size_t next = 0;
  if (const auto days = ParseDays(words[0])) {
    window.days = *days;
    next = 1;
  }
  if (next < words.size() && !ParseClocks(words[next++], window)) return std::nullopt;
  if (next < words.size()) return std::nullopt;
  return window;
}

bool InWindow(const TimeWindow& window, std::int64_t local) {
  const auto minute = static_cast<std::uint32_t>(SecondOfDay(local) / 60);
  const std::size_t today = Weekday(local);
  const std::size_t yesterday = (today + 6) % 7;
  const auto opens = [&](std::size_t day) { return (window.days >> day & 1U) != 0; };
  if (window.from < window.to) return opens(today) && window.from <= minute && minute < window.to;
  return (opens(today) && window.from <= minute) || (opens(yesterday) && minute < window.to);
}

std::int64_t NextEdge(const TimeWindow& window, std::int64_t local) {
  const std::int64_t midnight = local - SecondOfDay(local);
  // Midnight itself is an edge of windows that last a whole day on some days.
  std::int64_t next = midnight + kDay;
  for (const std::uint32_t minute : {window.from, window.to}) {
    std::int64_t edge = midnight + std::int64_t{minute} * 60;
    if (edge <= local) edge += kDay;
    next = std::min(next, edge);
  }
  return next;
}

std::optional<std::int64_t> ParseMoment(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text.substr(0, 4), 4);
  const auto month = Digits(text.substr(5, 2), 2);
  const auto day = Digits(text.substr(8, 2), 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight =
      std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * kDay;
  if (text.size() == 10) return midnight;

  // T05:10:00 and then fractions and the zone.
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto hour = Digits(text.substr(11, 2), 2);
  const auto minute = Digits(text.substr(14, 2), 2);
  const auto second = Digits(text.substr(17, 2), 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const std::int64_t moment =
      midnight + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + std::int64_t{*second};

  std::string_view zone = text.substr(19);
  if (zone[0] == '.') {
    const std::size_t end = zone.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return std::nullopt;
    zone.remove_prefix(end);
  }
  if (zone == "Z" || zone == "z") return moment;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
    return std::nullopt;
  }
  const auto zone_hour = Digits(zone.substr(1, 2), 2);
  const auto zone_minute = Digits(zone.substr(4), 2);
  if (!zone_hour || !zone_minute || *zone_hour > 23 || *zone_minute > 59) return std::nullopt;
  const std::int64_t offset = std::int64_t{*zone_hour} * 3600 + std::int64_t{*zone_minute} * 60;
  return zone[0] == '+' ? moment - offset : moment + offset;
}

std::string FormatMoment(std::int64_t moment) {
  const std::int64_t second = SecondOfDay(moment);
  const std::chrono::sys_days day(std::chrono::days((moment - second) / kDay));
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()),
                     second / 3600,
                     second / 60 % 60,
                     second % 60);
}

}  // namespace reeve::policy
