// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "edge/metrics/exposition_format.h"

namespace reeve::metrics {

// A sample's value, kept as it came so that nothing is lost on the way through a double.
class Number {
 public:
  static constexpr std::size_t kLongest = 32;  // bytes

  static Number Count(std::uint64_t count) { return {Kind::kCount, count, 0}; }

  // Printed as seconds, to the microsecond.
  static Number Micros(std::uint64_t microseconds) { return {Kind::kMicros, microseconds, 0}; }

  // Printed so that it reads back as the same double.
  static Number Real(double value) { return {Kind::kReal, 0, value}; }

  // Writes at most kLongest bytes; returns the end.
  char* Print(char* to) const;

 private:
  enum class Kind : std::uint8_t { kCount, kMicros, kReal };

  Number(Kind kind, std::uint64_t whole, double real) : kind_(kind), whole_(whole), real_(real) {}

  Kind kind_;
  std::uint64_t whole_;
  double real_;
};

// A label's value as it stands between quotes. Both formats must be UTF-8 or the whole scrape is
// lost, but a cgroup's name may be any bytes: each byte that is not part of well-formed UTF-8
// becomes U+FFFD and its two hexadecimal digits, and so does U+FFFD itself, so that no two names
// ever become one.
void AppendLabelValue(std::string_view value, std::string& to);

// A HELP text. OpenMetrics escapes quotes in it, text 0.0.4 does not.
void AppendHelp(std::string_view help, Format format, std::string& to);

// Labels, rendered once and used for many samples: cgroup="web",tenant="acme".
class LabelText {
 public:
  // `name` must be new to this text, and a label's name ([a-zA-Z_][a-zA-Z0-9_]*) or the process
  // aborts. No value is the same to Prometheus as no label, so "" adds nothing.
  LabelText& Add(std::string_view name, std::string_view value);

  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace reeve::metrics
