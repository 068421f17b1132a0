// SPDX-License-Identifier: Apache-2.0
#include "core/policy/lint.h"

#include <gtest/gtest.h>

#include "core/policy/load.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

Desired WithPids(Limit limit) {
  const auto file = TextFile("web.yaml", "");
  DesiredKnob knob;
  knob.knob = FindKnob("pids.max");
  knob.value = limit;
  knob.mark = {file, 8, 15, 3};
  Desired desired;
  const CgroupPath web = *CgroupPath::Parse("web");
  desired.cgroups[web].path = web;
  desired.cgroups[web].knobs["pids.max"] = knob;
  return desired;
}

std::string Warnings(const Desired& desired, std::string_view when, const HostFacts& facts) {
  Findings findings;
  std::string text = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\n";
  text += when;
  const Policy policy = LoadPolicy({TextFile("a.yaml", text)}, findings);
  Lint(policy, desired, facts, findings);
  return FindingsText(findings);
}

TEST(Lint, ALowPidsMaxIsWarnedOf) {
  EXPECT_EQ(
      Warnings(WithPids(Limit(100)), "", {}),
      "web.yaml:8:15-17 warning R0402 pids.max counts threads, and this is low\n"
      "  hint: 100 threads are soon used up: a compiler, a JVM, a browser have dozens each\n");
  EXPECT_EQ(Warnings(WithPids(Limit(200)), "", {}), "");
  EXPECT_EQ(Warnings(WithPids(Limit::Max()), "", {}), "");
}

TEST(Lint, AFactThatIsNearlyABuiltInOneIsWarnedOf) {
  EXPECT_EQ(Warnings({}, "when: {not: {hosts: web*}}\n", {}),
            "a.yaml:4:14-18 warning R0406 this host has no fact `hosts`\n"
            "  hint: did you mean `host`?\n");
  EXPECT_EQ(Warnings({}, "when: {cpu: 4..}\n", {}),
            "a.yaml:4:8-10 warning R0406 this host has no fact `cpu`\n"
            "  hint: did you mean `cpus`?\n");
  EXPECT_EQ(Warnings({}, "when: {kerenl: 6.1..}\n", {}),
            "a.yaml:4:8-13 warning R0406 this host has no fact `kerenl`\n"
            "  hint: did you mean `kernel`?\n");
}

TEST(Lint, OtherFactsThatThisHostLacksAreNoReasonToWarn) {
  EXPECT_EQ(Warnings({}, "when: {site: fra1, role: web, ring: canary, rooms: 2}\n", {}), "");
  HostFacts facts;
  facts.own = {{"hosts", {"many"}}};
  EXPECT_EQ(Warnings({}, "when: {hosts: many}\n", facts), "");
}

std::string UnitWarnings(std::string_view units, const Desired& desired) {
  Findings findings;
  std::string text = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\nunits:\n";
  text += units;
  const Policy policy = LoadPolicy({TextFile("a.yaml", text)}, findings);
  LintUnits(policy, desired, findings);
  return FindingsText(findings);
}

TEST(Lint, ATemplateThatMeansEveryServiceIsWarnedOf) {
  EXPECT_EQ(UnitWarnings("  <n>.service: {cpu.weight: 50}\n", {}),
            "a.yaml:5:3-13 warning R0413 `<n>.service` is every service of the host, also those "
            "that it cannot do without\n"
            "  hint: say which are meant: `where: {slice: app.slice}`, or which are not: `where: "
            "{not: {name: [ssh, dbus, systemd-*]}}`\n");
  EXPECT_EQ(UnitWarnings("  <n>.service: {where: {slice: app.slice}, cpu.weight: 50}\n"
                         "  app-<n>.service: {cpu.weight: 50}\n"
                         "  <n>@<m>.service: {cpu.weight: 50}\n",
                         {}),
            "");
}

TEST(Lint, AValueOfATemplateIsWarnedOfOnce) {
  Desired desired = WithPids(Limit(100));
  DesiredCgroup other = desired.cgroups.begin()->second;
  other.path = *CgroupPath::Parse("web2");
  desired.cgroups[other.path] = other;
  EXPECT_EQ(UnitWarnings("  app.slice: {cpu.weight: 50}\n", desired),
            UnitWarnings("  app.slice: {cpu.weight: 50}\n", WithPids(Limit(100))));
}

}  // namespace
}  // namespace reeve::policy
