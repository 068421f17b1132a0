// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

// How the values under `when:` are read: ranges of amounts, of versions and of shares.
namespace reeve::policy {

// The two sides of "low..high", blanks trimmed, either may be empty; nullopt when there is no "..".
std::optional<std::pair<std::string_view, std::string_view>> SplitRange(std::string_view text);

// Both ends included; an open end is nullopt. A single number is a range from itself to itself.
struct AmountRange {
  std::optional<std::uint64_t> low;
  std::optional<std::uint64_t> high;

  bool Has(std::uint64_t value) const {
    return (!low || *low <= value) && (!high || value <= *high);
  }
};

// What was wrong with a text, for the finding's code.
enum class RangeError { kForm, kReversed, kAmbiguousUnit, kTooLarge };

struct RangeReading {
  AmountRange range;
  std::optional<RangeError> error;
};

// "8..16", "..64", "16". With `bytes` also "16GiB..", "500MB".
RangeReading ReadAmountRange(std::string_view text, bool bytes);

// "6.1..", "..6.6", "6.1..6.6" and the plain "6.1". An end counts as far as it goes: ..6.6 lets
// every 6.6.x in.
struct VersionRange {
  std::string_view low;
  std::string_view high;
};

// nullopt when the text is no range of versions and no plain version.
std::optional<VersionRange> ParseVersionRange(std::string_view text);

// Part by part as numbers, as many parts as `bound` has; missing parts of `version` are 0. What is
// no number ends the version: "6.1.0-56-amd64" is 6, 1, 0, 56.
//   returns   below 0, 0, above 0, like strcmp(version, bound)
int CompareVersion(std::string_view version, std::string_view bound);

bool InVersions(const VersionRange& range, std::string_view version);

// "..5%", "5%..25%", "..5% of NAME": a share of all hosts in millionths of a percent, the low end
// included, the high one not.
inline constexpr std::uint64_t kWholeFleet = 100'000'000;

struct Share {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::string_view of;  // the document whose hosts are meant; "" = the one it stands in
};

std::optional<Share> ParseShare(std::string_view text);

// A machine's place in the fleet for one document: 0..kWholeFleet - 1. The first 8 hexadecimal
// digits of the SHA-256 of MACHINE_ID:DOCUMENT, scaled, so that anybody can compute it. Must never
// change: a rollout that is under way would jump to other machines.
std::uint64_t RolloutPlace(std::string_view machine_id, std::string_view document);

}  // namespace reeve::policy
