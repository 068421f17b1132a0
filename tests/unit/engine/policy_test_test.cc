// SPDX-License-Identifier: Apache-2.0
#include "core/engine/policy_test.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/policy/policy_test_reader.h"
#include "support/findings_text.h"

namespace reeve::engine {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

class NoData : public port::DataSource {
 public:
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return Error{ErrorKind::kNotFound, 2, name, "there is no such file"};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }
};

constexpr std::string_view kCgroups =
    "cgroups:\n"
    "  web:\n"
    "    memory.max: 4GiB\n"
    "    memory.high: 90% of memory.max\n"
    "    cpu.max: 50% of host\n"
    "    cgroups: {api: {pids.max: 100}}\n"
    "  db: {io.weight: [{default: 50}]}\n";

// Judges a test's last lines against a policy; one line for each failure:
// "WHAT: expected EXPECTED, got GOT @ place: NEXT".
std::string Judged(std::string_view body, std::string_view cgroups = kCgroups) {
  policy::Findings findings;
  const auto no_host = [](const std::string& name,
                          policy::Findings&) -> Result<policy::RecordedHost> {
    return Error{ErrorKind::kNotFound, 2, name, "none"};
  };
  auto tests = policy::ReadPolicyTests(
      TextFile("t.yaml",
               fmt::format(
                   "apiVersion: reeve/v1\nkind: PolicyTest\nmetadata: {{name: t}}\n"
                   "policies: p.yaml\nfacts: {{cpus: 4, memory: 16GiB, controllers: [cpu, memory, "
                   "pids], units: {{app.slice: {{}}, app.service: {{slice: app.slice}}}}}}\n{}",
                   body)),
      no_host,
      findings);
  EXPECT_EQ(FindingsText(findings), "");
  if (tests.size() != 1) return "NO TEST";
  NoData data;
  const Generation generation = Judge(
      {TextFile(
          "d/p.yaml",
          fmt::format("apiVersion: reeve/v1\nkind: Policy\nmetadata: {{name: p}}\n{}", cgroups))},
      tests[0].facts,
      data,
      0);
  std::string text;
  for (const TestFailure& failure : JudgeTest(tests[0], generation).failures) {
    EXPECT_TRUE(failure.mark.known());
    EXPECT_NE(failure.next, "");
    text += fmt::format("{} {}: expected {}, got {}{}\n",
                        failure.mark.FileLine(),
                        failure.what,
                        failure.expected,
                        failure.got.empty() ? "nothing" : failure.got,
                        failure.got_mark.known() ? " @ " + failure.got_mark.FileLine() : "");
  }
  return text;
}

std::string Expecting(std::string_view expect) {
  return Judged(fmt::format("expect: {{{}}}\n", expect));
}

TEST(PolicyTest, ValuesMayBeSaidInAnyUnit) {
  EXPECT_EQ(Expecting("cgroups: {web: {memory.max: 4GiB, cpu.max: 2 cores}}"), "");
  EXPECT_EQ(Expecting("cgroups: {web: {memory.max: 4294967296, cpu.max: 200000 100000}}"), "");
  EXPECT_EQ(Expecting("cgroups: {web: {memory.max: 25% of host, cpu.max: 50% of host}}"), "");
  EXPECT_EQ(Expecting("cgroups: {web: {memory.high: 90% of memory.max}}"), "");
  // What the kernel rounds to a page is the same.
  EXPECT_EQ(Expecting("cgroups: {web: {memory.high: 3865468928}}"), "");
}

TEST(PolicyTest, AnotherValueIsShownWithBothPlaces) {
  EXPECT_EQ(Expecting("cgroups: {web: {memory.max: 5GiB}}"),
            "t.yaml:6 web memory.max: expected 5368709120, got 4294967296 @ d/p.yaml:6\n");
  EXPECT_EQ(Expecting("cgroups: {web: {memory.high: 4GiB}}"),
            "t.yaml:6 web memory.high: expected 4294967296, got 3865470566 @ d/p.yaml:7\n");
}

TEST(PolicyTest, WhatIsNotThereSaysWhy) {
  EXPECT_EQ(Expecting("cgroups: {web: {memory.min: 1GiB}}"),
            "t.yaml:6 web memory.min: expected 1073741824, got nothing @ d/p.yaml:5\n");
  EXPECT_EQ(Expecting("cgroups: {wob: {}}"), "t.yaml:6 wob: expected a cgroup, got nothing\n");
  EXPECT_EQ(Expecting("cgroups: {db: {io.weight: [{default: 50}]}}"),
            "t.yaml:6 db io.weight: expected default 50, got nothing @ d/p.yaml:10\n");
}

TEST(PolicyTest, AbsentMeansNotThere) {
  EXPECT_EQ(Expecting("cgroups: {web: {memory.min: absent}, mail: absent, \"x*\": absent}"), "");
  EXPECT_EQ(Expecting("cgroups: {web: {memory.max: absent}}"),
            "t.yaml:6 web memory.max: expected absent, got 4294967296 @ d/p.yaml:6\n");
  EXPECT_EQ(Expecting("cgroups: {\"w*\": absent}"),
            "t.yaml:6 web: expected absent, got the policies describe it @ d/p.yaml:5\n");
}

TEST(PolicyTest, NothingElseCountsCgroupsAndKeys) {
  EXPECT_EQ(Expecting("nothing_else: true, cgroups: {db: {}, web: {memory.max: 4GiB, memory.high: "
                      "90% of memory.max, cpu.max: 2 cores}, web/api: {pids.max: 100}}"),
            "");
  EXPECT_EQ(
      Expecting("nothing_else: true, cgroups: {db: {}, web/api: {}}"),
      "t.yaml:6 web cpu.max: expected nothing else, got cpu.max 200000 100000 @ d/p.yaml:8\n"
      "t.yaml:6 web memory.high: expected nothing else, got memory.high 3865470566 @ d/p.yaml:7\n"
      "t.yaml:6 web memory.max: expected nothing else, got memory.max 4294967296 @ d/p.yaml:6\n"
      "t.yaml:6 web/api pids.max: expected nothing else, got pids.max 100 @ d/p.yaml:9\n");
  EXPECT_EQ(Expecting("nothing_else: true, cgroups: {web: {memory.max: 4GiB, memory.high: 90% of "
                      "memory.max, cpu.max: 2 cores}, web/api: {pids.max: 100}}"),
            "t.yaml:6 db: expected nothing else, got a cgroup more @ d/p.yaml:10\n");
}

TEST(PolicyTest, GapsAreComplete) {
  EXPECT_EQ(Expecting("gaps: [{cgroup: db, key: io.weight, kind: unsupported}]"), "");
  EXPECT_EQ(Expecting("gaps: [{cgroup: db, key: io.weight}]"), "");
  EXPECT_EQ(
      Expecting("gaps: [{cgroup: db, key: io.weight, kind: pending}]"),
      "t.yaml:6 db io.weight: expected pending, got nothing\n"
      "t.yaml:6 db io.weight: expected no other gap, got unsupported: this host's managed root "
      "has no io controller @ d/p.yaml:10\n");
  EXPECT_EQ(Expecting(""), "");  // not looked at
}

TEST(PolicyTest, FindingsAreCompleteOrAtLeastNoErrors) {
  const std::string_view wrong = "cgroups: {web: {memory.max: 1GiB, memory.high: 2GiB}}\n";
  const std::string_view low = "cgroups: {web: {pids.max: 5}}\n";

  EXPECT_EQ(Judged("expect: {findings: [{code: R0107}]}\n", wrong), "");
  EXPECT_EQ(Judged("expect: {findings: [{code: R0107, file: p.yaml, line: 4}]}\n", wrong), "");
  EXPECT_EQ(Judged("expect: {findings: [{code: R0107, file: x/p.yaml}]}\n", wrong).substr(0, 66),
            "t.yaml:6 findings: expected R0107 in x/p.yaml, got nothing\nt.yaml:");
  EXPECT_NE(Judged("expect: {findings: [{code: R0107, line: 5}]}\n", wrong), "");
  EXPECT_NE(Judged("expect: {}\n", wrong).find("expected no error, got R0107"), std::string::npos);
  EXPECT_EQ(Judged("expect: {}\n", low), "");
  EXPECT_NE(Judged("expect: {findings: []}\n", low).find("expected no other finding, got R04"),
            std::string::npos);
}

TEST(PolicyTest, ErrorsLeaveNothingToExpectOfTheTree) {
  const std::string_view wrong = "cgroups: {web: {memory.max: 1GiB, memory.high: 2GiB}}\n";

  EXPECT_EQ(
      Judged("expect: {findings: [{code: R0107}], cgroups: {web: {memory.max: 1GiB}}}\n", wrong),
      "t.yaml:6 the tree: expected policies that can be used, got errors in them\n");
}

constexpr std::string_view kTree =
    "tree:\n"
    "  web: {owner: created, memory.max: 8GiB, memory.high: max, cpu.max: max 100000,"
    " memory.current: 6GiB}\n";

TEST(PolicyTest, APlanNeedsATree) {
  EXPECT_EQ(Expecting("care: []"), "t.yaml:6 the plan: expected a tree to plan for, got nothing\n");
}

TEST(PolicyTest, HoldsThePlanAgainstCareAndHeld) {
  EXPECT_EQ(
      Judged(fmt::format("{}expect: {{held: [{{cgroup: web, key: memory.max}}, {{cgroup: web, key: "
                         "memory.high}}], care: [{{class: kill, cgroup: web, key: memory.max}}], "
                         "as_described: false}}\n",
                         kTree)),
      "");
  const std::string wrong =
      Judged(fmt::format("{}expect: {{held: [], care: [{{class: lost}}]}}\n", kTree));
  EXPECT_NE(wrong.find("t.yaml:8 care: expected !lost, got nothing\n"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("t.yaml:8 web memory.max: expected no other care, got !kill memory.max "
                       "8589934592 -> 4294967296"),
            std::string::npos)
      << wrong;
  EXPECT_NE(
      wrong.find("t.yaml:8 web memory.max: expected nothing else held back, got 8589934592 -> "
                 "4294967296, 6442450944 bytes are in use @ d/p.yaml:6\n"),
      std::string::npos)
      << wrong;
}

TEST(PolicyTest, KnowsWhetherTheTreeIsAsDescribed) {
  const std::string_view one = "cgroups: {web: {cpu.weight: 50}}\n";
  constexpr std::string_view kThere =
      "tree:\n  .: {cgroup.subtree_control: cpu memory pids}\n"
      "  web: {owner: created, cpu.weight: 50}\n";

  EXPECT_EQ(Judged(fmt::format("{}expect: {{as_described: true}}\n", kThere), one), "");
  EXPECT_EQ(Judged(fmt::format("{}expect: {{as_described: false}}\n", kThere), one),
            "t.yaml:9 as_described: expected something to do, got nothing to do\n");
  EXPECT_EQ(Judged("tree: {}\nexpect: {as_described: true}\n", one).substr(0, 64),
            "t.yaml:7 as_described: expected nothing to do, got create web an");
}

constexpr std::string_view kUnits =
    "units:\n"
    "  app.slice: {memory.max: 4GiB}\n"
    "  <n>.service: {where: {slice: app.slice}, memory.max: 50% of parent, cpu.max: 1 core}\n"
    "  gone.service: {pids.max: 500}\n";

TEST(PolicyTest, UnitsAreExpectedByTheirNames) {
  const auto judged = [](std::string_view expect) {
    return Judged(fmt::format("expect: {{{}}}\n", expect), kUnits);
  };
  EXPECT_EQ(judged("units: {app.service: {memory.max: 50% of parent, cpu.max: 25% of host}, "
                   "app.slice: {memory.max: 4GiB}}, nothing_else: true, gaps: [{cgroup: "
                   "gone.service, key: pids.max, kind: pending}]"),
            "");
  EXPECT_EQ(judged("units: {app.service: {memory.max: 1GiB}}"),
            "t.yaml:6 app.service memory.max: expected 1073741824, got 2147483648 @ d/p.yaml:6\n");
  EXPECT_EQ(judged("units: {\"*.service\": absent, gone.service: {pids.max: 500}}"),
            "t.yaml:6 app.service: expected absent, got the policies describe it @ d/p.yaml:6\n"
            "t.yaml:6 gone.service: expected a unit, got nothing\n");
  EXPECT_EQ(judged("units: {app.slice: {memory.max: 4GiB}}, nothing_else: true"),
            "t.yaml:6 app.service: expected nothing else, got a unit more @ d/p.yaml:6\n");
  EXPECT_EQ(judged("gaps: []"),
            "t.yaml:6 gone.service pids.max: expected no other gap, got pending: no unit of this "
            "name is loaded @ d/p.yaml:7\n");
}

TEST(PolicyTest, ACgroupThatIsOnlyObservedIsNotInForce) {
  const std::string text =
      Judged("expect: {cgroups: {web: {}}}\n",
             "---\napiVersion: reeve/v1\nkind: Policy\nmetadata: {name: o, mode: observe}\n"
             "cgroups: {web: {pids.max: 100}}\n");

  EXPECT_EQ(text, "t.yaml:6 web: expected a cgroup, got only observed @ d/p.yaml:8\n");
}

}  // namespace
}  // namespace reeve::engine
