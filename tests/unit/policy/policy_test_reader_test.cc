// SPDX-License-Identifier: Apache-2.0
#include "core/policy/policy_test_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/policy/fields.h"
#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

constexpr std::string_view kHead =
    "apiVersion: reeve/v1\nkind: PolicyTest\nmetadata: {name: a test}\npolicies: a.yaml\n";

Result<RecordedHost> ReadHost(const std::string& name, Findings& findings) {
  if (name != "h.json") return Error{ErrorKind::kNotFound, 2, name, "no such file"};
  return ReadRecordedHost(
      TextFile(name, "host: recorded\ncpus: 8\ntree: {old: {memory.max: max}}\n"), findings);
}

std::vector<PolicyTest> Read(std::string_view text, Findings& findings) {
  return ReadPolicyTests(TextFile("t.yaml", text), ReadHost, findings);
}

PolicyTest One(std::string_view body) {
  Findings findings;
  auto tests = Read(std::string(kHead) + std::string(body), findings);
  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(tests.size(), 1U);
  return tests.empty() ? PolicyTest() : std::move(tests[0]);
}

std::string Wrong(std::string_view body) {
  Findings findings;
  EXPECT_TRUE(Read(std::string(kHead) + std::string(body), findings).empty());
  return FindingsText(findings);
}

TEST(PolicyTestReader, ReadsEveryKey) {
  const PolicyTest test =
      One("paths: [/srv/a, /srv/b]\n"
          "now: 2026-12-15\n"
          "facts: {cpus: 4, own: {role: web}}\n"
          "tree: {web: {memory.current: 1GiB}}\n"
          "expect:\n"
          "  nothing_else: true\n"
          "  as_described: false\n"
          "  findings: [{code: R0107, file: a.yaml, line: 7}]\n"
          "  gaps: [{cgroup: db, key: io.weight, kind: pending}]\n"
          "  care: [{class: kill, cgroup: web, key: memory.max}]\n"
          "  held: [{cgroup: web, key: memory.max}]\n"
          "  cgroups:\n"
          "    web/api: {cpu.max: 2 cores, memory.max: absent, raw: {memory.new: \"1\"}}\n"
          "    \"db*\": absent\n");

  EXPECT_EQ(test.name, "a test");
  EXPECT_EQ(test.mark.line, 1U);
  ASSERT_EQ(test.policies.size(), 1U);
  EXPECT_EQ(test.paths.size(), 2U);
  EXPECT_EQ(test.now, 1'797'292'800);
  EXPECT_EQ(test.facts.cpus, 4U);
  EXPECT_TRUE(test.tree.has_value());
  const Expectations& expect = test.expect;
  EXPECT_TRUE(expect.nothing_else);
  EXPECT_EQ(expect.as_described, false);
  EXPECT_EQ(expect.findings->at(0).line, 7U);
  EXPECT_EQ(expect.gaps->at(0).kind, Gap::Kind::kPending);
  EXPECT_EQ(expect.care->at(0).danger, Danger::kKill);
  EXPECT_EQ(expect.held->at(0).key, "memory.max");
  ASSERT_EQ(expect.cgroups.size(), 2U);
  ASSERT_EQ(expect.cgroups[0].settings.size(), 3U);
  EXPECT_TRUE(expect.cgroups[0].settings[0].absent);
  EXPECT_EQ(expect.cgroups[0].settings[0].setting.file, "memory.max");
  EXPECT_EQ(expect.cgroups[0].settings[1].setting.value.text, "2 cores");
  EXPECT_TRUE(expect.cgroups[0].settings[2].setting.raw);
  EXPECT_TRUE(expect.cgroups[1].absent);
}

TEST(PolicyTestReader, WhatIsSaidHereIsLaidOverTheHost) {
  const PolicyTest both = One("facts: {cpus: 4}\nhost: h.json\nexpect: {}\n");
  const PolicyTest other = One("host: h.json\ntree: {new: {}}\nexpect: {}\n");

  EXPECT_EQ(both.facts.host, "recorded");
  EXPECT_EQ(both.facts.cpus, 4U);
  EXPECT_EQ(both.tree->cgroups.begin()->first.text(), "old");
  EXPECT_EQ(other.facts.cpus, 8U);
  ASSERT_EQ(other.tree->cgroups.size(), 1U);
  EXPECT_EQ(other.tree->cgroups.begin()->first.text(), "new");
}

TEST(PolicyTestReader, TablesMayStandAsTheKernelPrintsThem) {
  const PolicyTest test =
      One("expect: {cgroups: {db: {io.max: \"8:0 rbps=1\", io.weight: [{default: 50}]}}}\n");

  ASSERT_EQ(test.expect.cgroups.at(0).settings.size(), 2U);
  EXPECT_TRUE(test.expect.cgroups[0].settings[0].kernel_text);
  EXPECT_FALSE(test.expect.cgroups[0].settings[1].kernel_text);
  EXPECT_EQ(test.expect.cgroups[0].settings[1].setting.rows.size(), 1U);
}

TEST(PolicyTestReader, PassesOverPoliciesAndReadsSeveral) {
  Findings findings;
  const std::string two = std::string(kHead) + "expect: {}\n---\napiVersion: reeve/v1\n" +
                          "kind: Policy\nmetadata: {name: p}\n---\n" + std::string(kHead) +
                          "expect: {}\n";

  EXPECT_EQ(Read(two, findings).size(), 2U);
  EXPECT_EQ(FindingsText(findings), "");
}

TEST(PolicyTestReader, ATestThatIsWrongIsLeftOutAndTheOthersAreNot) {
  Findings findings;
  const std::string two =
      std::string(kHead) + "expect: {cgroup: {}}\n---\n" + std::string(kHead) + "expect: {}\n";

  EXPECT_EQ(Read(two, findings).size(), 1U);
  EXPECT_EQ(FindingsText(findings),
            "t.yaml:5:10-15 R0101 `cgroup` is no key of expect\n"
            "  hint: did you mean `cgroups`?\n");
}

TEST(PolicyTestReader, FindsWhatIsWrongWithItsPlace) {
  EXPECT_EQ(Wrong("host: gone.json\nexpect: {}\n").substr(0, 67),
            "t.yaml:5:7-15 R0135 `gone.json` can not be read: no such file\n  hin");
  EXPECT_EQ(Wrong("expect: {care: [{class: kil}]}\n"),
            "t.yaml:5:25-27 R0209 `kil` is no value of `class`\n"
            "  hint: did you mean `kill`?\n");
  EXPECT_EQ(Wrong("expect: {findings: [{code: R9999}]}\n"),
            "t.yaml:5:28-32 R0209 `R9999` is no finding's code\n"
            "  hint: `reevectl help` lists them\n");
  EXPECT_EQ(Wrong("expect: {cgroups: {web: {memory.max: 3 cores}}}\n").substr(0, 40),
            "t.yaml:5:38-44 R0203 memory.max does not");
  EXPECT_NE(Wrong("expect: {cgroups: {a//b: {}}}\n").find("R0117"), std::string::npos);
  EXPECT_NE(Wrong("expect: {cgroups: {web: 3}}\n").find("R0114"), std::string::npos);
  EXPECT_NE(Wrong("expect: {care: [kill]}\n").find("R0114"), std::string::npos);
  EXPECT_NE(Wrong("").find("R0115"), std::string::npos);
  EXPECT_NE(Wrong("expect: {as_described: maybe}\n").find("R0209"), std::string::npos);
}

TEST(PolicyTestReader, TheDaemonPassesTestsOver) {
  Findings findings;
  const Policy policy =
      LoadPolicy({TextFile("t.yaml", std::string(kHead) + "expect: {anything: 1}\n")}, findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_TRUE(policy.documents.empty());
}

// As Reference.TheReaderTakesEveryKeyWithItsExample does it for policies.
TEST(PolicyTestReader, TakesEveryKeyWithItsExample) {
  const auto list = [](std::string_view key, const Field& field, std::string_view others) {
    return fmt::format("expect: {{{}: [{{{}{}: {}}}]}}\n", key, others, field.key, field.example);
  };
  std::size_t tried = 0;
  for (const Section& section : AllSections()) {
    if (!section.test) continue;
    for (const Field& field : section.fields) {
      const std::string entry = fmt::format("{}: {}", field.key, field.example);
      std::string text(kHead);
      switch (section.id) {
        case SectionId::kTest: {
          const std::size_t at = text.find(fmt::format("{}:", field.key));
          if (at != std::string::npos) text.erase(at, text.find('\n', at) + 1 - at);
          text += entry + "\n";
          if (field.key == "host") text.replace(text.find("hosts/web17.json"), 16, "h.json");
          if (field.key != "expect") text += "expect: {}\n";
          break;
        }
        case SectionId::kTestMetadata:
          text.replace(text.find("{name: a test}"),
                       14,
                       fmt::format("{{{}{}}}", field.key == "name" ? "" : "name: x, ", entry));
          text += "expect: {}\n";
          break;
        case SectionId::kExpect:
          text += fmt::format("expect: {{{}}}\n", entry);
          break;
        case SectionId::kExpectedCgroup:
          text += fmt::format("expect: {{cgroups: {{a: {{{}}}}}}}\n", entry);
          break;
        case SectionId::kExpectedFinding:
          text += list("findings", field, field.key == "code" ? "" : "code: R0107, ");
          break;
        case SectionId::kExpectedGap:
          text += list("gaps",
                       field,
                       field.key == "cgroup" ? "key: io.max, "
                       : field.key == "key"  ? "cgroup: a, "
                                             : "cgroup: a, key: io.max, ");
          break;
        case SectionId::kExpectedCare:
          text += list("care", field, field.key == "class" ? "" : "class: kill, ");
          break;
        case SectionId::kExpectedHeld:
          text += list("held", field, field.key == "key" ? "cgroup: a, " : "key: memory.max, ");
          break;
        default:
          FAIL() << section.name;
      }
      Findings findings;
      EXPECT_EQ(Read(text, findings).size(), 1U) << text;
      EXPECT_EQ(FindingsText(findings), "") << text;
      ++tried;
    }
  }
  EXPECT_GT(tried, 20U);
}

}  // namespace
}  // namespace reeve::policy
