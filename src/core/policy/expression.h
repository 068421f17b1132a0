// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/model/setting.h"
#include "core/policy/quantity.h"

namespace reeve::policy {

// A worked-out amount: max, or exact millionths of the kernel's unit. May be below zero on the way.
struct Amount {
  bool is_max = false;
  Int128 micro = 0;

  bool operator==(const Amount&) const = default;

  static constexpr Amount Max() { return {true, 0}; }

  static constexpr Amount Whole(std::uint64_t value) {
    return {false, static_cast<Int128>(value) * kMillion};
  }

  constexpr bool negative() const { return !is_max && micro < 0; }

  // Rounded down. Only meaningful when neither max nor negative.
  constexpr std::uint64_t Floor() const { return static_cast<std::uint64_t>(micro / kMillion); }

  constexpr bool whole() const { return micro % kMillion == 0; }
};

// What `host`, `parent` and a KEY stand for at one place, in the kernel's unit. nullopt: it cannot
// be known, and whoever answers has said so.
class References {
 public:
  virtual ~References() = default;
  virtual std::optional<Amount> Host() = 0;
  virtual std::optional<Amount> Parent() = 0;
  virtual std::optional<Amount> Key(std::string_view key) = 0;
};

struct Evaluation {
  enum class Failure : std::uint8_t {
    kNone,
    kReference,  // a reference had no answer
    kOverflow,   // over 64 bits, at the end or on the way
  };

  Amount amount;
  Failure failure = Failure::kNone;
};

// Works an expression out, exactly: 128 bits inside, every division rounds towards zero and leaves
// millionths.
//   references   nullptr for expressions without any; such a reference is Failure::kReference
//   core_unit    what one core is in the kernel's unit: microseconds of the period for cpu.max
Evaluation Evaluate(const Expression& expression,
                    References* references,
                    std::uint64_t core_unit = 1);

// True when no host is needed to work it out: no host, parent or KEY inside.
bool IsConstant(const Expression& expression);

// The expression that stands for one number.
Expression NumberExpression(Dimension dimension, std::uint64_t whole, std::uint32_t millionths = 0);

}  // namespace reeve::policy
