// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/model/knob.h"
#include "core/model/setting.h"

namespace reeve::policy {

// 64 bits times a million need more than 64 bits; ISO C++ has no wider integer.
__extension__ typedef __int128 Int128;

inline constexpr std::uint32_t kMillion = 1'000'000;

// A unit that a policy may write behind a number. Spelling is exact: `k` and `K` differ in bytes.
struct Unit {
  std::string_view name;
  Dimension dimension;
  std::uint64_t factor;  // in bytes, cores or microseconds
};

std::span<const Unit> AllUnits();

// nullptr when there is no unit of this spelling.
const Unit* FindUnit(std::string_view name);

// Why a number is refused although some reader somewhere takes it.
enum class NumberFault {
  kNone,
  kOctal,       // 010, 0o10
  kHex,         // 0x10, 0b11
  kUnderscore,  // 1_000
  kExponent,    // 1e3
  kClock,       // 1:30, which YAML 1.1 reads as 90
  kPoint,       // .5, 5., 1.2.3
  kDigits,      // more than six digits behind the point
  kTooLarge,    // over 64 bits
};

// The number at the start of a text.
struct ScannedNumber {
  NumberFault fault = NumberFault::kNone;
  std::uint64_t whole = 0;
  std::uint32_t millionths = 0;
  std::size_t length = 0;  // bytes of the number; with a fault: of the whole offending word
};

//   text   begins with a digit or a point
ScannedNumber ScanNumber(std::string_view text);

// What to tell people about a piece of a value that was refused.
struct Advice {
  std::string_view code;
  std::string message;
  std::string hint;
};

// About a number with a fault: R0206 or R0208. `word` is the offending word.
Advice AdviseOnNumber(NumberFault fault, std::string_view word);

// What of the host a file shares out, if anything: the meaning of `host`, and whether `parent` and
// the file's own name can stand in an expression.
enum class HostAmount : std::uint8_t { kNone, kMemory, kSwap, kTasks, kCpus };

HostAmount HostAmountOf(const Knob& knob);

// The dimension in which amounts of a one-value file are added up; kPlain for files without
// amounts. cpu.max counts in cores, cpu.max.burst in time.
Dimension DimensionOf(const Knob& knob);

// What a dimension counts, as a plural: "bytes", "cores". "" for kPlain.
std::string_view DimensionWord(Dimension dimension);

// An amount for people: "4GiB", "7.7GiB", "512B", "2.5 cores", "20ms", "200MiB/s", "5000/s".
// Exact when the number is a whole multiple of a unit, else with one digit behind the point; cores
// are given in millionths and printed exactly.
std::string FormatQuantity(Dimension dimension, std::uint64_t value);

// "2.5 cores", "1 core", "0.01 cores".
std::string FormatCores(std::uint64_t millionths);

}  // namespace reeve::policy
