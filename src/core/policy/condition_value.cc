// SPDX-License-Identifier: Apache-2.0
#include "core/policy/condition_value.h"

#include <limits>
#include <string>

#include <fmt/format.h>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/policy/quantity.h"

namespace reeve::policy {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::string_view kBareUnits = "kKMGT";

struct AmountReading {
  std::uint64_t value = 0;
  std::optional<RangeError> error;
};

AmountReading ReadAmount(std::string_view text, bool bytes) {
  if (text.empty() || !IsDigit(text[0])) return {0, RangeError::kForm};
  const ScannedNumber number = ScanNumber(text);
  if (number.fault == NumberFault::kTooLarge) return {0, RangeError::kTooLarge};
  if (number.fault != NumberFault::kNone) return {0, RangeError::kForm};
  const std::string_view rest = text.substr(number.length);
  const std::string_view unit = bytes ? Trim(rest) : rest;
  std::uint64_t factor = 1;
  if (!unit.empty()) {
    if (!bytes) return {0, RangeError::kForm};
    if (unit.size() == 1 && kBareUnits.find(unit[0]) != std::string_view::npos) {
      return {0, RangeError::kAmbiguousUnit};
    }
    const Unit* known = FindUnit(unit);
    if (known == nullptr || known->dimension != Dimension::kBytes) return {0, RangeError::kForm};
    factor = known->factor;
  } else if (number.millionths != 0) {
    return {0, RangeError::kForm};
  }
  const Int128 value = static_cast<Int128>(number.whole) * factor +
                       static_cast<Int128>(number.millionths) * factor / kMillion;
  if (value > std::numeric_limits<std::uint64_t>::max()) return {0, RangeError::kTooLarge};
  return {static_cast<std::uint64_t>(value), std::nullopt};
}

// One part of a version, which is then cut off; nullopt where the version ends.
std::optional<std::uint64_t> TakePart(std::string_view& version) {
  std::size_t end = 0;
  while (end < version.size() && IsDigit(version[end])) ++end;
  const std::string_view digits = version.substr(0, end);
  if (digits.empty()) return std::nullopt;
  const bool more = end < version.size() && (version[end] == '.' || version[end] == '-');
  version = more ? version.substr(end + 1) : std::string_view();
  std::size_t zeros = digits.find_first_not_of('0');
  if (zeros == std::string_view::npos) return 0;
  return ParseDecimal(digits.substr(zeros));
}

bool IsVersion(std::string_view text) {
  if (text.empty()) return false;
  while (true) {
    std::size_t end = 0;
    while (end < text.size() && IsDigit(text[end])) ++end;
    if (end == 0 || end > 9) return false;
    if (end == text.size()) return true;
    if (text[end] != '.' && text[end] != '-') return false;
    text.remove_prefix(end + 1);
  }
}

// "5%", "0.5%", in millionths of a percent.
std::optional<std::uint64_t> ParsePercent(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  const std::size_t point = text.find('.');
  const auto whole = ParseDecimal(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  std::uint64_t value = *whole * 1'000'000;
  if (point == std::string_view::npos) return value;
  const std::string_view fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.size() > 6) return std::nullopt;
  std::uint64_t weight = 100'000;
  for (char c : fraction) {
    if (!IsDigit(c)) return std::nullopt;
    value += static_cast<std::uint64_t>(c - '0') * weight;
    weight /= 10;
  }
  if (value > kWholeFleet) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::pair<std::string_view, std::string_view>> SplitRange(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  return std::pair(Trim(text.substr(0, dots)), Trim(text.substr(dots + 2)));
}

RangeReading ReadAmountRange(std::string_view text, bool bytes) {
  RangeReading reading;
  const auto ends = SplitRange(text);
  if (!ends) {
    const AmountReading amount = ReadAmount(Trim(text), bytes);
    reading.error = amount.error;
    reading.range = {amount.value, amount.value};
    return reading;
  }
  if (ends->first.empty() && ends->second.empty()) {
    reading.error = RangeError::kForm;
    return reading;
  }
  if (!ends->first.empty()) {
    const AmountReading low = ReadAmount(ends->first, bytes);
    if (low.error) reading.error = low.error;
    reading.range.low = low.value;
  }
  if (!ends->second.empty()) {
    const AmountReading high = ReadAmount(ends->second, bytes);
    if (high.error && !reading.error) reading.error = high.error;
    reading.range.high = high.value;
  }
  const bool reversed =
      reading.range.low && reading.range.high && *reading.range.low > *reading.range.high;
  if (!reading.error && reversed) reading.error = RangeError::kReversed;
  return reading;
}

std::optional<VersionRange> ParseVersionRange(std::string_view text) {
  const auto ends = SplitRange(text);
  if (!ends) {
    const std::string_view version = Trim(text);
    if (!IsVersion(version)) return std::nullopt;
    return VersionRange{version, version};
  }
  if (ends->first.empty() && ends->second.empty()) return std::nullopt;
  if (!ends->first.empty() && !IsVersion(ends->first)) return std::nullopt;
  if (!ends->second.empty() && !IsVersion(ends->second)) return std::nullopt;
  return VersionRange{ends->first, ends->second};
}

int CompareVersion(std::string_view version, std::string_view bound) {
  while (const auto wanted = TakePart(bound)) {
    const std::uint64_t part = TakePart(version).value_or(0);
    if (part != *wanted) return part < *wanted ? -1 : 1;
  }
  return 0;
}

bool InVersions(const VersionRange& range, std::string_view version) {
  return (range.low.empty() || CompareVersion(version, range.low) >= 0) &&
         (range.high.empty() || CompareVersion(version, range.high) <= 0);
}

std::optional<Share> ParseShare(std::string_view text) {
  Share share;
  const std::size_t of = text.find(" of ");
  if (of != std::string_view::npos) {
    share.of = Trim(text.substr(of + 4));
    if (share.of.empty() || share.of.find(' ') != std::string_view::npos) return std::nullopt;
  }
  const auto ends = SplitRange(text.substr(0, of));
  if (!ends || ends->second.empty()) return std::nullopt;
  const auto low =
      ends->first.empty() ? std::optional<std::uint64_t>(0) : ParsePercent(ends->first);
  const auto high = ParsePercent(ends->second);
  if (!low || !high || *high < *low) return std::nullopt;
  share.low = *low;
  share.high = *high;
  return share;
}

std::uint64_t RolloutPlace(std::string_view machine_id, std::string_view document) {
  const std::string digest = Sha256Hex(fmt::format("{}:{}", machine_id, document));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char c = digest[i];
    number = number * 16 + static_cast<std::uint64_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
  }
  return number * kWholeFleet >> 32;  // below 2^32 * 10^8, so below 2^59
}

}  // namespace reeve::policy
