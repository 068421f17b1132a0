// SPDX-License-Identifier: Apache-2.0
#include "support/kernel_text.h"

#include <cctype>
#include <cerrno>
#include <limits>

namespace reeve::support {
namespace {

bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

unsigned DigitValue(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return 99;
}

char At(std::string_view text, std::size_t i) {
  return i < text.size() ? text[i] : '\0';
}

// 0x is a prefix only when a hex digit follows; 0 alone makes the rest octal.
unsigned TakeBase(std::string_view* text) {
  if (At(*text, 0) != '0') return 10;
  if ((At(*text, 1) | 0x20) == 'x' && DigitValue(At(*text, 2)) < 16) {
    text->remove_prefix(2);
    return 16;
  }
  return 8;
}

struct Digits {
  std::uint64_t value = 0;
  std::size_t count = 0;
  bool overflow = false;
};

Digits TakeDigits(std::string_view* text, unsigned base) {
  Digits digits;
  while (!text->empty() && DigitValue(text->front()) < base) {
    unsigned digit = DigitValue(text->front());
    if (digits.value > (std::numeric_limits<std::uint64_t>::max() - digit) / base) {
      digits.overflow = true;
    }
    digits.value = digits.value * base + digit;
    ++digits.count;
    text->remove_prefix(1);
  }
  return digits;
}

std::uint64_t Bounded(const Digits& digits, Overflow overflow) {
  bool most = digits.overflow && overflow == Overflow::kSaturates;
  return most ? std::numeric_limits<std::uint64_t>::max() : digits.value;
}

// What both kstrtoull and kstrtoll do after the sign.
Errno WholeNumber(std::string_view text, std::uint64_t* value) {
  unsigned base = TakeBase(&text);
  Digits digits = TakeDigits(&text, base);
  if (digits.overflow) return ERANGE;
  if (digits.count == 0) return EINVAL;
  if (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  if (!text.empty()) return EINVAL;
  *value = digits.value;
  return 0;
}

bool IsListSeparator(char c) {
  return IsSpace(c) || c == ',';
}

struct ListParser {
  std::string_view text;
  unsigned bits;

  bool AtEnd() const { return text.empty() || IsListSeparator(text.front()); }

  Errno Number(std::uint64_t* value) {
    if (!text.empty() && text.front() == 'N') {
      text.remove_prefix(1);
      *value = bits - 1;
      return 0;
    }
    Digits digits = TakeDigits(&text, 10);
    if (digits.count == 0) return EINVAL;
    if (digits.overflow || digits.value > std::numeric_limits<std::uint32_t>::max()) {
      return EOVERFLOW;
    }
    *value = digits.value;
    return 0;
  }

  Errno Region(std::set<unsigned>* ids) {
    std::uint64_t start = 0, end = 0, used = 0, group = 0;
    bool all = text.substr(0, 3) == "all" || text.substr(0, 3) == "ALL";
    if (all) {
      text.remove_prefix(3);
      end = bits - 1;
    } else {
      if (Errno error = Number(&start)) return error;
      end = start;
      if (!text.empty() && text.front() == '-') {
        text.remove_prefix(1);
        if (Errno error = Number(&end)) return error;
      }
    }
    used = group = end - start + 1;
    if (!AtEnd()) {
      if (text.front() != ':') return EINVAL;
      text.remove_prefix(1);
      if (Errno error = Number(&used)) return error;
      if (text.empty() || text.front() != '/') return EINVAL;
      text.remove_prefix(1);
      if (Errno error = Number(&group)) return error;
      if (!AtEnd()) return EINVAL;
    }
    if (start > end || group == 0 || used > group) return EINVAL;
    if (end >= bits) return ERANGE;
    for (std::uint64_t id = start; id <= end; ++id) {
      if ((id - start) % group < used) ids->insert(static_cast<unsigned>(id));
    }
    return 0;
  }
};

}  // namespace

std::string_view SkipSpaces(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view Strstrip(std::string_view text) {
  text = SkipSpaces(text);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

Errno Kstrtoull(std::string_view text, std::uint64_t* value) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  return WholeNumber(text, value);
}

Errno Kstrtoll(std::string_view text, std::int64_t* value) {
  bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  std::uint64_t magnitude = 0;
  if (Errno error = WholeNumber(text, &magnitude)) return error;
  constexpr auto kTop = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > kTop + (negative ? 1 : 0)) return ERANGE;
  *value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return 0;
}

Errno Kstrtoint(std::string_view text, int* value) {
  std::int64_t wide = 0;
  if (Errno error = Kstrtoll(text, &wide)) return error;
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
    return ERANGE;
  }
  *value = static_cast<int>(wide);
  return 0;
}

std::uint64_t Memparse(std::string_view* text, Overflow overflow) {
  unsigned base = TakeBase(text);
  Digits digits = TakeDigits(text, base);
  std::uint64_t value = Bounded(digits, overflow);
  if (digits.count == 0 && base == 10 && overflow == Overflow::kSaturates) return 0;
  static constexpr std::string_view kSuffixes = "KMGTPE";
  std::size_t power = text->empty() ? std::string_view::npos
                                    : kSuffixes.find(static_cast<char>(
                                          std::toupper(static_cast<unsigned char>(text->front()))));
  if (power == std::string_view::npos) return value;
  text->remove_prefix(1);
  return value << (10 * (power + 1));
}

bool ScanUnsigned(std::string_view* text, std::uint64_t* value, Overflow overflow) {
  std::string_view rest = SkipSpaces(*text);
  if (rest.empty() || !IsDigit(rest.front())) return false;
  *value = Bounded(TakeDigits(&rest, 10), overflow);
  *text = rest;
  return true;
}

bool ScanSigned(std::string_view* text, std::int64_t* value) {
  std::string_view rest = SkipSpaces(*text);
  bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  std::uint64_t magnitude = 0;
  if (rest.empty() || !IsDigit(rest.front()) || !ScanUnsigned(&rest, &magnitude, Overflow::kWraps))
    return false;
  *value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  *text = rest;
  return true;
}

std::string_view ScanWord(std::string_view* text, std::size_t most) {
  std::string_view rest = SkipSpaces(*text);
  std::size_t length = 0;
  while (length < rest.size() && length < most && !IsSpace(rest[length])) ++length;
  std::string_view word = rest.substr(0, length);
  *text = rest.substr(length);
  return word;
}

Errno ParseIdList(std::string_view text, unsigned bits, std::set<unsigned>* ids) {
  ids->clear();
  ListParser parser{text, bits};
  while (true) {
    while (!parser.text.empty() && IsListSeparator(parser.text.front())) {
      parser.text.remove_prefix(1);
    }
    if (parser.text.empty()) return 0;
    if (Errno error = parser.Region(ids)) return error;
  }
}

std::string FormatIdList(const std::set<unsigned>& ids) {
  std::string text;
  for (auto it = ids.begin(); it != ids.end();) {
    unsigned first = *it, last = first;
    for (++it; it != ids.end() && *it == last + 1; ++it) last = *it;
    if (!text.empty()) text += ',';
    text += std::to_string(first);
    if (last != first) text += '-' + std::to_string(last);
  }
  return text;
}

}  // namespace reeve::support
