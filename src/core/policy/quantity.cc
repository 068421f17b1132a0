// SPDX-License-Identifier: Apache-2.0
#include "core/policy/quantity.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace reeve::policy {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = kKi * kKi;
constexpr std::uint64_t kGi = kMi * kKi;
constexpr std::uint64_t kTi = kGi * kKi;
constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kMaxWhole = std::numeric_limits<std::uint64_t>::max();

// Largest first within a dimension, which is what printing wants.
constexpr Unit kUnits[] = {
    {"TiB", Dimension::kBytes, kTi},
    {"GiB", Dimension::kBytes, kGi},
    {"MiB", Dimension::kBytes, kMi},
    {"KiB", Dimension::kBytes, kKi},
    {"TB", Dimension::kBytes, 1'000'000'000'000},
    {"GB", Dimension::kBytes, 1'000'000'000},
    {"MB", Dimension::kBytes, 1'000'000},
    {"kB", Dimension::kBytes, 1000},
    {"B", Dimension::kBytes, 1},
    {"cores", Dimension::kCores, 1},
    {"core", Dimension::kCores, 1},
    {"d", Dimension::kTime, 86'400 * kSecond},
    {"h", Dimension::kTime, 3600 * kSecond},
    {"m", Dimension::kTime, 60 * kSecond},
    {"s", Dimension::kTime, kSecond},
    {"ms", Dimension::kTime, 1000},
    {"us", Dimension::kTime, 1},
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == ':';
}

std::size_t WordLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && IsWordByte(text[length])) ++length;
  return length;
}

// "0x10", "0b11" and "0o17", but not "0B", which is no byte.
NumberFault PrefixFault(std::string_view word) {
  if (word.size() < 2 || word[0] != '0') return NumberFault::kNone;
  switch (word[1]) {
    case 'x':
    case 'X':
      return NumberFault::kHex;
    case 'b':
    case 'B':
      return word.size() > 2 && IsDigit(word[2]) ? NumberFault::kHex : NumberFault::kNone;
    case 'o':
    case 'O':
      return NumberFault::kOctal;
    default:
      return NumberFault::kNone;
  }
}

bool IsExponent(std::string_view text, std::size_t at) {
  if (text[at] != 'e' && text[at] != 'E') return false;
  std::size_t digit = at + 1;
  if (digit < text.size() && (text[digit] == '+' || text[digit] == '-')) ++digit;
  return digit < text.size() && IsDigit(text[digit]);
}

// The digits of `run` without '_'; false over 64 bits.
bool ReadWhole(std::string_view run, std::uint64_t* whole) {
  *whole = 0;
  for (char c : run) {
    if (c == '_') continue;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (*whole > (kMaxWhole - digit) / 10) return false;
    *whole = *whole * 10 + digit;
  }
  return true;
}

// Zeros at the end change nothing, so they do not count against the six digits.
bool ReadMillionths(std::string_view run, std::uint32_t* millionths) {
  *millionths = 0;
  std::uint32_t scale = kMillion;
  for (char c : run) {
    const auto digit = static_cast<std::uint32_t>(c - '0');
    scale /= 10;
    if (scale == 0 && digit != 0) return false;
    *millionths += digit * scale;
  }
  return true;
}

std::string WithoutUnderscores(std::string_view word) {
  std::string plain(word);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return plain;
}

// Reads `digits` to a base; nullopt-like 0 with false when it does not fit or is not of that base.
bool ReadBase(std::string_view digits, std::uint64_t base, std::uint64_t* value) {
  *value = 0;
  if (digits.empty()) return false;
  for (char c : digits) {
    const int digit = IsDigit(c)               ? c - '0'
                      : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                      : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                               : 99;
    const auto wide = static_cast<std::uint64_t>(digit);
    if (wide >= base || *value > (kMaxWhole - wide) / base) return false;
    *value = *value * base + wide;
  }
  return true;
}

std::string AdviseOnPrefix(std::string_view word) {
  const std::uint64_t base = word[1] == 'b' || word[1] == 'B' ? 2 : 16;
  std::uint64_t value = 0;
  if (!ReadBase(word.substr(2), base, &value)) return "write the decimal number";
  return fmt::format("write `{}`", value);
}

std::string AdviseOnOctal(std::string_view word) {
  const bool prefixed = word[1] == 'o' || word[1] == 'O';
  std::uint64_t value = 0;
  if (prefixed) {
    if (!ReadBase(word.substr(2), 8, &value)) return "write the decimal number";
    return fmt::format("write `{}`", value);
  }
  std::size_t zeros = 0;
  while (zeros + 1 < word.size() && word[zeros] == '0' && IsDigit(word[zeros + 1])) ++zeros;
  const std::string_view decimal = word.substr(zeros);
  const bool octal = ReadBase(word, 8, &value) && fmt::format("{}", value) != decimal;
  return octal ? fmt::format("write `{}`, or `{}` if octal was meant", decimal, value)
               : fmt::format("write `{}`", decimal);
}

std::string AdviseOnClock(std::string_view word) {
  std::uint64_t value = 0;
  std::uint64_t part = 0;
  for (char c : word) {
    if (c == ':') {
      value = value * 60 + part;
      part = 0;
    } else if (IsDigit(c) && part < 100'000 && value < 100'000'000) {
      part = part * 10 + static_cast<std::uint64_t>(c - '0');
    } else {
      return "write the number out";
    }
  }
  return fmt::format("YAML 1.1 reads it as {}; write the number out", value * 60 + part);
}

std::string AdviseOnExponent(std::string_view word) {
  const std::size_t e = word.find_first_of("eE");
  std::uint64_t whole = 0;
  std::uint64_t power = 0;
  const bool plain = ReadBase(word.substr(0, e), 10, &whole) &&
                     ReadBase(word.substr(e + 1), 10, &power) && power <= 18;
  for (; plain && power > 0; --power) {
    if (whole > kMaxWhole / 10) return "write the number out";
    whole *= 10;
  }
  return plain ? fmt::format("write `{}`", whole) : "write the number out";
}

std::string AdviseOnPoint(std::string_view word) {
  std::uint64_t digits = 0;
  if (word.starts_with('.') && word.find('.', 1) == std::string_view::npos) {
    return fmt::format("write `0{}`", word);
  }
  if (word.ends_with('.') && ReadBase(word.substr(0, word.size() - 1), 10, &digits)) {
    return fmt::format("write `{}`", digits);
  }
  return "a decimal number has one point, with digits on both sides: 2.5";
}

// Exact in the unit that needs the fewest digits; when all need many, roughly in the largest.
std::string FormatInUnits(Dimension dimension, std::uint64_t value, std::string_view suffix) {
  constexpr std::uint64_t kReadable = 10'000;
  const Unit* exact = nullptr;
  const Unit* rough = nullptr;
  for (const Unit& unit : kUnits) {
    if (unit.dimension != dimension || (value < unit.factor && unit.factor != 1)) continue;
    if (rough == nullptr) rough = &unit;
    if (value % unit.factor != 0) continue;
    if (exact == nullptr || unit.factor > exact->factor) exact = &unit;
  }
  if (value / exact->factor < kReadable) {
    return fmt::format("{}{}{}", value / exact->factor, exact->name, suffix);
  }
  const Int128 tenths = (static_cast<Int128>(value) * 10 + rough->factor / 2) / rough->factor;
  const auto whole = static_cast<std::uint64_t>(tenths / 10);
  const auto tenth = static_cast<std::uint64_t>(tenths % 10);
  return tenth == 0 ? fmt::format("{}{}{}", whole, rough->name, suffix)
                    : fmt::format("{}.{}{}{}", whole, tenth, rough->name, suffix);
}

}  // namespace

std::span<const Unit> AllUnits() {
  return kUnits;
}

const Unit* FindUnit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

ScannedNumber ScanNumber(std::string_view text) {
  ScannedNumber number;
  const auto fail = [&](NumberFault fault) {
    number.fault = fault;
    number.length = std::max<std::size_t>(WordLength(text), 1);
    return number;
  };
  if (const NumberFault fault = PrefixFault(text); fault != NumberFault::kNone) return fail(fault);

  std::size_t at = 0;
  bool underscores = false;
  const auto skip_digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && (IsDigit(text[at]) || (text[at] == '_' && at > begin))) {
      underscores = underscores || text[at] == '_';
      ++at;
    }
    return text.substr(begin, at - begin);
  };
  const std::string_view whole = skip_digits();
  std::string_view fraction;
  if (at < text.size() && text[at] == '.') {
    ++at;
    fraction = skip_digits();
    if (whole.empty() || fraction.empty()) return fail(NumberFault::kPoint);
  }
  number.length = at;
  if (at < text.size()) {
    if (text[at] == ':') return fail(NumberFault::kClock);
    if (text[at] == '.') return fail(NumberFault::kPoint);
    if (IsExponent(text, at)) {
      fail(NumberFault::kExponent);
      // "1e-3" goes over the end of the word.
      if (text[at + 1] == '+' || text[at + 1] == '-') {
        number.length = at + 2 + WordLength(text.substr(at + 2));
      }
      return number;
    }
  }
  if (underscores) return fail(NumberFault::kUnderscore);
  if (whole.size() > 1 && whole[0] == '0') return fail(NumberFault::kOctal);
  if (!ReadWhole(whole, &number.whole)) return fail(NumberFault::kTooLarge);
  if (!ReadMillionths(fraction, &number.millionths)) return fail(NumberFault::kDigits);
  return number;
}

Advice AdviseOnNumber(NumberFault fault, std::string_view word) {
  switch (fault) {
    case NumberFault::kOctal:
      return {"R0208", fmt::format("`{}` is octal to some readers", word), AdviseOnOctal(word)};
    case NumberFault::kHex:
      return {"R0208", fmt::format("`{}` is not a decimal number", word), AdviseOnPrefix(word)};
    case NumberFault::kUnderscore:
      return {"R0208",
              fmt::format("`{}` has an underscore", word),
              fmt::format("write `{}`", WithoutUnderscores(word))};
    case NumberFault::kExponent:
      return {"R0208", fmt::format("`{}` has an exponent", word), AdviseOnExponent(word)};
    case NumberFault::kClock:
      return {
          "R0208", fmt::format("`{}` is sexagesimal to some readers", word), AdviseOnClock(word)};
    case NumberFault::kPoint:
      return {"R0208", fmt::format("`{}` is not a decimal number", word), AdviseOnPoint(word)};
    case NumberFault::kDigits:
      return {"R0208",
              fmt::format("`{}` has more than six digits behind the point", word),
              "use a smaller unit"};
    case NumberFault::kTooLarge:
    case NumberFault::kNone:
      break;
  }
  return {"R0206", fmt::format("`{}` is over 64 bits", word), ""};
}

HostAmount HostAmountOf(const Knob& knob) {
  switch (knob.kind) {
    case ValueKind::kBytes:
      if (knob.file.starts_with("memory.swap.")) return HostAmount::kSwap;
      return knob.file.starts_with("memory.") ? HostAmount::kMemory : HostAmount::kNone;
    case ValueKind::kCount:
      return knob.controller == Controller::kPids ? HostAmount::kTasks : HostAmount::kNone;
    case ValueKind::kCpuMax:
    case ValueKind::kCpuTime:
      return HostAmount::kCpus;
    default:
      return HostAmount::kNone;
  }
}

Dimension DimensionOf(const Knob& knob) {
  switch (knob.kind) {
    case ValueKind::kBytes:
    case ValueKind::kNamedBytes:
      return Dimension::kBytes;
    case ValueKind::kCpuMax:
      return Dimension::kCores;
    case ValueKind::kCpuTime:
    case ValueKind::kDeviceLatency:
      return Dimension::kTime;
    default:
      return Dimension::kPlain;
  }
}

std::string_view DimensionWord(Dimension dimension) {
  switch (dimension) {
    case Dimension::kPlain:
      return "";
    case Dimension::kBytes:
      return "bytes";
    case Dimension::kCores:
      return "cores";
    case Dimension::kTime:
      return "time";
    case Dimension::kBytesPerSec:
      return "bytes per second";
    case Dimension::kOpsPerSec:
      return "operations per second";
  }
  return "";
}

std::string FormatQuantity(Dimension dimension, std::uint64_t value) {
  switch (dimension) {
    case Dimension::kPlain:
      break;
    case Dimension::kCores:
      return FormatCores(value);
    case Dimension::kBytes:
    case Dimension::kTime:
      return FormatInUnits(dimension, value, "");
    case Dimension::kBytesPerSec:
      return FormatInUnits(Dimension::kBytes, value, "/s");
    case Dimension::kOpsPerSec:
      return fmt::format("{}/s", value);
  }
  return fmt::format("{}", value);
}

std::string FormatCores(std::uint64_t millionths) {
  const std::uint64_t whole = millionths / kMillion;
  std::string text = fmt::format("{}", whole);
  if (millionths % kMillion != 0) {
    text += fmt::format(".{:06}", millionths % kMillion);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + (millionths == kMillion ? " core" : " cores");
}

}  // namespace reeve::policy
