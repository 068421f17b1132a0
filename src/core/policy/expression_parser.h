// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/model/knob.h"
#include "core/model/policy.h"
#include "core/model/setting.h"
#include "core/policy/diagnostic.h"
#include "core/policy/quantity.h"

namespace reeve::policy {

// What an amount may be at one place: a file, or one column of a table.
struct Terms {
  std::string_view subject;  // for messages: "memory.max", "io.max rbps"
  Dimension dimension = Dimension::kPlain;
  HostAmount host = HostAmount::kNone;  // kNone: no host, parent, KEY or percentage
  bool max_allowed = false;
  bool percent = false;     // the number is itself a percentage (cpu.uclamp.*)
  std::string_view syntax;  // what may stand here, for hints: "4GiB, 25% of host, max"
  std::uint64_t min = 0;    // for hints only; judged by the caller
  std::uint64_t max = 0;
};

// A piece of a value: `text` is value.text from `offset` on.
struct Piece {
  const Scalar& value;
  std::string_view text;
  std::size_t offset = 0;
};

// The place of `length` bytes at `offset` of a value. The whole value when its text does not stand
// in the file as it is (escapes, variables that were replaced).
SourceMark MarkIn(const Scalar& value, std::size_t offset, std::size_t length);

// Reads an amount: numbers with units, percentages of something, `+ - *`, parentheses, min(),
// max().
//   keeps    constant parts folded, so that equal amounts compare equal however they are written
//   bounds   64 operators, 16 levels of parentheses
// nullopt when there is an error; exactly one is added to the findings.
std::optional<Expression> ParseExpression(const Piece& piece,
                                          const Terms& terms,
                                          Findings& findings);

}  // namespace reeve::policy
