// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/policy/setting_parser_testing.h"

namespace reeve::policy {
namespace {

struct Case {
  const char* value;
  const char* expected;
};

TEST(SettingParserCpuMax, QuotasAreMicrosecondsOfTheirPeriod) {
  constexpr Case kCases[] = {
      {"max", "max every 100000"},
      {"2.5 cores", "250000 every 100000"},
      {"2.5cores", "250000 every 100000"},
      {"1 core", "100000 every 100000"},
      {"0.01 cores", "1000 every 100000"},
      {"4 cores every 50ms", "200000 every 50000"},
      {"4 cores every 50 ms", "200000 every 50000"},
      {"4 cores every 50000", "200000 every 50000"},
      {"0.3333 cores every 33ms", "10998 every 33000"},
      {"0.001 cores every 1s", "1000 every 1000000"},
      {"max every 50ms", "max every 50000"},
      {"\"250000 100000\"", "250000 every 100000"},
      {"250000 100000", "250000 every 100000"},
      {"\"250000  20000\"", "250000 every 20000"},
      {"\"max 50000\"", "max every 50000"},
      {"250000", "250000 every 100000"},
      {"2 * 1.5 cores", "300000 every 100000"},
      {"1 core + 0.5 cores every 10ms", "15000 every 10000"},
      {"30% of host", "30%(host) every 100000"},
      {"30% of host every 50ms", "30%(host) every 50000"},
      {"50% of parent", "50%(parent) every 100000"},
      {"host - 1 core", "-(host, 1 cores) every 100000"},
      {"60% of cpu.max", "60%(cpu.max) every 100000"},
      {"min(2 cores, 50% of host) every 20ms", "min(2 cores, 50%(host)) every 20000"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Meaning("cpu.max", c.value), c.expected) << c.value;
}

TEST(SettingParserCpuMax, QuotasTheKernelRefuses) {
  constexpr Case kCases[] = {
      {"2",
       "1+1 R0205: `2` counts microseconds here, the kernel takes 1000 and more | write `2 cores`"},
      {"1",
       "1+1 R0205: `1` counts microseconds here, the kernel takes 1000 and more | write `1 core`"},
      {"0",
       "1+1 R0205: `0` counts microseconds here, the kernel takes 1000 and more | `max` means no "
       "limit; the smallest quota is `0.01 cores`"},
      {"2.5", "1+3 R0203: `2.5` has no unit | write `2.5 cores`"},
      {"0.001 cores",
       "1+11 R0205: `0.001 cores` every 100ms is a quota of 100us, the kernel takes 1ms and more "
       "| at least `0.01 cores`, or a longer period: `0.001 cores every 1s`"},
      {"0.0001 cores",
       "1+12 R0205: `0.0001 cores` every 100ms is a quota of 10us, the kernel takes 1ms and more "
       "| at least `0.01 cores`"},
      {"0.5 cores every 1ms",
       "1+9 R0205: `0.5 cores` every 1ms is a quota of 500us, the kernel takes 1ms and more | at "
       "least `1 core`, or a longer period: `0.5 cores every 1s`"},
      {"\"500 100000\"",
       "2+3 R0205: `500` counts microseconds here, the kernel takes 1000 and more"},
      {"999999999 cores",
       "1+15 R0205: `999999999 cores` is more than the kernel keeps for a quota | `max` means no "
       "limit"},
      {"17592186044416",
       "1+14 R0205: `17592186044416` is more than the kernel keeps for a quota | `max` means no "
       "limit"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Complaint("cpu.max", c.value), c.expected) << c.value;
  }
}

TEST(SettingParserCpuMax, PeriodsTheKernelRefuses) {
  constexpr Case kCases[] = {
      {"4 cores every 5s", "14+3 R0205: the period of cpu.max is 1ms to 1s, not 5s"},
      {"4 cores every 999us", "14+6 R0205: the period of cpu.max is 1ms to 1s, not 999us"},
      {"4 cores every 50",
       "14+3 R0205: the period of cpu.max is 1ms to 1s, not 50 | a number without unit counts "
       "microseconds; `50ms`?"},
      {"4 cores every",
       "13+1 R0210: an amount is missing at the end | the period of cpu.max takes 1ms to 1s"},
      {"4 cores every host",
       "15+4 R0212: `host` cannot stand in the period of cpu.max | the period of cpu.max takes "
       "1ms to 1s"},
      {"4 cores every 50ms 3",
       "20+1 R0210: `3` is left over | amounts are combined with `+`, `-` and `*`"},
      {"\"250000 2000000\"", "9+7 R0205: the period of cpu.max is 1ms to 1s, not 2000000"},
      {"\"250000 100ms\"",
       "9+5 R0210: `100ms` is left over | amounts are combined with `+`, `-` and `*`"},
      {"4 cores 50ms",
       "9+4 R0210: `50ms` is left over | amounts are combined with `+`, `-` and `*`"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Complaint("cpu.max", c.value), c.expected) << c.value;
  }
}

TEST(SettingParserCpuMax, BurstsAreTimesOrSharesOfTheQuota) {
  constexpr Case kCases[] = {
      {"100% of cpu.max", "100%(cpu.max)"},
      {"20ms", "20000"},
      {"20000", "20000"},
      {"0", "0"},
      {"1.5ms", "1500"},
      {"min(20ms, 50% of cpu.max)", "min(20000, 50%(cpu.max))"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Meaning("cpu.max.burst", c.value), c.expected) << c.value;
  }
}

TEST(SettingParserCpuMax, TheSameQuotaInOtherWordsIsTheSameValue) {
  Findings findings;
  const auto value = [&](std::string_view text) {
    return std::get<CpuMaxExpression>(ParseSetting(MakeSetting("cpu.max", text), findings)->value)
        .quota;
  };

  EXPECT_EQ(value("2 cores"), value("\"200000 100000\""));
  EXPECT_EQ(value("max"), value("\"max 100000\""));
}

}  // namespace
}  // namespace reeve::policy
