// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/result.h"
#include "core/base/utf8.h"

namespace reeve::metrics {
namespace {

constexpr std::uint64_t kMicrosPerSecond = 1'000'000;
// Whole doubles below print as integers; to_chars alone would make 1e+06 of a million.
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementText = "\xef\xbf\xbd";

char* Copy(std::string_view text, char* to) {
  return std::copy(text.begin(), text.end(), to);
}

char* PrintCount(std::uint64_t count, char* to) {
  return std::to_chars(to, to + Number::kLongest, count).ptr;
}

char* PrintMicros(std::uint64_t micros, char* to) {
  char* end = PrintCount(micros / kMicrosPerSecond, to);
  std::uint64_t rest = micros % kMicrosPerSecond;
  if (rest == 0) return end;
  *end++ = '.';
  for (std::uint64_t worth = kMicrosPerSecond / 10; rest != 0; worth /= 10) {
    *end++ = static_cast<char>('0' + rest / worth);
    rest %= worth;
  }
  return end;
}

char* PrintReal(double value, char* to) {
  if (std::isnan(value)) return Copy("NaN", to);
  if (std::isinf(value)) return Copy(value > 0 ? "+Inf" : "-Inf", to);
  if (value == std::floor(value) && std::fabs(value) < kExactIntegers) {
    return std::to_chars(to, to + Number::kLongest, static_cast<std::int64_t>(value)).ptr;
  }
  return std::to_chars(to, to + Number::kLongest, value).ptr;
}

bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

bool IsLabelName(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

void AppendEscaped(std::string_view text, bool escape_quotes, std::string& to) {
  while (!text.empty()) {
    const auto plain = std::find_if_not(text.begin(), text.end(), IsPlain);
    const auto length = static_cast<std::size_t>(plain - text.begin());
    to.append(text.substr(0, length));
    text.remove_prefix(length);
    if (text.empty()) return;
    const CodePoint c = FirstCodePoint(text);
    const std::string_view bytes = text.substr(0, c.length == 0 ? 1 : c.length);
    text.remove_prefix(bytes.size());
    if (c.length == 0 || c.value == kReplacement) {
      for (char byte : bytes) {
        to += kReplacementText;
        to += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      }
    } else if (c.value == '\n') {
      to += "\\n";
    } else if (c.value == '\\' || (c.value == '"' && escape_quotes)) {
      to += '\\';
      to += bytes;
    } else {
      to += bytes;
    }
  }
}

}  // namespace

char* Number::Print(char* to) const {
  switch (kind_) {
    case Kind::kCount:
      return PrintCount(whole_, to);
    case Kind::kMicros:
      return PrintMicros(whole_, to);
    case Kind::kReal:
      break;
  }
  return PrintReal(real_, to);
}

void AppendLabelValue(std::string_view value, std::string& to) {
  AppendEscaped(value, true, to);
}

void AppendHelp(std::string_view help, Format format, std::string& to) {
  AppendEscaped(help, format == Format::kOpenMetrics, to);
}

LabelText& LabelText::Add(std::string_view name, std::string_view value) {
  REEVE_CHECK(IsLabelName(name));
  if (value.empty()) return *this;
  if (!text_.empty()) text_ += ',';
  text_ += name;
  text_ += "=\"";
  AppendLabelValue(value, text_);
  text_ += '"';
  return *this;
}

}  // namespace reeve::metrics
