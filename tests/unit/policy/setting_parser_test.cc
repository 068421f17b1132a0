// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/policy/codes.h"
#include "unit/policy/setting_parser_testing.h"

namespace reeve::policy {
namespace {

struct Case {
  const char* file;
  const char* value;
  const char* expected;
};

template <std::size_t N>
void ExpectMeanings(const Case (&cases)[N]) {
  for (const Case& c : cases) {
    EXPECT_EQ(Meaning(c.file, c.value), c.expected) << c.file << ": " << c.value;
  }
}

// Complaints also have to be known to `reevectl help CODE`.
template <std::size_t N>
void ExpectComplaints(const Case (&cases)[N]) {
  for (const Case& c : cases) {
    const std::string complaint = Complaint(c.file, c.value);
    EXPECT_EQ(complaint, c.expected) << c.file << ": " << c.value;
    const std::size_t code = complaint.find('R');
    ASSERT_NE(code, std::string::npos);
    EXPECT_NE(FindCode(complaint.substr(code, 5)), nullptr) << complaint;
  }
}

TEST(SettingParser, BytesHaveUnitsOrNone) {
  constexpr Case kCases[] = {
      {"memory.max", "max", "max"},
      {"memory.max", "4GiB", "4294967296"},
      {"memory.max", "4 GiB", "4294967296"},
      {"memory.max", "1.5GiB", "1610612736"},
      {"memory.max", "0.1GiB", "107374182.4"},
      {"memory.max", "2TiB", "2199023255552"},
      {"memory.max", "16TiB", "17592186044416"},
      {"memory.max", "3MiB", "3145728"},
      {"memory.max", "64KiB", "65536"},
      {"memory.max", "8192B", "8192"},
      {"memory.max", "1TB", "1000000000000"},
      {"memory.max", "4GB", "4000000000"},
      {"memory.max", "5MB", "5000000"},
      {"memory.max", "512kB", "512000"},
      {"memory.max", "1073741824", "1073741824"},
      {"memory.max", "\"4GiB\"", "4294967296"},
      {"memory.max", "\" 4GiB \"", "4294967296"},
      {"memory.max", "0", "0"},
      {"memory.max", "18446744073709551615", "18446744073709551615"},
      {"memory.min", "max", "max"},
      {"memory.swap.max", "0", "0"},
      {"memory.zswap.max", "512MiB", "536870912"},
      {"hugetlb.2MB.max", "1GiB", "1073741824"},
      {"hugetlb.1GB.rsvd.max", "max", "max"},
  };
  ExpectMeanings(kCases);
}

TEST(SettingParser, AmountsBecomeExpressions) {
  constexpr Case kCases[] = {
      {"memory.max", "25% of host", "25%(host)"},
      {"memory.max", "12.5%of parent", "12.5%(parent)"},
      {"memory.max", "12.5 % of parent", "12.5%(parent)"},
      {"memory.high", "90% of memory.max", "90%(memory.max)"},
      {"memory.swap.max", "50% of memory.max", "50%(memory.max)"},
      {"memory.max", "host", "host"},
      {"memory.max", "host - 24GiB", "-(host, 25769803776)"},
      {"memory.max", "host-24GiB", "-(host, 25769803776)"},
      {"memory.max", "host - 1GiB - 2GiB", "-(-(host, 1073741824), 2147483648)"},
      {"memory.max", "host + 2 * 1KiB", "+(host, 2048)"},
      {"memory.max", "2 * host + 1KiB", "+(*(2, host), 1024)"},
      {"memory.max", "2 * (host + 1KiB)", "*(2, +(host, 1024))"},
      {"memory.max", "min(4GiB, 10% of host)", "min(4294967296, 10%(host))"},
      {"memory.max", "max(1GiB, host - 2GiB)", "max(1073741824, -(host, 2147483648))"},
      {"memory.max", "max(1GiB, min(host, parent), 2)", "max(1073741824, min(host, parent), 2)"},
      {"memory.max", "min(max, host)", "min(max, host)"},
      {"memory.max", "memory.high + 1", "+(memory.high, 1)"},
      {"pids.max", "60% of host", "60%(host)"},
      {"pids.max", "parent - 100", "-(parent, 100)"},
      {"pids.max", "50% of pids.max", "50%(pids.max)"},
  };
  ExpectMeanings(kCases);
}

TEST(SettingParser, WhatNeedsNoHostIsOneNumber) {
  constexpr Case kCases[] = {
      {"memory.max", "2 * 8GiB", "17179869184"},
      {"memory.max", "1GiB + 1", "1073741825"},
      {"memory.max", "2 * 8GiB + 1GiB * 3", "20401094656"},
      {"memory.max", "(3GiB - 1GiB) * 0.5", "1073741824"},
      {"memory.max", "1GiB - 2GiB + 3GiB", "2147483648"},
      {"memory.max", "min(max, 4GiB)", "4294967296"},
      {"memory.max", "max(max, 4GiB)", "max"},
      {"memory.max", "min(3GiB, 2GiB, 4GiB)", "2147483648"},
      {"cpu.weight", "100 * 4", "400"},
      {"cpu.weight", "2.5 * 40", "100"},
      {"pids.max", "max(10, 20)", "20"},
  };
  ExpectMeanings(kCases);
}

TEST(SettingParser, AmbiguousUnitsOfferBothReadings) {
  constexpr Case kCases[] = {
      {"memory.max",
       "4G",
       "1+2 R0202: `4G` can be read in two ways | `4GiB` (4294967296 bytes) or `4GB` (4000000000 "
       "bytes)"},
      {"memory.max",
       "64M",
       "1+3 R0202: `64M` can be read in two ways | `64MiB` (67108864 bytes) or `64MB` (64000000 "
       "bytes)"},
      {"memory.max",
       "64Mi",
       "1+4 R0202: `64Mi` can be read in two ways | `64MiB` (67108864 bytes) or `64MB` (64000000 "
       "bytes)"},
      {"memory.max",
       "512m",
       "1+4 R0202: `512m` can be read in two ways | `512MiB` (536870912 bytes) or `512MB` "
       "(512000000 bytes)"},
      {"memory.max",
       "1.5 G",
       "1+5 R0202: `1.5G` can be read in two ways | `1.5GiB` (1610612736 bytes) or `1.5GB` "
       "(1500000000 bytes)"},
      {"memory.max",
       "4KB",
       "1+3 R0202: `4KB` can be read in two ways | `4KiB` (4096 bytes) or `4kB` (4000 bytes)"},
      {"memory.max",
       "4gb",
       "1+3 R0202: `4gb` can be read in two ways | `4GiB` (4294967296 bytes) or `4GB` (4000000000 "
       "bytes)"},
      {"memory.max",
       "\"4G\"",
       "2+2 R0202: `4G` can be read in two ways | `4GiB` (4294967296 bytes) or `4GB` (4000000000 "
       "bytes)"},
      {"memory.max",
       "host - 24G",
       "8+3 R0202: `24G` can be read in two ways | `24GiB` (25769803776 bytes) or `24GB` "
       "(24000000000 bytes)"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, WrongUnitsSayWhatToWrite) {
  constexpr Case kCases[] = {
      {"memory.max", "4gib", "1+4 R0203: `gib` is no unit | write `4GiB`"},
      {"memory.max", "1PiB", "1+4 R0203: `PiB` is no unit | the largest are TiB and TB"},
      {"memory.max", "4 bytes", "1+7 R0203: `bytes` is no unit | write `4B`"},
      {"memory.max",
       "4 cores",
       "1+7 R0203: memory.max does not count in `cores` | memory.max takes 4GiB, 25% of host, 50% "
       "of parent, min(4GiB, 10% of host), max"},
      {"memory.max",
       "200MiB/s",
       "1+8 R0203: `200MiB/s` is a rate, memory.max is an amount | write `200MiB`"},
      {"cpu.max", "500m", "1+4 R0203: `500m` is no amount of CPU | write `0.5 cores`"},
      {"cpu.max", "1000m", "1+5 R0203: `1000m` is no amount of CPU | write `1 core`"},
      {"cpu.max", "2 cpus", "1+6 R0203: `cpus` is no unit | write `2 cores`"},
      {"cpu.max", "2 Cores", "1+7 R0203: `Cores` is no unit | write `2 cores`"},
      {"cpu.max",
       "4GiB",
       "1+4 R0203: cpu.max does not count in `GiB` | cpu.max takes 2.5 cores, 4 cores every 50ms, "
       "30% of host, \"250000 100000\", max"},
      {"cpu.max.burst",
       "0.5 cores",
       "1+9 R0203: cpu.max.burst does not count in `cores` | cpu.max.burst takes 20ms, 100% of "
       "cpu.max"},
      {"cpu.max.burst", "20 msec", "1+7 R0203: `msec` is no unit | write `20ms`"},
      {"pids.max",
       "2k",
       "1+2 R0203: pids.max is a plain number, `k` is no unit of it | pids.max takes 2000, 60% of "
       "host, max"},
      {"cpu.weight",
       "100 * 2 cores",
       "7+7 R0203: cpu.weight does not count in `cores` | cpu.weight takes 1 to 10000: 100, 100 * "
       "4"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, APercentageSaysOfWhat) {
  constexpr Case kCases[] = {
      {"memory.max",
       "25%",
       "1+3 R0204: a percentage must say of what | `25% of host` or `25% of parent`"},
      {"memory.max",
       "25% of",
       "1+3 R0204: a percentage must say of what | `25% of host` or `25% of parent`"},
      {"memory.high",
       "90%",
       "1+3 R0204: a percentage must say of what | `90% of host`, `90% of parent` or `90% of "
       "memory.max`"},
      {"memory.max",
       "host - 25%",
       "8+3 R0204: a percentage must say of what | `25% of host` or `25% of parent`"},
      {"cpu.max",
       "250%",
       "1+4 R0204: a percentage must say of what | `2.5 cores`, `250% of host` or `250% of "
       "parent`"},
      {"cpu.max.burst", "50%", "1+3 R0204: a percentage must say of what | `50% of cpu.max`"},
      {"cpu.weight",
       "50%",
       "1+3 R0203: a percentage cannot stand in cpu.weight | cpu.weight takes 1 to 10000: 100, "
       "100 * 4"},
      {"cgroup.max.depth",
       "50% of host",
       "1+3 R0203: a percentage cannot stand in cgroup.max.depth | cgroup.max.depth takes 4, max"},
      {"memory.max", "25 of host", "1+2 R0201: `25` is no share | write `25% of ...`"},
      {"memory.max",
       "%",
       "1+1 R0210: `%` stands behind no number | memory.max takes 4GiB, 25% of host, 50% of "
       "parent, min(4GiB, 10% of host), max"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, OnlyDecimalNumbersAreNumbers) {
  constexpr Case kCases[] = {
      {"memory.max",
       "010",
       "1+3 R0208: `010` is octal to some readers | write `10`, or `8` if octal was meant"},
      {"memory.max", "089", "1+3 R0208: `089` is octal to some readers | write `89`"},
      {"memory.max", "007", "1+3 R0208: `007` is octal to some readers | write `7`"},
      {"memory.max", "0o17", "1+4 R0208: `0o17` is octal to some readers | write `15`"},
      {"memory.max", "0x10", "1+4 R0208: `0x10` is not a decimal number | write `16`"},
      {"memory.max", "0b11", "1+4 R0208: `0b11` is not a decimal number | write `3`"},
      {"memory.max", "1_000", "1+5 R0208: `1_000` has an underscore | write `1000`"},
      {"memory.max", "1e3", "1+3 R0208: `1e3` has an exponent | write `1000`"},
      {"memory.max", "1e-3GiB", "1+7 R0208: `1e-3GiB` has an exponent | write the number out"},
      {"memory.max",
       "1:30",
       "1+4 R0208: `1:30` is sexagesimal to some readers | YAML 1.1 reads it as 90; write the "
       "number out"},
      {"memory.max", "1,5GiB", "1+3 R0208: `1,5` has a comma | the decimal sign is a point: `1.5`"},
      {"memory.max",
       "1,000,000",
       "1+9 R0208: `1,000,000` has a comma | write the number without separators"},
      {"memory.max", ".5GiB", "1+5 R0208: `.5GiB` is not a decimal number | write `0.5GiB`"},
      {"memory.max", "5.", "1+2 R0208: `5.` is not a decimal number | write `5`"},
      {"memory.max",
       "1.2.3",
       "1+5 R0208: `1.2.3` is not a decimal number | a decimal number has one point, with digits "
       "on both sides: 2.5"},
      {"memory.max",
       "1.1234567GiB",
       "1+12 R0208: `1.1234567GiB` has more than six digits behind the point | use a smaller "
       "unit"},
      {"memory.max", "-1", "1+2 R0208: `-1` is below zero | `max` means no limit"},
      {"memory.max", "host * -1", "8+2 R0208: `-1` is below zero | `max` means no limit"},
      {"cpu.weight", "-5", "1+2 R0208: `-5` is below zero | amounts are never below zero"},
      {"pids.max", "+5", "1+2 R0208: `+5` has a sign | write `5`"},
      {"memory.max", "2.5", "1+3 R0208: `2.5` is no whole number | write the unit: `2.5GiB`"},
      {"pids.max", "2.5", "1+3 R0208: `2.5` is no whole number | write a whole number"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, F79_NothingOver64BitsAndNothingBelowZero) {
  constexpr Case kCases[] = {
      {"memory.max",
       "18446744073709551616",
       "1+20 R0206: `18446744073709551616` is over 64 bits | `max` means no limit"},
      {"memory.max",
       "99999999999999999999",
       "1+20 R0206: `99999999999999999999` is over 64 bits | `max` means no limit"},
      {"memory.max",
       "16777216TiB",
       "1+11 R0206: `16777216TiB` is over 64 bits | `max` means no limit"},
      {"memory.max",
       "18446744073709551615 + 1",
       "22+1 R0206: the amount is over 64 bits | `max` means no limit"},
      {"memory.max",
       "4294967296 * 4294967296",
       "12+1 R0206: the amount is over 64 bits | `max` means no limit"},
      {"memory.max", "1GiB - 2GiB", "1+11 R0205: `1GiB - 2GiB` is below zero"},
      {"cpu.max", "1 core - 2 cores", "1+16 R0205: `1 core - 2 cores` is below zero"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, ExpressionsThatAreNone) {
  constexpr Case kCases[] = {
      {"memory.max",
       "8GiB * 8GiB",
       "6+1 R0211: bytes cannot be multiplied by bytes | one of two factors is a plain number: "
       "`2 * 4GiB`"},
      {"memory.max",
       "max - 1GiB",
       "5+1 R0211: `max` is no number to reckon with | `max` stands alone, or inside min() and "
       "max()"},
      {"cpu.max",
       "host - 1",
       "6+1 R0211: cores and a plain number cannot be reckoned together | write the unit: `1 "
       "core`"},
      {"memory.max", "host / 2", "6+1 R0210: there is no division | write a share: `50% of host`"},
      {"memory.max",
       "4GiB 5",
       "6+1 R0210: `5` is left over | amounts are combined with `+`, `-` and `*`"},
      {"memory.max", "4GiB +", "6+1 R0210: nothing stands behind `+`"},
      {"memory.max", "(4GiB", "1+1 R0210: `(` is never closed"},
      {"memory.max", "4GiB)", "5+1 R0210: `)` closes nothing"},
      {"memory.max", "min(4GiB", "1+3 R0210: `min(` is never closed"},
      {"memory.max", "min", "1+3 R0210: `min` wants amounts | write min(4GiB, 10% of host)"},
      {"memory.max",
       "4GiB €",
       "6+3 R0201: `€` cannot stand in an amount | memory.max takes 4GiB, 25% of host, 50% of "
       "parent, min(4GiB, 10% of host), max"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, WordsThatAreNotUnderstood) {
  constexpr Case kCases[] = {
      {"memory.max", "infinity", "1+8 R0201: `infinity` is not understood | `max` means no limit"},
      {"pids.max", "unlimited", "1+9 R0201: `unlimited` is not understood | `max` means no limit"},
      {"memory.max", "MAX", "1+3 R0201: `MAX` is not understood | write `max`"},
      {"memory.max", "hots", "1+4 R0201: `hots` is not understood | did you mean `host`?"},
      {"cpu.weight", "max", "1+3 R0219: cpu.weight has no `max` | it takes 1 to 10000"},
      {"cpu.max.burst",
       "max",
       "1+3 R0219: cpu.max.burst has no `max` | it takes 0 to 17592186044415"},
      {"memory.max",
       "25% of hosts",
       "8+5 R0212: `hosts` is neither host nor parent nor an interface file | did you mean "
       "`host`?"},
      {"memory.max",
       "25% of memory.mx",
       "8+9 R0212: `memory.mx` is no interface file | did you mean `memory.max`?"},
      {"memory.max",
       "25% of cpu.weight",
       "8+10 R0212: `cpu.weight` holds no amount to take a share of"},
      {"pids.max",
       "1% of memory.max",
       "7+10 R0212: `memory.max` and pids.max do not count the same | pids.max takes 2000, 60% of "
       "host, max"},
      {"cpu.weight",
       "host",
       "1+4 R0212: `host` cannot stand in cpu.weight | cpu.weight takes 1 to 10000: 100, 100 * 4"},
      {"cgroup.max.depth",
       "parent",
       "1+6 R0212: `parent` cannot stand in cgroup.max.depth | cgroup.max.depth takes 4, max"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, RangesOfTheKernelHoldOnEveryHost) {
  constexpr Case kCases[] = {
      {"cpu.weight",
       "0",
       "1+1 R0205: cpu.weight takes 1 to 10000, not 0 | the smallest share is 1; `cpu.idle: true` "
       "takes only cycles nobody else wants"},
      {"cpu.weight", "10001", "1+5 R0205: cpu.weight takes 1 to 10000, not 10001"},
      {"io.weight", "0", "1+1 R0205: io.weight takes 1 to 10000, not 0"},
      {"io.bfq.weight", "1001", "1+4 R0205: io.bfq.weight takes 1 to 1000, not 1001"},
      {"pids.max",
       "4194305",
       "1+7 R0205: pids.max takes 0 to 4194304, not 4194305 | `max` means no limit"},
      {"cgroup.max.depth",
       "2147483647",
       "1+10 R0205: cgroup.max.depth takes 0 to 2147483646, not 2147483647 | `max` means no "
       "limit"},
      {"cpu.uclamp.min", "101", "1+3 R0205: cpu.uclamp.min takes 0% to 100%, not 101"},
      {"cpu.weight.nice", "20", "1+2 R0205: cpu.weight.nice takes -20 to 19, not 20"},
      {"cpu.weight.nice", "-21", "1+3 R0205: cpu.weight.nice takes -20 to 19, not -21"},
      {"cpu.weight.nice",
       "1.5",
       "1+3 R0201: `1.5` is no nice level | whole numbers from -20 to 19"},
  };
  ExpectComplaints(kCases);
}

TEST(SettingParser, LessThanAPageIsAWarning) {
  EXPECT_EQ(Complaint("memory.max", "8"),
            "warning 1+1 R0408: 8B is less than a page, the kernel makes it 0 | a number without "
            "unit counts bytes; `8GiB`?");
  EXPECT_EQ(Complaint("memory.swap.max", "2kB"),
            "warning 1+3 R0408: 2kB is less than a page, the kernel makes it 0");
  EXPECT_EQ(Meaning("memory.max", "8"), "8");
  EXPECT_EQ(Complaint("memory.max", "4096"), "");
}

TEST(SettingParser, AnEmptyValueIsNone) {
  constexpr std::string_view kHint =
      "memory.max has no value | leave the key out for the kernel's default; it takes 4GiB, 25% "
      "of host, 50% of parent, min(4GiB, 10% of host), max";

  EXPECT_EQ(Complaint("memory.max", ""), fmt::format("1+0 R0116: {}", kHint));
  EXPECT_EQ(Complaint("memory.max", "\"\""), fmt::format("1+2 R0116: {}", kHint));
  EXPECT_EQ(Complaint("memory.max", "\"  \""), fmt::format("1+4 R0116: {}", kHint));
}

TEST(SettingParser, BooleansAreTrueAndFalse) {
  constexpr Case kMeanings[] = {
      {"cpu.idle", "true", "1"},
      {"cpu.idle", "false", "0"},
      {"cpu.idle", "1", "1"},
      {"memory.oom.group", "0", "0"},
      {"memory.oom.group", "\"true\"", "1"},
  };
  ExpectMeanings(kMeanings);

  constexpr Case kComplaints[] = {
      {"cpu.idle", "yes", "1+3 R0207: cpu.idle is true or false, not `yes` | write `true`"},
      {"cpu.idle", "True", "1+4 R0207: cpu.idle is true or false, not `True` | write `true`"},
      {"cpu.idle", "off", "1+3 R0207: cpu.idle is true or false, not `off` | write `false`"},
      {"cpu.idle", "2", "1+1 R0207: cpu.idle is true or false, not `2` | write `true` or `false`"},
      {"cpu.idle",
       "max",
       "1+3 R0207: cpu.idle is true or false, not `max` | write `true` or `false`"},
  };
  ExpectComplaints(kComplaints);
}

TEST(SettingParser, NiceLevelsHaveASign) {
  constexpr Case kCases[] = {
      {"cpu.weight.nice", "-20", "-(0, 20)"},
      {"cpu.weight.nice", "0", "0"},
      {"cpu.weight.nice", "19", "19"},
  };
  ExpectMeanings(kCases);
}

TEST(SettingParser, ClampsAreThemselvesPercentages) {
  constexpr Case kMeanings[] = {
      {"cpu.uclamp.min", "20", "20"},
      {"cpu.uclamp.min", "20.5", "20.5"},
      {"cpu.uclamp.min", "33.33%", "33.33"},
      {"cpu.uclamp.max", "max", "max"},
      {"cpu.uclamp.max", "0", "0"},
      {"cpu.uclamp.max", "100%", "100"},
  };
  ExpectMeanings(kMeanings);

  constexpr Case kComplaints[] = {
      {"cpu.uclamp.min",
       "20.555",
       "1+6 R0208: cpu.uclamp.min has more than two digits behind the point | the kernel keeps "
       "hundredths of a percent"},
      {"cpu.uclamp.min",
       "20% of host",
       "5+2 R0210: `of` is left over | amounts are combined with `+`, `-` and `*`"},
  };
  ExpectComplaints(kComplaints);
}

TEST(SettingParser, ListsOfNumbersAreSortedAndJoined) {
  constexpr Case kMeanings[] = {
      {"cpuset.cpus", "0-3,8", "0-3,8"},
      {"cpuset.cpus", "3", "3"},
      {"cpuset.cpus", "8, 0,1, 2", "0-2,8"},
      {"cpuset.cpus", "0-5,2-3,4-9", "0-9"},
      {"cpuset.cpus", "\"\"", "inherit"},
      {"cpuset.mems", "0-1", "0-1"},
  };
  ExpectMeanings(kMeanings);

  constexpr Case kComplaints[] = {
      {"cpuset.cpus", "3-1", "1+3 R0217: `3-1` runs backwards | write `1-3`"},
      {"cpuset.cpus",
       "0,,1",
       "3+1 R0217: cpuset.cpus has an empty place in its list | write numbers and ranges: 0-3,8"},
      {"cpuset.cpus",
       "0-3,all",
       "5+3 R0217: `all` is no number or range of numbers | write numbers and ranges: 0-3,8"},
      {"cpuset.cpus",
       "0-10:2/4",
       "1+8 R0217: `0-10:2/4` is no number or range of numbers | write numbers and ranges: 0-3,8"},
      {"cpuset.cpus",
       "01",
       "1+2 R0217: `01` is no number or range of numbers | write numbers and ranges: 0-3,8"},
      {"cpuset.cpus", "0-70000", "1+7 R0205: no kernel has a number 70000"},
      {"cpuset.cpus",
       "99999999999999999999",
       "1+20 R0217: `99999999999999999999` is no number or range of numbers | write numbers and "
       "ranges: 0-3,8"},
  };
  ExpectComplaints(kComplaints);
}

TEST(SettingParser, WordsAreThoseOfTheKernel) {
  constexpr Case kMeanings[] = {
      {"io.prio.class", "idle", "idle"},
      {"cpuset.cpus.partition", "isolated", "isolated"},
      {"cgroup.type", "threaded", "threaded"},
  };
  ExpectMeanings(kMeanings);

  constexpr Case kComplaints[] = {
      {"io.prio.class",
       "idel",
       "1+4 R0209: `idel` is no value of io.prio.class | did you mean `idle`?"},
      {"cpuset.cpus.partition",
       "exclusive",
       "1+9 R0209: `exclusive` is no value of cpuset.cpus.partition | one of member, root, "
       "isolated"},
  };
  ExpectComplaints(kComplaints);
}

TEST(SettingParser, ControllersStandInTheKernelsOrder) {
  constexpr Case kMeanings[] = {
      {"cgroup.subtree_control", "hugetlb cpuset", "cpuset hugetlb"},
      {"cgroup.subtree_control", "+cpu +cpu", "cpu"},
  };
  ExpectMeanings(kMeanings);

  constexpr Case kComplaints[] = {
      {"cgroup.subtree_control",
       "+cpuset -cpu",
       "9+4 R0209: `-cpu`: this key only adds controllers | `account: none` does without those "
       "that only the accounts need"},
      {"cgroup.subtree_control",
       "cpu cpusett",
       "5+7 R0209: `cpusett` is no controller | did you mean `cpuset`?"},
  };
  ExpectComplaints(kComplaints);
}

TEST(SettingParser, KeysOfTheHostAndUnknownOnesAreRefused) {
  Findings findings;

  EXPECT_FALSE(ParseSetting(MakeSetting("io.cost.qos", "x"), findings).has_value());
  EXPECT_FALSE(ParseSetting(MakeSetting("memory.maxx", "4GiB"), findings).has_value());

  EXPECT_EQ(ShowFindings(findings, 1),
            "1+11 R0122: io.cost.qos exists only at the root of the hierarchy | it stands under "
            "the top-level `host:`\n"
            "1+11 R0101: `memory.maxx` is no interface file that reeve knows | `raw: "
            "{memory.maxx: TEXT}` writes it as it stands");
}

TEST(SettingParser, RawTextsAreKeptAsTheyAre) {
  SettingText text = MakeSetting("memory.future", "\"a  4G %\"");
  text.raw = true;
  Findings findings;

  const std::optional<Setting> setting = ParseSetting(text, findings);

  ASSERT_TRUE(setting.has_value());
  EXPECT_EQ(setting->knob, nullptr);
  EXPECT_EQ(std::get<std::string>(setting->value), "a  4G %");
  EXPECT_FALSE(findings.has_errors());
}

TEST(SettingParser, AnEmptyRawTextWouldBeZero) {
  SettingText text = MakeSetting("memory.future", "\"\"");
  text.raw = true;
  Findings findings;

  EXPECT_FALSE(ParseSetting(text, findings).has_value());
  EXPECT_EQ(ShowFindings(findings, 16),
            "1+2 R0116: memory.future has no value | the kernel takes an empty line as 0 for some "
            "files; leave the key out");
}

TEST(SettingParser, KeepsWhatWasWrittenAndWhere) {
  Findings findings;
  const SettingText text = MakeSetting("memory.high", "90% of memory.max");

  const std::optional<Setting> setting = ParseSetting(text, findings);

  ASSERT_TRUE(setting.has_value());
  EXPECT_EQ(setting->file, "memory.high");
  EXPECT_EQ(setting->knob, FindKnob("memory.high"));
  EXPECT_EQ(setting->written, "90% of memory.max");
  EXPECT_EQ(setting->mark, text.value.mark);
  EXPECT_EQ(setting->key_mark, text.key_mark);
}

TEST(SettingParser, PlacesCoverTheWholeValueWhenItsTextIsNotInTheFile) {
  SettingText text = MakeSetting("memory.max", "2 * <memory>");
  text.value.text = "2 * 16G";  // what a variable was replaced by
  Findings findings;

  EXPECT_FALSE(ParseSetting(text, findings).has_value());

  ASSERT_EQ(findings.all().size(), 1U);
  EXPECT_EQ(findings.all()[0].mark, text.value.mark);
}

TEST(SettingParser, LongExpressionsEndWithoutDeepRecursion) {
  std::string sum = "host";
  for (int i = 0; i < 10'000; ++i) sum += "+host";
  const std::string parentheses(10'000, '(');

  EXPECT_EQ(Complaint("memory.max", sum), "325+1 R0210: the expression is too long");
  EXPECT_EQ(Complaint("memory.max", parentheses), "17+1 R0210: parentheses are nested too deeply");
}

}  // namespace
}  // namespace reeve::policy
