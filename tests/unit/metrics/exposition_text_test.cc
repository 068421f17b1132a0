// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "core/base/text.h"

namespace reeve::metrics {
namespace {

std::string Printed(Number number) {
  char text[Number::kLongest];
  return {text, number.Print(text)};
}

std::string Escaped(std::string_view value) {
  std::string text;
  AppendLabelValue(value, text);
  return text;
}

TEST(Number, CountsAreWhole) {
  EXPECT_EQ(Printed(Number::Count(0)), "0");
  EXPECT_EQ(Printed(Number::Count(18446744073709551615U)), "18446744073709551615");
}

TEST(Number, MicrosecondsAreSecondsToTheLastDigit) {
  EXPECT_EQ(Printed(Number::Micros(0)), "0");
  EXPECT_EQ(Printed(Number::Micros(1)), "0.000001");
  EXPECT_EQ(Printed(Number::Micros(451986)), "0.451986");
  EXPECT_EQ(Printed(Number::Micros(1'500'000)), "1.5");
  EXPECT_EQ(Printed(Number::Micros(2'000'000)), "2");
  EXPECT_EQ(Printed(Number::Micros(10'010'000)), "10.01");
  EXPECT_EQ(Printed(Number::Micros(18446744073709551615U)), "18446744073709.551615");
}

TEST(Number, RealOnesReadBackTheSame) {
  EXPECT_EQ(Printed(Number::Real(0)), "0");
  EXPECT_EQ(Printed(Number::Real(0.5)), "0.5");
  EXPECT_EQ(Printed(Number::Real(1'000'000)), "1000000");
  EXPECT_EQ(Printed(Number::Real(-3)), "-3");
  EXPECT_EQ(Printed(Number::Real(0.1 + 0.2)), "0.30000000000000004");
  EXPECT_EQ(Printed(Number::Real(1e300)), "1e+300");
  EXPECT_EQ(Printed(Number::Real(std::numeric_limits<double>::infinity())), "+Inf");
  EXPECT_EQ(Printed(Number::Real(-std::numeric_limits<double>::infinity())), "-Inf");
  EXPECT_EQ(Printed(Number::Real(std::nan(""))), "NaN");

  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    double value = 0;
    const std::uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = Printed(Number::Real(value));
    ASSERT_LE(text.size(), Number::kLongest);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(back, value) << text;
  }
}

TEST(LabelValue, ReadableTextStays) {
  EXPECT_EQ(Escaped("web/api-1.service"), "web/api-1.service");
  EXPECT_EQ(Escaped("M\xc3\xbcller \xf0\x9f\x9a\x80"), "M\xc3\xbcller \xf0\x9f\x9a\x80");
  EXPECT_EQ(Escaped("a\tb\r\x1b"), "a\tb\r\x1b");  // allowed as they are
}

TEST(LabelValue, WhatEndsALabelOrALineIsEscaped) {
  EXPECT_EQ(Escaped("a\"} 1\nevil 2"), "a\\\"} 1\\nevil 2");
  EXPECT_EQ(Escaped("\\"), "\\\\");
  EXPECT_EQ(Escaped("\\n"), "\\\\n");
}

TEST(LabelValue, BytesThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(Escaped("a\xff"),
            "a\xef\xbf\xbd"
            "ff");
  EXPECT_EQ(Escaped("\xc3"),
            "\xef\xbf\xbd"
            "c3");
  EXPECT_EQ(Escaped("\xed\xa0\x80"),  // half of a surrogate pair
            "\xef\xbf\xbd"
            "ed"
            "\xef\xbf\xbd"
            "a0"
            "\xef\xbf\xbd"
            "80");
  EXPECT_EQ(Escaped("\xef\xbf\xbd"
                    "ff"),  // U+FFFD itself, so that it is not taken for the first
            "\xef\xbf\xbd"
            "ef"
            "\xef\xbf\xbd"
            "bf"
            "\xef\xbf\xbd"
            "bd"
            "ff");
}

// What a reader of the exposition does, and then what undoes the replacement.
std::string Restored(std::string_view escaped) {
  std::string value;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] == '\\') {
      ++i;
      value += escaped[i] == 'n' ? '\n' : escaped[i];
    } else if (escaped.substr(i, 3) == "\xef\xbf\xbd") {
      int byte = 0;
      std::from_chars(escaped.data() + i + 3, escaped.data() + i + 5, byte, 16);
      value += static_cast<char>(byte);
      i += 4;
    } else {
      value += escaped[i];
    }
  }
  return value;
}

// Property: whatever the bytes, the text is UTF-8 without a raw quote or newline, and says which
// bytes they were, so no two names become one series.
TEST(LabelValue, AnyBytesComeBack) {
  std::mt19937 random(2);
  const std::string_view likely =
      "a\"\\\n\xc3\xbc\xef\xbf\xbd\xff\xf0\x9f\x80"
      "fd";
  for (int i = 0; i < 50'000; ++i) {
    std::string value;
    for (std::size_t length = random() % 12; value.size() < length;) {
      value +=
          random() % 4 == 0 ? static_cast<char>(random() % 256) : likely[random() % likely.size()];
    }
    const std::string escaped = Escaped(value);
    ASSERT_TRUE(IsValidUtf8(escaped)) << EscapeForTerminal(value);
    ASSERT_EQ(escaped.find('\n'), std::string::npos);
    for (std::size_t at = 0; at < escaped.size(); ++at) {
      if (escaped[at] == '\\') {
        ++at;
      } else {
        ASSERT_NE(escaped[at], '"') << EscapeForTerminal(value);
      }
    }
    ASSERT_EQ(Restored(escaped), value) << EscapeForTerminal(escaped);
  }
}

TEST(Help, OnlyOpenMetricsEscapesQuotes) {
  std::string text;
  AppendHelp("say \"a\\b\"\nand so on\xff", Format::kText, text);
  EXPECT_EQ(text,
            "say \"a\\\\b\"\\nand so on\xef\xbf\xbd"
            "ff");

  text.clear();
  AppendHelp("say \"a\\b\"\nand so on", Format::kOpenMetrics, text);
  EXPECT_EQ(text, "say \\\"a\\\\b\\\"\\nand so on");
}

TEST(LabelText, JoinsLabelsAndLeavesOutEmptyOnes) {
  LabelText labels;
  labels.Add("cgroup", "web").Add("tenant", "").Add("device", "a\"b");
  EXPECT_EQ(labels.text(), "cgroup=\"web\",device=\"a\\\"b\"");
}

TEST(LabelTextDeathTest, ANameThatIsNoneIsOurOwnMistake) {
  LabelText labels;
  EXPECT_DEATH(labels.Add("cost-centre", "x"), "");
  EXPECT_DEATH(labels.Add("1st", "x"), "");
  EXPECT_DEATH(labels.Add("", "x"), "");
}

}  // namespace
}  // namespace reeve::metrics
