// SPDX-License-Identifier: Apache-2.0
#include "core/policy/by_hand.h"

#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/generation.h"
#include "core/format/knob_text.h"
#include "core/policy/condition_time.h"
#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30:00 UTC

class NoData final : public port::DataSource {
 public:
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return Error{ErrorKind::kNotFound, 0, name, "there is none"};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string& glob) override {
    return Error{ErrorKind::kNotFound, 0, glob, "there is none"};
  }
};

// A host with one policy in /etc, and what was done by hand.
class ByHand : public ::testing::Test {
 protected:
  ByHand() {
    facts_.page_size = 4096;
    facts_.cpus = 8;
    facts_.memory = std::uint64_t{64} << 30;
    facts_.boot_id = "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10";
    facts_.devices = {{"/dev/sda", {"8:0", "sda"}},
                      {"8:0", {"8:0", "sda"}},
                      {"/dev/sdb", {"8:16", "sdb"}},
                      {"8:16", {"8:16", "sdb"}}};
    Policy(
        "  people:\n"
        "    cpu.max: 2 cores\n"
        "    memory.max: 8GiB\n"
        "    memory.high: 90% of memory.max\n"
        "    cgroups:\n"
        "      user-ito: {pids.max: 100}\n"
        "  web: {cpu.weight: 10}\n");
  }

  void Policy(const std::string& cgroups, const std::string& metadata = "name: p") {
    files_ = {File("10-p.yaml",
                   fmt::format("apiVersion: reeve/v1\nkind: Policy\nmetadata: {{{}}}\ncgroups:\n{}",
                               metadata,
                               cgroups),
                   1)};
  }

  static std::shared_ptr<const SourceFile> File(std::string name, std::string text, int layer) {
    return std::make_shared<const SourceFile>(
        SourceFile{std::move(name), std::move(text), layer, ""});
  }

  engine::Generation Judge(std::int64_t now = kNow) {
    NoData data;
    return engine::Judge(files_, facts_, data, now);
  }

  reeve::Policy Load() {
    Findings findings;
    return LoadPolicy(files_, findings);
  }

  static HandRequest Ask(HandVerb verb, std::string cgroup) {
    HandRequest request;
    request.verb = verb;
    request.cgroup = std::move(cgroup);
    request.for_seconds = 3600;
    request.why = "INC-9001";
    request.owner = "alice (uid 1000)";
    return request;
  }

  static HandRequest Set(std::string cgroup, std::string key, std::string value) {
    HandRequest request = Ask(HandVerb::kSet, std::move(cgroup));
    request.settings.emplace_back(std::move(key), std::move(value));
    return request;
  }

  // Puts it in force; the test fails when it can not be.
  HandDocument Do(const HandRequest& request, std::int64_t now = kNow) {
    Findings findings;
    auto document = WriteByHand(request, Load(), Judge(now).desired, facts_, now, findings);
    EXPECT_EQ(FindingsText(findings), "");
    if (!document) return {};
    files_ = FilesWith(files_, *document, 2);
    const engine::Generation judged = Judge(now);
    EXPECT_TRUE(judged.usable()) << FindingsText(judged.findings) << document->text;
    return *document;
  }

  std::string Refusal(const HandRequest& request) {
    Findings findings;
    EXPECT_FALSE(WriteByHand(request, Load(), Judge().desired, facts_, kNow, findings));
    EXPECT_TRUE(findings.has_errors());
    return FindingsText(findings);
  }

  std::string Value(const std::string& cgroup, const std::string& file, std::int64_t now = kNow) {
    const engine::Generation generation = Judge(now);
    const auto found = generation.desired.cgroups.find(*CgroupPath::Parse(cgroup));
    if (found == generation.desired.cgroups.end()) return "(no cgroup)";
    const auto knob = found->second.knobs.find(file);
    if (knob == found->second.knobs.end()) return "-";
    return format::FormatKnob(*knob->second.knob, knob->second.value);
  }

  OnDrift Drift(const std::string& cgroup) {
    return Judge().desired.cgroups.at(*CgroupPath::Parse(cgroup)).on_drift;
  }

  HostFacts facts_;
  SourceFiles files_;
};

TEST_F(ByHand, ASetIsAnOrdinaryPolicyThatAnybodyCanRead) {
  HandRequest request = Set("people/user-ito", "memory.high", "400GiB");
  request.settings.emplace_back("cpu.max", "4 cores every 50ms");

  const HandDocument document = Do(request);

  EXPECT_EQ(document.text,
            "# By hand; `reevectl release set-people.user-ito` ends it before its time.\n"
            "apiVersion: reeve/v1\n"
            "kind: Policy\n"
            "metadata:\n"
            "  name: \"set-people.user-ito\"\n"
            "  expires: 2026-11-21T22:30:00Z\n"
            "  priority: 1795296600\n"
            "  owner: \"alice (uid 1000)\"\n"
            "  why: \"INC-9001\"\n"
            "cgroups:\n"
            "  \"people\":\n"
            "    cgroups:\n"
            "      \"user-ito\":\n"
            "        cpu.max: \"4 cores every 50ms\"\n"
            "        memory.high: \"400GiB\"\n");
  EXPECT_EQ(document.file_name, "90-set-people.user-ito.yaml");
  EXPECT_EQ(document.values, 2U);
  EXPECT_EQ(Value("people/user-ito", "cpu.max"), "200000 50000");
}

TEST_F(ByHand, EndsToTheSecond) {
  HandRequest request = Set("people", "pids.max", "7");
  request.for_seconds = 90;

  const HandDocument document = Do(request);

  EXPECT_EQ(document.expires, kNow + 90);
  EXPECT_EQ(Judge().tree.judge_again_at, kNow + 90);
  EXPECT_EQ(Value("people", "pids.max", kNow + 89), "7");
  EXPECT_EQ(Value("people", "pids.max", kNow + 90), "-");
}

TEST_F(ByHand, ALaterHandIsLouderThanAnEarlierOneAndThanEveryPriority) {
  Policy("  people: {pids.max: 10}\n", "name: p, priority: 5000000000");
  Do(Set("people", "pids.max", "20"));
  EXPECT_EQ(Value("people", "pids.max"), "20");
  HandRequest both = Set("people", "memory.max", "1GiB");
  both.settings.emplace_back("cpu.max", "1 core");
  Do(both);
  Do(Ask(HandVerb::kLift, "people"));  // in the same second

  EXPECT_EQ(Value("people", "pids.max"), "max");
  EXPECT_EQ(Value("people", "memory.max"), "max");
}

TEST_F(ByHand, TheSameAgainTakesThePlaceOfTheFirst) {
  Do(Set("people", "pids.max", "20"));
  const HandDocument again = Do(Set("people", "pids.max", "30"));

  EXPECT_THAT(again.replaces, ElementsAre("90-set-people.yaml"));
  EXPECT_EQ(again.name, "set-people");
  EXPECT_EQ(files_.size(), 2U);
  EXPECT_EQ(Value("people", "pids.max"), "30");

  const HandDocument other = Do(Set("people", "cpu.weight", "30"));
  EXPECT_THAT(other.replaces, IsEmpty());
  EXPECT_EQ(other.name, "set-people-2");
  EXPECT_EQ(Value("people", "pids.max"), "30");
}

TEST_F(ByHand, PauseReportsDriftHereAndBelow) {
  const HandDocument document = Do(Ask(HandVerb::kPause, "people"));

  EXPECT_EQ(document.cgroups, 2U);
  EXPECT_EQ(Drift("people"), OnDrift::kReport);
  EXPECT_EQ(Drift("people/user-ito"), OnDrift::kReport);
  EXPECT_EQ(Drift("web"), OnDrift::kRepair);
}

TEST_F(ByHand, FreezeStopsOneCgroup) {
  Do(Ask(HandVerb::kFreeze, "people"));

  EXPECT_EQ(Value("people", "cgroup.freeze"), "1");
  EXPECT_EQ(Value("web", "cgroup.freeze"), "-");
}

TEST_F(ByHand, ALiftTakesEveryLimitAndNothingElse) {
  facts_.cpu_ids = IdSet{{{0, 7}}};
  Policy(
      "  a:\n"
      "    cpu.max: 1 core\n"
      "    cpuset.cpus: 0-1\n"
      "    memory.max: 4GiB\n"
      "    memory.low: 50% of memory.max\n"
      "    pids.max: max\n"
      "    cpu.weight: 20\n"
      "    io.max: [{device: /dev/sda, rbps: 1MiB/s}, {device: /dev/sdb, wiops: 10}]\n"
      "    self: {pids.max: 5}\n"
      "    cgroups: {b: {memory.high: 50% of parent}}\n"
      "  c: {cpu.weight: 5}\n");
  HandRequest request = Ask(HandVerb::kLift, "");
  request.all = true;

  const HandDocument document = Do(request);

  EXPECT_EQ(document.name, "lift-all");
  EXPECT_EQ(document.cgroups, 3U);
  EXPECT_EQ(document.values, 6U);
  EXPECT_EQ(Value("a", "cpu.max"), "max 100000");
  EXPECT_EQ(Value("a", "cpuset.cpus"), "0-7");
  EXPECT_EQ(Value("a", "memory.max"), "max");
  EXPECT_EQ(Value("a", "io.max"),
            "8:0 rbps=max wbps=max riops=max wiops=max\n"
            "8:16 rbps=max wbps=max riops=max wiops=max");
  EXPECT_EQ(Value("a/_self", "pids.max"), "max");
  EXPECT_EQ(Value("a/b", "memory.high"), "max");
  // What was half of the limit is not half of the host now.
  EXPECT_EQ(Value("a", "memory.low"), "2147483648");
  EXPECT_EQ(Value("a", "cpu.weight"), "20");
}

TEST_F(ByHand, ALiftLeavesTheCpusOfPartitionsAlone) {
  facts_.cpu_ids = IdSet{{{0, 7}}};
  Policy("  a: {cpuset.cpus: 0-1, cpuset.cpus.partition: root, pids.max: 9}\n");

  Do(Ask(HandVerb::kLift, "a"));

  EXPECT_EQ(Value("a", "cpuset.cpus"), "0-1");
  EXPECT_EQ(Value("a", "pids.max"), "max");
}

TEST_F(ByHand, ThereMustBeSomethingToLift) {
  EXPECT_THAT(Refusal(Ask(HandVerb::kLift, "web")),
              HasSubstr("command line:1:6-8 R0505 no cgroup here has a limit in force"));
}

TEST_F(ByHand, InstancesOfTemplatesCanBeNamedWhateverTheirName) {
  Policy(
      "  sites:\n"
      "    cgroups:\n"
      "      s-<x>:\n"
      "        for_each: {list: [{x: a/b}, {x: c}]}\n"
      "        pids.max: 10\n"
      "        io.max: [{device: /dev/sda, rbps: 1MiB/s}, {device: /dev/sdb, rbps: 1MiB/s}]\n");
  ASSERT_EQ(Value("sites/s-a%2Fb", "pids.max"), "10");

  HandRequest request = Set("sites/s-a%2Fb", "pids.max", "20");
  request.settings.emplace_back("io.max", "[{device: /dev/sda, rbps: 2MiB/s}]");
  Do(request);

  EXPECT_EQ(Value("sites/s-a%2Fb", "pids.max"), "20");
  EXPECT_EQ(Value("sites/s-c", "pids.max"), "10");
  // The disk that was not named keeps its limit.
  EXPECT_EQ(Value("sites/s-a%2Fb", "io.max"),
            "8:0 rbps=2097152 wbps=max riops=max wiops=max\n"
            "8:16 rbps=1048576 wbps=max riops=max wiops=max");
}

TEST_F(ByHand, AClampIsACgroupOfItsOwnForThisBoot) {
  HandRequest request = Ask(HandVerb::kClamp, "");
  request.pid = 77120;
  request.settings = {{"cpu.max", "0.5 cores"}, {"memory.high", "2GiB"}};

  const HandDocument document = Do(request);

  EXPECT_EQ(document.name, "clamp-77120");
  EXPECT_EQ(Value("clamp-77120", "memory.high"), "2147483648");
  EXPECT_THAT(Refusal(request), HasSubstr("R0506"));
  facts_.boot_id = "00000000-7a1e-4f0e-9a51-0f6b7f1f9d10";
  EXPECT_EQ(Value("clamp-77120", "memory.high"), "(no cgroup)");
}

TEST_F(ByHand, SaysEverythingThatIsWrongAtItsPlaceOnTheLine) {
  HandRequest request = Set("peple", "memory.hihg", "4G");
  request.settings.emplace_back("memory.high", "4G");
  request.for_seconds = 0;
  request.why = " ";

  EXPECT_EQ(Refusal(request),
            "command line:1:1-3 R0502 `set` does not say when it ends\n"
            "  hint: --for 2h (90s, 30m, 2h, 1d)\n"
            "command line:1:5-9 R0501 no policy in force describes a cgroup `peple`\n"
            "  hint: did you mean `people`?\n"
            "command line:1:47 R0503 `set` does not say why\n"
            "  hint: --why INC-4711\n");
  request.cgroup = "people";
  EXPECT_THAT(Refusal(request), HasSubstr("command line:1:12-22 R0101"));
  EXPECT_THAT(Refusal(request), HasSubstr("command line:1:39-40 R0202"));
}

TEST_F(ByHand, RefusesWhatHasNoWayBackOrNoMeaning) {
  EXPECT_THAT(Refusal(Set("people", "cgroup.type", "threaded")), HasSubstr("R0504"));
  EXPECT_THAT(Refusal(Set("people", "memory.max", "<memory>")), HasSubstr("R0201"));
  EXPECT_THAT(Refusal(Set("people", "memory.current", "1GiB")), HasSubstr("R0120"));
  EXPECT_THAT(Refusal(Set("people", "memory.max", "1GiB\nevil: 1")), HasSubstr("R0129"));
  EXPECT_THAT(Refusal(Set("people", "memory.max", "\"x\": y")), HasSubstr("R02"));
  EXPECT_THAT(Refusal(Set("people", "io.max", "[{device: /dev/sda, rbs: 5}]")),
              HasSubstr("command line:1:39-41 R0213"));
  EXPECT_THAT(Refusal(Set("people", "io.max", "[{device: ")), HasSubstr("command line:1:"));
  EXPECT_THAT(Refusal(Ask(HandVerb::kSet, "people")), HasSubstr("R0115"));
  HandRequest twice = Set("people", "pids.max", "5");
  twice.settings.emplace_back("pids.max", "6");
  EXPECT_THAT(Refusal(twice), HasSubstr("R0102"));
}

TEST_F(ByHand, MoreThanADayMustBeMeant) {
  HandRequest request = Set("people", "pids.max", "5");
  request.for_seconds = kLongestHandSeconds + 1;
  EXPECT_THAT(Refusal(request), HasSubstr("R0502 86401s is more than 24 hours"));
  request.long_time = true;
  EXPECT_EQ(Do(request).expires, kNow + 86'401);
}

TEST_F(ByHand, WhatIsInForceCanBeListed) {
  Do(Set("people/user-ito", "pids.max", "5"));
  Do(Ask(HandVerb::kPause, "web"), kNow + 1);

  const std::vector<HandInForce> hands = HandsIn(Load());

  ASSERT_EQ(hands.size(), 2U);
  EXPECT_EQ(hands[0].verb, HandVerb::kPause);
  EXPECT_EQ(hands[0].expires, kNow + 3601);
  EXPECT_EQ(hands[1].name, "set-people.user-ito");
  EXPECT_THAT(hands[1].cgroups, ElementsAre(*CgroupPath::Parse("people/user-ito")));
  EXPECT_EQ(hands[1].owner, "alice (uid 1000)");
  EXPECT_EQ(hands[1].why, "INC-9001");
}

TEST_F(ByHand, TimesAreWholeNumbersOfOneUnit) {
  EXPECT_EQ(ParseHandTime("90s"), 90);
  EXPECT_EQ(ParseHandTime("30m"), 1800);
  EXPECT_EQ(ParseHandTime("2h"), 7200);
  EXPECT_EQ(ParseHandTime("1d"), 86'400);
  for (const char* wrong :
       {"", "0s", "2", "h", "-1h", "1.5h", "1w", "99999999999999999999s", "4000d"}) {
    EXPECT_FALSE(ParseHandTime(wrong)) << wrong;
  }
  for (const std::int64_t time : {1, 59, 60, 90, 3600, 5400, 86'400}) {
    EXPECT_EQ(ParseHandTime(FormatHandTime(time)), time);
  }
}

// Whatever people type as a reason, a name or a value: either it is refused, or the document says
// exactly that and nothing else.
TEST_F(ByHand, HostileTextsAreRefusedOrSaidExactly) {
  const std::vector<std::string> pieces = {"\"",
                                           "'",
                                           "\\",
                                           "\n",
                                           "\r",
                                           "\t",
                                           ":",
                                           ": ",
                                           " #",
                                           "---",
                                           "...",
                                           "{",
                                           "}",
                                           "[",
                                           "]",
                                           "&a",
                                           "*a",
                                           "!t",
                                           "|",
                                           ">",
                                           "%",
                                           "@",
                                           "`",
                                           "<x>",
                                           "\x1b[2J",
                                           "\xff",
                                           "\xe2\x80\xae",
                                           "\xc3\xa9",
                                           "\xef\xbb\xbf",
                                           std::string(1, '\0'),
                                           "\x7f",
                                           "no",
                                           "010",
                                           "~",
                                           "null",
                                           "=",
                                           ",",
                                           "a",
                                           "7",
                                           "expires: 2030-01-01",
                                           "\\x41",
                                           "\\n",
                                           "\xf0\x9f\x98\x80",
                                           "\xe2\x80\xa8",
                                           " ",
                                           "max",
                                           "GiB"};
  std::mt19937 random(20261121);  // NOLINT(cert-msc51-cpp): the same on every run
  const auto text = [&](std::size_t most) {
    std::string made;
    for (std::size_t n = random() % (most + 1); n != 0; --n)
      made += pieces[random() % pieces.size()];
    return made;
  };
  int written = 0;
  for (int round = 0; round < 3000; ++round) {
    HandRequest request = Set("people", "pids.max", round % 3 == 0 ? text(3) : "5");
    request.why = text(6);
    request.owner = text(4);
    if (round % 7 == 0) request.settings.emplace_back("io.max", "[{device: " + text(3) + "}]");
    Findings findings;
    const auto document = WriteByHand(request, Load(), Judge().desired, facts_, kNow, findings);
    ASSERT_EQ(document.has_value(), !findings.has_errors());
    for (const Diagnostic& finding : findings.all()) {
      ASSERT_TRUE(finding.mark.file == nullptr || finding.mark.file->name == "command line")
          << finding.mark.FileLineColumn() << finding.message;
    }
    if (!document) continue;
    ++written;
    Findings loading;
    const reeve::Policy read = LoadPolicy({File(document->file_name, document->text, 2)}, loading);
    ASSERT_EQ(FindingsText(loading), "") << document->text;
    ASSERT_EQ(read.documents.size(), 1U);
    const Document& only = read.documents[0];
    ASSERT_EQ(only.metadata.why, request.why);
    ASSERT_EQ(ParseMoment(only.metadata.expires->text), kNow + 3600);
    ASSERT_EQ(only.cgroups.size(), 1U);
    ASSERT_EQ(only.cgroups[0].name.text, "people");
    ASSERT_EQ(only.cgroups[0].settings.size(), request.settings.size());
    ASSERT_EQ(only.cgroups[0].settings.back().value.text, request.settings[0].second);
    ASSERT_THAT(only.cgroups[0].children, IsEmpty());
  }
  EXPECT_GT(written, 300);
}

}  // namespace
}  // namespace reeve::policy
