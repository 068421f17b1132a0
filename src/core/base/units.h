// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace reeve {

using Usec = std::chrono::microseconds;

// A limit as the kernel knows it: a number or `max`. Not mentioned at all is a third state and is
// std::optional<Limit>, so that no number ever has to mean "none".
class Limit {
 public:
  static constexpr Limit Max() { return Limit(); }

  constexpr explicit Limit(std::uint64_t value) : is_max_(false), value_(value) {}

  constexpr bool is_max() const { return is_max_; }

  // Only meaningful when !is_max().
  constexpr std::uint64_t value() const { return value_; }

  // `max` is greater than every number.
  constexpr std::strong_ordering operator<=>(const Limit& other) const {
    if (is_max_ || other.is_max_) return is_max_ <=> other.is_max_;
    return value_ <=> other.value_;
  }

  constexpr bool operator==(const Limit& other) const = default;

 private:
  constexpr Limit() : is_max_(true), value_(0) {}

  bool is_max_;
  std::uint64_t value_;
};

}  // namespace reeve
