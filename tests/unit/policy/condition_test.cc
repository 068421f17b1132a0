// SPDX-License-Identifier: Apache-2.0
#include "core/policy/condition.h"

#include <gtest/gtest.h>

#include "core/policy/condition_time.h"
#include "core/policy/condition_value.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;

// 2026-11-21 21:30:00 UTC, a Saturday.
constexpr std::int64_t kNow = 1'795'296'600;

Condition Fact(std::string name, std::vector<std::string> values) {
  Condition condition;
  condition.kind = Condition::Kind::kFact;
  condition.fact = std::move(name);
  const auto file = reeve::testing::TextFile("web.yaml", "");
  for (std::string& value : values) {
    const auto length = static_cast<std::uint32_t>(value.size());
    condition.values.push_back({std::move(value), {file, 4, 7, length}, false});
  }
  return condition;
}

Condition Group(Condition::Kind kind, std::vector<Condition> children) {
  Condition condition;
  condition.kind = kind;
  condition.children = std::move(children);
  return condition;
}

Condition Not(Condition child) {
  return Group(Condition::Kind::kNot, {std::move(child)});
}

HostFacts Host() {
  HostFacts facts;
  facts.host = "web01";
  facts.arch = "x86_64";
  facts.kernel = "6.1.0-56-amd64";
  facts.os = "debian 12";
  facts.virt = "kvm";
  facts.systemd = "252.39-1~deb12u1";
  facts.reeve = "0.1.0";
  facts.machine_id = "0123456789abcdef0123456789abcdef";
  facts.cpus = 8;
  facts.memory = 16ULL << 30;
  facts.own = {{"role", {"web", "api"}}, {"ring", {"canary"}}, {"rack", {"12"}}};
  facts.units = {{"nginx.service", {}}, {"postgresql@15-main.service", {}}};
  facts.files = {"cpu.max", "memory.max"};
  return facts;
}

bool HoldsHere(const Condition& condition) {
  return Holds(condition, Host(), "web", kNow);
}

bool HoldsHere(std::string fact, std::string value) {
  return HoldsHere(Fact(std::move(fact), {std::move(value)}));
}

TEST(Condition, WithoutTestsHoldsEverywhere) {
  EXPECT_TRUE(Holds({}, {}, "", 0));
}

TEST(Condition, TextFactsArePatterns) {
  EXPECT_TRUE(HoldsHere("host", "web*"));
  EXPECT_TRUE(HoldsHere("host", "web0[0-3]"));
  EXPECT_FALSE(HoldsHere("host", "web"));
  EXPECT_TRUE(HoldsHere("arch", "x86_64"));
  EXPECT_FALSE(HoldsHere("virt", "none"));
}

TEST(Condition, AListNeedsOneOfItsValues) {
  EXPECT_TRUE(HoldsHere(Fact("host", {"db*", "web*"})));
  EXPECT_FALSE(HoldsHere(Fact("host", {"db*", "mail*"})));
}

TEST(Condition, AmountsAreNumbersOrRangesWithBothEnds) {
  EXPECT_TRUE(HoldsHere("cpus", "8"));
  EXPECT_TRUE(HoldsHere("cpus", "8.."));
  EXPECT_TRUE(HoldsHere("cpus", "..8"));
  EXPECT_TRUE(HoldsHere("cpus", "4..8"));
  EXPECT_FALSE(HoldsHere("cpus", "9.."));
  EXPECT_FALSE(HoldsHere("cpus", "..7"));
  EXPECT_TRUE(HoldsHere("memory", "16GiB.."));
  EXPECT_TRUE(HoldsHere("memory", "17179869184"));
  EXPECT_TRUE(HoldsHere("memory", "17GB..18 GB"));
  EXPECT_TRUE(HoldsHere("memory", "15.5GiB.."));
  EXPECT_FALSE(HoldsHere("memory", "..16GB"));
}

TEST(Condition, VersionsAreComparedNumberByNumber) {
  EXPECT_TRUE(HoldsHere("kernel", "6.1.."));
  EXPECT_TRUE(HoldsHere("kernel", "5.10.."));
  EXPECT_FALSE(HoldsHere("kernel", "6.10.."));
  EXPECT_TRUE(HoldsHere("kernel", "..6.1"));
  EXPECT_TRUE(HoldsHere("kernel", "6.1"));
  EXPECT_TRUE(HoldsHere("kernel", "6"));
  EXPECT_FALSE(HoldsHere("kernel", "6.1.1"));
  EXPECT_TRUE(HoldsHere("kernel", "6.1.0-56.."));
  EXPECT_FALSE(HoldsHere("kernel", "6.1.0-57.."));
  EXPECT_TRUE(HoldsHere("kernel", "*-amd64"));
  EXPECT_TRUE(HoldsHere("systemd", "252.."));
  EXPECT_FALSE(HoldsHere("systemd", "253.."));
}

TEST(Condition, OsIsANameWithOrWithoutItsVersion) {
  EXPECT_TRUE(HoldsHere("os", "debian"));
  EXPECT_TRUE(HoldsHere("os", "deb*"));
  EXPECT_TRUE(HoldsHere("os", "debian 12"));
  EXPECT_TRUE(HoldsHere("os", "debian 11.."));
  EXPECT_FALSE(HoldsHere("os", "debian 13.."));
  EXPECT_FALSE(HoldsHere("os", "ubuntu 11.."));
}

TEST(Condition, UnitAsksForALoadedUnit) {
  EXPECT_TRUE(HoldsHere("unit", "postgresql@*.service"));
  EXPECT_FALSE(HoldsHere("unit", "mysql.service"));
}

TEST(Condition, KnobAsksForAnInterfaceFile) {
  EXPECT_TRUE(HoldsHere("knob", "cpu.max"));
  EXPECT_FALSE(HoldsHere("knob", "io.weight"));

  HostFacts not_probed = Host();
  not_probed.files.clear();
  EXPECT_TRUE(Holds(Fact("knob", {"io.weight"}), not_probed, "web", kNow));
}

TEST(Condition, OneOfTheValuesOfAnOwnFactIsEnough) {
  EXPECT_TRUE(HoldsHere("role", "api"));
  EXPECT_TRUE(HoldsHere(Fact("role", {"db", "web"})));
  EXPECT_FALSE(HoldsHere("role", "db"));
  EXPECT_TRUE(HoldsHere("rack", "10..20"));
  EXPECT_FALSE(HoldsHere("rack", "13.."));
  EXPECT_FALSE(HoldsHere("role", "10..20"));
}

TEST(Condition, WhatIsNotKnownIsFalse) {
  EXPECT_FALSE(HoldsHere("site", "fra1"));
  EXPECT_FALSE(HoldsHere("site", "*"));
  EXPECT_TRUE(HoldsHere(Not(Fact("site", {"fra1"}))));
  EXPECT_FALSE(Holds(Fact("host", {"*"}), {}, "web", kNow));
  EXPECT_FALSE(Holds(Fact("cpus", {"..64"}), {}, "web", kNow));
  EXPECT_FALSE(Holds(Fact("kernel", {"..9"}), {}, "web", kNow));
  EXPECT_FALSE(Holds(Fact("rollout", {"..100%"}), {}, "web", kNow));
}

TEST(Condition, AllAnyAndNotNest) {
  const Condition canary = Fact("ring", {"canary"});
  const Condition database = Fact("role", {"db"});

  EXPECT_FALSE(HoldsHere(Group(Condition::Kind::kAll, {canary, database})));
  EXPECT_TRUE(HoldsHere(Group(Condition::Kind::kAny, {database, canary})));
  EXPECT_TRUE(HoldsHere(Not(Group(Condition::Kind::kAny, {database}))));
  EXPECT_FALSE(HoldsHere(Group(Condition::Kind::kAny, {})));
}

// Nothing that changes these numbers may ever be released: rollouts under way would jump.
TEST(Rollout, PlacesNeverChange) {
  EXPECT_EQ(RolloutPlace("0123456789abcdef0123456789abcdef", "web"), 14'573'147U);
  EXPECT_EQ(RolloutPlace("0123456789abcdef0123456789abcdef", "agents-cap-new"), 15'815'510U);
  EXPECT_EQ(RolloutPlace("", ""), 90'496'871U);
}

TEST(Rollout, AMachineThatIsInStaysInAsTheShareGrows) {
  for (int machine = 0; machine < 200; ++machine) {
    HostFacts facts = Host();
    facts.machine_id = std::to_string(machine);
    const bool five = Holds(Fact("rollout", {"..5%"}), facts, "web", kNow);
    const bool next = Holds(Fact("rollout", {"5%..25%"}), facts, "web", kNow);
    const bool quarter = Holds(Fact("rollout", {"..25%"}), facts, "web", kNow);
    EXPECT_EQ(quarter, five || next);
    EXPECT_FALSE(five && next);
    EXPECT_TRUE(Holds(Fact("rollout", {"..100%"}), facts, "web", kNow));
  }
}

TEST(Rollout, TakesAboutTheShareItSays) {
  int in = 0;
  for (int machine = 0; machine < 10'000; ++machine) {
    HostFacts facts = Host();
    facts.machine_id = std::to_string(machine);
    if (Holds(Fact("rollout", {"..5%"}), facts, "web", kNow)) ++in;
  }

  EXPECT_GT(in, 430);
  EXPECT_LT(in, 570);
}

TEST(Rollout, OtherDocumentsTakeOtherMachines) {
  int differ = 0;
  for (int machine = 0; machine < 100; ++machine) {
    HostFacts facts = Host();
    facts.machine_id = std::to_string(machine);
    const Condition half = Fact("rollout", {"..50%"});
    if (Holds(half, facts, "a", kNow) != Holds(half, facts, "b", kNow)) ++differ;
  }

  EXPECT_GT(differ, 25);
}

TEST(Rollout, ADocumentMayMeanTheHostsOfAnother) {
  for (int machine = 0; machine < 100; ++machine) {
    HostFacts facts = Host();
    facts.machine_id = std::to_string(machine);
    EXPECT_EQ(Holds(Fact("rollout", {"..50%"}), facts, "new", kNow),
              Holds(Fact("rollout", {"..50% of new"}), facts, "watch", kNow));
  }
}

bool At(const std::string& window, std::int64_t local) {
  HostFacts facts;
  facts.utc_offset = 3600;
  return Holds(Fact("time", {window}), facts, "web", local - 3600);
}

// Seconds since the epoch at a time of the week that begins with Monday 2026-11-16.
std::int64_t Local(int day, int hour, int minute) {
  return 1'794'787'200 + ((day * 24 + hour) * 60 + minute) * std::int64_t{60};
}

constexpr int kFri = 4;
constexpr int kSat = 5;
constexpr int kSun = 6;
constexpr int kMon = 0;

TEST(TimeWindow, IsInLocalTimeAndItsEndIsNotIncluded) {
  EXPECT_TRUE(At("07:00..19:00", Local(kMon, 7, 0)));
  EXPECT_TRUE(At("07:00..19:00", Local(kMon, 18, 59)));
  EXPECT_FALSE(At("07:00..19:00", Local(kMon, 19, 0)));
  EXPECT_FALSE(At("07:00..19:00", Local(kMon, 6, 59)));
}

TEST(TimeWindow, MayLieOverMidnight) {
  EXPECT_TRUE(At("22:00..06:30", Local(kMon, 22, 0)));
  EXPECT_TRUE(At("22:00..06:30", Local(kMon, 3, 0)));
  EXPECT_FALSE(At("22:00..06:30", Local(kMon, 6, 30)));
  EXPECT_FALSE(At("22:00..06:30", Local(kMon, 12, 0)));
}

TEST(TimeWindow, TheDayIsTheOneOnWhichItOpens) {
  EXPECT_TRUE(At("Fri 22:00..06:30", Local(kFri, 23, 0)));
  EXPECT_TRUE(At("Fri 22:00..06:30", Local(kSat, 6, 0)));
  EXPECT_FALSE(At("Fri 22:00..06:30", Local(kFri, 6, 0)));
  EXPECT_FALSE(At("Fri 22:00..06:30", Local(kSat, 23, 0)));
  EXPECT_TRUE(At("Sun 22:00..06:30", Local(kMon, 6, 0)));
}

TEST(TimeWindow, DaysAreSingleOnesOrRanges) {
  EXPECT_TRUE(At("Mon..Fri 07:00..19:00", Local(kFri, 12, 0)));
  EXPECT_FALSE(At("Mon..Fri 07:00..19:00", Local(kSat, 12, 0)));
  EXPECT_TRUE(At("Sat..Sun", Local(kSun, 0, 0)));
  EXPECT_FALSE(At("Sat..Sun", Local(kMon, 0, 0)));
  EXPECT_TRUE(At("Fri..Mon", Local(kMon, 12, 0)));
  EXPECT_TRUE(At("Sat", Local(kSat, 23, 59)));
}

TEST(TimeWindow, AnOpenEndIsMidnight) {
  EXPECT_TRUE(At("22:00..", Local(kMon, 23, 59)));
  EXPECT_FALSE(At("22:00..", Local(kMon, 0, 0)));
  EXPECT_TRUE(At("..06:30", Local(kMon, 0, 0)));
}

TEST(NextTimeBoundary, IsTheNextOpeningOrClosing) {
  HostFacts facts;
  facts.utc_offset = 3600;
  const Condition window = Fact("time", {"22:00..06:30"});

  EXPECT_EQ(NextTimeBoundary(window, facts, Local(kMon, 12, 0) - 3600), Local(kMon, 22, 0) - 3600);
  EXPECT_EQ(NextTimeBoundary(Not(window), facts, Local(kMon, 22, 0) - 3600),
            Local(kMon + 1, 0, 0) - 3600);
  EXPECT_EQ(NextTimeBoundary(window, facts, Local(kMon, 3, 0) - 3600), Local(kMon, 6, 30) - 3600);
  EXPECT_EQ(NextTimeBoundary(Fact("host", {"*"}), facts, kNow), std::nullopt);
}

TEST(Moment, IsADayInUtcOrATimeWithItsZone) {
  EXPECT_EQ(ParseMoment("1970-01-02"), 86'400);
  EXPECT_EQ(ParseMoment("2026-11-21T21:30:00Z"), kNow);
  EXPECT_EQ(ParseMoment("2026-11-21T22:30:00+01:00"), kNow);
  EXPECT_EQ(ParseMoment("2026-11-21T16:00:00.123-05:30"), kNow);
  EXPECT_EQ(ParseMoment("2024-02-29"), 1'709'164'800);
}

TEST(Moment, IsWrittenAsItIsRead) {
  EXPECT_EQ(FormatMoment(kNow), "2026-11-21T21:30:00Z");
  EXPECT_EQ(FormatMoment(0), "1970-01-01T00:00:00Z");
  for (const std::int64_t moment :
       {kNow, kNow + 59, std::int64_t{1'709'164'799}, std::int64_t{-1}}) {
    EXPECT_EQ(ParseMoment(FormatMoment(moment)), moment);
  }
}

TEST(Moment, NothingElseIsGuessed) {
  for (const char* text : {"",
                           "2026-13-01",
                           "2025-02-29",
                           "2026-1-1",
                           "21.11.2026",
                           "2026-11-21T21:30:00",
                           "2026-11-21 21:30:00Z",
                           "2026-11-21T21:30Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T21:30:00.Z",
                           "2026-11-21T21:30:00+1",
                           "2026-11-21T21:30:00Z ",
                           "tomorrow"}) {
    EXPECT_EQ(ParseMoment(text), std::nullopt) << text;
  }
}

std::string Judged(std::string fact, std::string value) {
  Findings findings;
  JudgeCondition(Not(Fact(std::move(fact), {std::move(value)})), findings);
  return FindingsText(findings);
}

TEST(JudgeCondition, FindsNothingWrongWithWhatCanHold) {
  for (const auto& [fact, value] :
       std::vector<std::pair<std::string, std::string>>{{"host", "web*"},
                                                        {"cpus", "8..16"},
                                                        {"memory", "512MB.."},
                                                        {"kernel", "6.1.0-56.."},
                                                        {"kernel", "6.1.0-56-amd64"},
                                                        {"kernel", "*-rt*"},
                                                        {"os", "debian 12.."},
                                                        {"reeve", "1.4.."},
                                                        {"knob", "io.weight"},
                                                        {"knob", "memory.current"},
                                                        {"rollout", "..0.5%"},
                                                        {"rollout", "5%..25% of agents-cap-new"},
                                                        {"time", "Mon..Fri 07:00..19:00"},
                                                        {"role", "anything..goes"},
                                                        {"rack", "10..20"}}) {
    EXPECT_EQ(Judged(fact, value), "") << fact;
  }
}

TEST(JudgeCondition, RangesOfAmounts) {
  EXPECT_EQ(Judged("cpus", "many"),
            "web.yaml:4:7-10 R0222 `many` is no number and no range of them\n"
            "  hint: write `cpus: 8..`, `..64` or `8..16`\n");
  EXPECT_EQ(Judged("cpus", "8GiB.."),
            "web.yaml:4:7-12 R0222 `8GiB..` is no number and no range of them\n"
            "  hint: write `cpus: 8..`, `..64` or `8..16`\n");
  EXPECT_EQ(Judged("memory", "16GiB...32GiB"),
            "web.yaml:4:7-19 R0222 `16GiB...32GiB` is no size and no range of them\n"
            "  hint: write `memory: 16GiB..`, `..64GiB` or `16GiB..64GiB`\n");
  EXPECT_EQ(Judged("memory", ".."),
            "web.yaml:4:7-8 R0222 `..` is no size and no range of them\n"
            "  hint: write `memory: 16GiB..`, `..64GiB` or `16GiB..64GiB`\n");
  EXPECT_EQ(Judged("cpus", "16..8"),
            "web.yaml:4:7-11 R0222 the range `16..8` ends before it begins\n"
            "  hint: a range is LOW..HIGH, both ends included\n");
  EXPECT_EQ(Judged("memory", "16G..32GiB"),
            "web.yaml:4:7-16 R0202 the unit in `16G..32GiB` is ambiguous\n"
            "  hint: write `16GiB..32GiB` or `16GB..32GiB`\n");
  EXPECT_EQ(Judged("memory", "99999999999TiB.."),
            "web.yaml:4:7-22 R0206 `99999999999TiB..` does not fit into 64 bits\n");
}

TEST(JudgeCondition, Versions) {
  EXPECT_EQ(Judged("kernel", "6.x.."),
            "web.yaml:4:7-11 R0223 `6.x..` is no version and no range of them\n"
            "  hint: write `kernel: 6.1..`, `..6.6`, `6.1..6.6` or a pattern like `6.1*`\n");
  EXPECT_EQ(Judged("systemd", "new"),
            "web.yaml:4:7-9 R0223 `new` is no version and no range of them\n"
            "  hint: write `systemd: 6.1..`, `..6.6`, `6.1..6.6` or a pattern like `6.1*`\n");
  EXPECT_EQ(Judged("reeve", "1.4..1.3"),
            "web.yaml:4:7-14 R0223 the range `1.4..1.3` ends before it begins\n"
            "  hint: a range is LOW..HIGH, both ends included\n");
  EXPECT_EQ(Judged("os", "debian ..x"),
            "web.yaml:4:7-16 R0223 `..x` is no version and no range of them\n"
            "  hint: write `os: debian`, `os: debian 12` or `os: debian 12..`\n");
  EXPECT_EQ(Judged("rack", "20..10"),
            "web.yaml:4:7-12 R0223 the range `20..10` ends before it begins\n"
            "  hint: a range is LOW..HIGH, both ends included\n");
}

TEST(JudgeCondition, TimesSharesAndKnobs) {
  EXPECT_EQ(Judged("time", "25:00..26:00"),
            "web.yaml:4:7-18 R0224 `25:00..26:00` is no time of day\n"
            "  hint: write `22:00..06:30`, `Mon..Fri 07:00..19:00` or `Sat..Sun`\n");
  EXPECT_EQ(Judged("time", "07:00..07:00"),
            "web.yaml:4:7-18 R0224 `07:00..07:00` is no time of day\n"
            "  hint: write `22:00..06:30`, `Mon..Fri 07:00..19:00` or `Sat..Sun`\n");
  EXPECT_EQ(Judged("rollout", "5%"),
            "web.yaml:4:7-8 R0225 `5%` is no share of the hosts\n"
            "  hint: write `rollout: ..5%`, `5%..25%`, or `..5% of NAME` for the hosts of another "
            "document\n");
  EXPECT_EQ(Judged("rollout", "..105%"),
            "web.yaml:4:7-12 R0225 `..105%` is no share of the hosts\n"
            "  hint: write `rollout: ..5%`, `5%..25%`, or `..5% of NAME` for the hosts of another "
            "document\n");
  EXPECT_EQ(Judged("knob", "io.wieght"),
            "web.yaml:4:7-15 R0201 `io.wieght` is no interface file\n"
            "  hint: did you mean `io.weight`?\n");
}

TEST(ExcludedByVersion, OnlyWhenNoHostCouldMeetIt) {
  const Condition newer = Fact("reeve", {"1.4.."});
  const Condition older = Fact("reeve", {"..0.9"});
  const Condition host = Fact("host", {"web*"});

  EXPECT_TRUE(ExcludedByVersion(newer, "1.3.9"));
  EXPECT_FALSE(ExcludedByVersion(newer, "1.10.0"));
  EXPECT_TRUE(ExcludedByVersion(Group(Condition::Kind::kAll, {host, newer}), "1.3.9"));
  EXPECT_FALSE(ExcludedByVersion(Group(Condition::Kind::kAny, {host, newer}), "1.3.9"));
  EXPECT_TRUE(ExcludedByVersion(Group(Condition::Kind::kAny, {older, newer}), "1.3.9"));
  EXPECT_TRUE(ExcludedByVersion(Not(older), "0.1.0"));
  EXPECT_FALSE(ExcludedByVersion(Not(host), "0.1.0"));
  EXPECT_FALSE(ExcludedByVersion({}, "0.1.0"));
}

}  // namespace
}  // namespace reeve::policy
