// SPDX-License-Identifier: Apache-2.0
// The pure half of `units:`: from texts and a host with units to what each of them shall hold.
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/generation.h"
#include "core/format/knob_text.h"
#include "core/format/unit_text.h"
#include "core/model/unit_name.h"
#include "support/findings_text.h"

namespace reeve::engine {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

constexpr std::int64_t kNow = 1'795'296'600;  // 2026-11-21 21:30 UTC
constexpr std::string_view kHead = "apiVersion: reeve/v1\nkind: Policy\n";

class NoData : public port::DataSource {
 public:
  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    return Error{ErrorKind::kNotFound, 2, name, "there is no such file"};
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }
};

UnitFact In(std::string slice) {
  UnitFact fact;
  fact.slice = std::move(slice);
  fact.active = true;
  return fact;
}

HostFacts Host() {
  HostFacts facts;
  facts.systemd = "252.39-1~deb12u1";
  facts.kernel = "6.1.0-56-amd64";
  facts.cpus = 4;
  facts.memory = 16ULL << 30;
  facts.max_tasks = 32'768;
  facts.devices = {{"/dev/sda", {"8:0", "sda"}}};
  facts.units = {{"user.slice", {}},
                 {"user-0.slice", In("user.slice")},
                 {"user-1000.slice", In("user.slice")},
                 {"user-1001.slice", In("user.slice")},
                 {"system.slice", {}},
                 {"ssh.service", In("system.slice")},
                 {"postgresql.service", In("system.slice")},
                 {"app.slice", {}},
                 {"app-api.service", In("app.slice")},
                 {"app-worker@1.service", In("app.slice")},
                 {"app-worker@2.service", In("app.slice")},
                 {"reeve.slice", {}},
                 {"reeved.service", In("system.slice")},
                 {"backup.timer", {}}};
  facts.units["user-1000.slice"].user = "ito";
  return facts;
}

// A line for each unit, then the gaps.
std::string Text(const Desired& desired) {
  std::string text;
  const auto add = [&](const DesiredCgroup& unit, std::string_view mark) {
    text += fmt::format("{}{}", mark, unit.path.text());
    for (const auto& [file, knob] : unit.knobs) {
      text += fmt::format(" {}={}", file, format::FormatKnob(*knob.knob, knob.value));
    }
    text += '\n';
  };
  for (const auto& entry : desired.cgroups) add(entry.second, "");
  for (const auto& entry : desired.observed_only) add(entry.second, "~");
  for (const Gap& gap : desired.gaps) {
    text += fmt::format("{} {} {}: {}\n",
                        gap.kind == Gap::Kind::kPending ? "pending" : "unsupported",
                        gap.path.text(),
                        gap.file,
                        gap.reason);
  }
  return text;
}

class UnitsJudged : public ::testing::Test {
 protected:
  // Each body is a document of its own.
  Generation JudgeBodies(const std::vector<std::string>& bodies) {
    std::vector<std::shared_ptr<const SourceFile>> files;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      std::string text(kHead);
      if (bodies[i].find("metadata:") == std::string::npos) text += "metadata: {name: p}\n";
      files.push_back(TextFile(fmt::format("{}.yaml", i + 1), text + bodies[i]));
    }
    return Judge(files, facts_, data_, kNow);
  }

  template <typename... Bodies>
  std::string Units(const Bodies&... bodies) {
    const Generation generation = JudgeBodies({bodies...});
    EXPECT_EQ(FindingsText(generation.findings), "");
    EXPECT_TRUE(generation.desired.cgroups.empty());
    return Text(generation.units);
  }

  NoData data_;
  HostFacts facts_ = Host();
};

TEST_F(UnitsJudged, LiteralNamesAreWantedWhenLoadedAndElsePending) {
  EXPECT_EQ(Units("units:\n"
                  "  postgresql.service: {memory.max: 8GiB, cpu.weight: 800}\n"
                  "  gone.service: {memory.max: 1GiB, pids.max: 5000}\n"),
            "postgresql.service cpu.weight=800 memory.max=8589934592\n"
            "pending gone.service memory.max: no unit of this name is loaded\n"
            "pending gone.service pids.max: no unit of this name is loaded\n");
}

TEST_F(UnitsJudged, TemplatesAreEveryLoadedUnitThatFits) {
  EXPECT_EQ(Units("units:\n  app-worker@<n>.service: {cpu.weight: <n>00}\n"),
            "app-worker@1.service cpu.weight=100\n"
            "app-worker@2.service cpu.weight=200\n");
  EXPECT_EQ(Units("units:\n  user-<uid>.slice: {where: {uid: 1000..}, pids.max: 2000}\n"),
            "user-1000.slice pids.max=2000\n"
            "user-1001.slice pids.max=2000\n");
}

TEST_F(UnitsJudged, NoTemplateTakesReevesOwn) {
  EXPECT_EQ(Units("units:\n"
                  "  <n>.slice: {where: {not: {name: user*}}, cpu.weight: 50}\n"
                  "  <n>.service: {where: {slice: system.slice}, cpu.weight: 50}\n"),
            "app.slice cpu.weight=50\n"
            "postgresql.service cpu.weight=50\n"
            "ssh.service cpu.weight=50\n"
            "system.slice cpu.weight=50\n");
}

TEST_F(UnitsJudged, ALiteralNameThatFitsInheritsAndItsOwnKeysWin) {
  const Generation generation =
      JudgeBodies({"units:\n"
                   "  user-<id>.slice:\n"
                   "    where: {uid: 1000..}\n"
                   "    memory.high: 6GiB\n"
                   "    pids.max: 2000\n"
                   "    labels: {person: <id>}\n"
                   "  user-1001.slice: {memory.high: 60GiB, labels: {special: of-<id>}}\n"});
  EXPECT_EQ(FindingsText(generation.findings), "");
  EXPECT_EQ(Text(generation.units),
            "user-1000.slice memory.high=6442450944 pids.max=2000\n"
            "user-1001.slice memory.high=64424509440 pids.max=2000\n");
  const DesiredCgroup& special = generation.units.cgroups.at(CgroupPath().Child("user-1001.slice"));
  EXPECT_EQ(special.template_name, "user-<id>.slice");
  EXPECT_EQ(special.labels.at("person"), "1001");
  EXPECT_EQ(special.labels.at("special"), "of-1001");
  EXPECT_EQ(special.on_drift, OnDrift::kReport);
  EXPECT_EQ(special.knobs.at("memory.high").overridden.size(), 1U);
}

TEST_F(UnitsJudged, TheTemplateThatSaysMoreOfTheNameWins) {
  EXPECT_EQ(Units("units:\n"
                  "  <n>.service: {where: {slice: app.slice}, cpu.weight: 50, memory.high: 1GiB}\n"
                  "  app-worker@<n>.service: {cpu.weight: 20}\n"),
            "app-api.service cpu.weight=50 memory.high=1073741824\n"
            "app-worker@1.service cpu.weight=20 memory.high=1073741824\n"
            "app-worker@2.service cpu.weight=20 memory.high=1073741824\n");
}

TEST_F(UnitsJudged, DocumentsAreMergedByPriority) {
  EXPECT_EQ(Units("units: {ssh.service: {cpu.weight: 500}}\n",
                  "metadata: {name: rest, priority: -10}\n"
                  "units: {<n>.service: {where: {slice: system.slice}, cpu.weight: 50}}\n"),
            "postgresql.service cpu.weight=50\n"
            "ssh.service cpu.weight=500\n");
  const Generation generation = JudgeBodies(
      {"units: {ssh.service: {cpu.weight: 500}}\n", "units: {ssh.service: {cpu.weight: 50}}\n"});
  EXPECT_THAT(FindingsText(generation.findings),
              ::testing::HasSubstr("R0301 `cpu.weight` of `ssh.service` is `50` here and `500`"));
}

TEST_F(UnitsJudged, WhatIsOnlyObservedStandsBeside) {
  EXPECT_EQ(Units("units: {app.slice: {memory.max: 3GiB}}\n",
                  "metadata: {name: watch, mode: observe}\n"
                  "units: {app.slice: {memory.max: 2GiB}, gone.slice: {memory.max: 1GiB}}\n"),
            "app.slice memory.max=3221225472\n"
            "~app.slice memory.max=2147483648\n"
            "pending gone.slice memory.max: no unit of this name is loaded\n");
}

TEST_F(UnitsJudged, ParentIsTheSliceAboveAsGovernedOrFound) {
  EXPECT_EQ(Units("units:\n"
                  "  app.slice: {memory.max: 8GiB}\n"
                  "  app-worker@1.service: {memory.max: 50% of parent, cpu.max: 50% of host}\n"),
            "app-worker@1.service cpu.max=200000 100000 memory.max=4294967296\n"
            "app.slice memory.max=8589934592\n");
  facts_.units["app.slice"].limits = {{"memory.max", "1073741824"}, {"cpu.max", "100000 50000"}};
  EXPECT_EQ(Units("units:\n"
                  "  app-worker@1.service: {memory.max: 50% of parent, cpu.max: 50% of parent}\n"),
            "app-worker@1.service cpu.max=100000 100000 memory.max=536870912\n");
  // Nobody above has a limit, and those of reeve's own tree do not count here.
  facts_.limits_above = {{"memory.max", "4096"}};
  EXPECT_EQ(Units("units: {user-1000.slice: {memory.max: 25% of parent}}\n"),
            "user-1000.slice memory.max=4294967296\n");
}

TEST_F(UnitsJudged, ValuesAreAsSystemdKeepsThem) {
  const Generation generation =
      JudgeBodies({"units:\n  ssh.service: {cpu.max: 25% of host}\n"
                   "  app.slice: {cpu.max: \"33333 100000\", cpuset.cpus: 0-1}\n"});
  EXPECT_EQ(FindingsText(generation.findings), "");
  EXPECT_EQ(Text(generation.units),
            "app.slice cpu.max=33000 100000 cpuset.cpus=0-1\n"
            "ssh.service cpu.max=100000 100000\n");
  const auto& units = generation.units.cgroups;
  EXPECT_EQ(units.at(CgroupPath().Child("app.slice")).knobs.at("cpu.max").note,
            "as systemd keeps it, in whole percents of a CPU");
  EXPECT_EQ(units.at(CgroupPath().Child("ssh.service")).knobs.at("cpu.max").note, "");
}

TEST_F(UnitsJudged, WhatSystemdCannotSayIsUnsupportedWithAWayOut) {
  EXPECT_EQ(Units("units:\n"
                  "  app.slice:\n"
                  "    cpu.max.burst: 20ms\n"
                  "    memory.zswap.max: 1GiB\n"
                  "    memory.max: 1GiB\n"
                  "    pids.max: 0\n"),
            "app.slice memory.max=1073741824\n"
            "unsupported app.slice cpu.max.burst: systemd has no property for cpu.max.burst: give "
            "the unit Delegate=, and set it in a cgroup that it makes below\n"
            "unsupported app.slice memory.zswap.max: systemd 252.39-1~deb12u1 can not say "
            "memory.zswap.max; systemd 253 can (MemoryZSwapMax=)\n"
            "unsupported app.slice pids.max: systemd takes no TasksMax= below 1\n");
  facts_.systemd = "253";
  EXPECT_EQ(Units("units: {app.slice: {memory.zswap.max: 1GiB}}\n"),
            "app.slice memory.zswap.max=1073741824\n");
  facts_.units.clear();
  EXPECT_EQ(Units("units: {app.slice: {memory.max: 1GiB}}\n"),
            "pending app.slice memory.max: which units are loaded is not known\n");
  facts_.systemd = "";
  EXPECT_EQ(Units("units: {app.slice: {memory.max: 1GiB}}\n"),
            "unsupported app.slice memory.max: this host has no systemd\n");
}

TEST_F(UnitsJudged, IdleIsLeftToTheWeight) {
  EXPECT_EQ(Units("units: {app.slice: {cpu.idle: false, cpu.weight: 50}}\n"),
            "app.slice cpu.weight=50\n");
  EXPECT_EQ(Units("units: {app.slice: {cpu.idle: true}}\n"), "app.slice cpu.idle=1\n");
}

TEST_F(UnitsJudged, DevicesAreThoseOfTheHost) {
  EXPECT_EQ(
      Units("units:\n"
            "  app.slice:\n"
            "    io.max: [{device: /dev/sda, rbps: 1MiB/s}, {device: /dev/sdb, rbps: 1MiB/s}]\n"),
      "app.slice io.max=8:0 rbps=1048576 wbps=max riops=max wiops=max\n"
      "pending app.slice io.max: /dev/sdb is not on this host\n");
}

TEST_F(UnitsJudged, BeyondMaxInstancesUnitsStayAsTheyAre) {
  EXPECT_EQ(
      Units("units:\n  app-worker@<n>.service: {max_instances: 1, cpu.weight: 10}\n"),
      "app-worker@1.service cpu.weight=10\n"
      "unsupported app-worker@2.service max_instances: it fits the template, but is beyond its "
      "max_instances\n");
}

TEST_F(UnitsJudged, RequireAndExpiryWorkAsForCgroups) {
  const Generation generation =
      JudgeBodies({"units:\n"
                   "  gone.service: {memory.max: 1GiB, pids.max: 900, require: [memory.max]}\n"
                   "  app.slice: {expires: 2020-01-01, memory.max: 1GiB}\n"
                   "  user.slice: {expires: 2027-01-01, memory.max: 1GiB}\n"});
  EXPECT_EQ(FindingsText(generation.findings), "");
  ASSERT_EQ(generation.units.gaps.size(), 2U);
  EXPECT_TRUE(generation.units.gaps[0].required);
  EXPECT_FALSE(generation.units.gaps[1].required);
  EXPECT_EQ(generation.units.cgroups.size(), 1U);
  EXPECT_TRUE(generation.units.cgroups.begin()->second.expires.has_value());
  EXPECT_EQ(generation.tree.judge_again_at, 1'798'761'600);
  EXPECT_TRUE(generation.depends_on_clock);
}

TEST_F(UnitsJudged, ContradictionsAreFoundAsInCgroups) {
  const Generation generation =
      JudgeBodies({"units:\n  gone.service: {memory.max: 1GiB, memory.high: 2GiB}\n"
                   "  app.slice: {cpu.idle: true, cpu.weight: 5}\n"});
  EXPECT_THAT(FindingsText(generation.findings),
              ::testing::AllOf(::testing::HasSubstr("R0107 memory.high is above memory.max"),
                               ::testing::HasSubstr("R0127 cpu.weight cannot stand beside")));
}

TEST_F(UnitsJudged, AProtectionBelowASliceWithoutOneIsSaid) {
  const Generation generation = JudgeBodies({"units: {postgresql.service: {memory.min: 4GiB}}\n"});
  EXPECT_EQ(
      FindingsText(generation.findings),
      "1.yaml:4:42-45 warning R0404 memory.min protects nothing here: `system.slice` above it has "
      "none\n  hint: give `system.slice` memory.min: 4GiB\n");
  facts_.units["system.slice"].limits = {{"memory.min", "8589934592"}};
  EXPECT_EQ(Units("units: {postgresql.service: {memory.min: 4GiB}}\n"),
            "postgresql.service memory.min=4294967296\n");
  // Of a slice that nobody knows nothing is said.
  facts_.units.erase("system.slice");
  EXPECT_EQ(Units("units: {postgresql.service: {memory.min: 4GiB}}\n"),
            "postgresql.service memory.min=4294967296\n");
}

TEST_F(UnitsJudged, AnUnboundVariableNamesThoseThatAreBound) {
  const Generation generation =
      JudgeBodies({"units:\n  user-<id>.slice: {where: {uid: 1000}, memory.max: <size>}\n"});
  EXPECT_EQ(FindingsText(generation.findings),
            "1.yaml:5:53-58 R0302 `<size>` has no value here\n"
            "  hint: bound here: unit, slice, user, uid, id\n");
  // Also where nothing fits.
  facts_.units.clear();
  EXPECT_TRUE(JudgeBodies({"units: {a-<id>.slice: {memory.max: <size>}}\n"}).findings.has_errors());
}

TEST_F(UnitsJudged, WhatMakesNoSenseForOneUnitIsAGapOfIt) {
  facts_.units["app-worker@blue.service"] = In("app.slice");
  facts_.units["app.slice"].limits = {{"memory.max", "1073741824"}};
  EXPECT_EQ(
      Units("profiles: {plan-1: {pids.max: 900}}\n"
            "units:\n"
            "  app-worker@<n>.service:\n"
            "    cpu.weight: <n>00\n"
            "    use: [plan-<n>]\n"
            "    labels: {who: <user>}\n"
            "    memory.max: parent - 2GiB\n"),
      "app-worker@1.service cpu.weight=100 pids.max=900\n"
      "app-worker@2.service cpu.weight=200\n"
      "app-worker@blue.service\n"
      "unsupported app-worker@1.service memory.max: `parent - 2GiB` is below zero on this host "
      "(16GiB)\n"
      "unsupported app-worker@2.service memory.max: `parent - 2GiB` is below zero on this host "
      "(16GiB)\n"
      "unsupported app-worker@blue.service memory.max: `parent - 2GiB` is below zero on this "
      "host (16GiB)\n"
      "unsupported app-worker@2.service use: no profile is called `plan-2`\n"
      "unsupported app-worker@blue.service cpu.weight: `blue00` is not understood\n"
      "unsupported app-worker@blue.service use: no profile is called `plan-blue`\n");
  EXPECT_EQ(Units("units: {app-api.service: {memory.max: 50% of parent, memory.high: 1GiB}}\n"),
            "app-api.service memory.max=536870912\n"
            "unsupported app-api.service memory.high: memory.high is above memory.max\n");
  // What no host changes is an error.
  EXPECT_TRUE(JudgeBodies({"units: {app-<n>.service: {memory.max: 1GiB, memory.high: 2GiB}}\n"})
                  .findings.has_errors());
}

// Whatever is loaded on a host: that makes no policy wrong, reeve's own units are never governed, what comes
// out is what systemd keeps, and judging the same again gives the same.
TEST_F(UnitsJudged, NoHostMakesAPolicyWrong) {
  const std::vector<std::string> bodies = {
      "metadata: {name: q}\n"
      "units:\n"
      "  <n>.service: {where: {slice: a*.slice}, pids.max: 500, cpu.max: \"33333 100000\"}\n"
      "  a-<n>.service: {cpu.weight: 70, memory.max: 50% of parent}\n"
      "  <n>-b.service: {cpu.weight: 80}\n"
      "  <n>.slice: {where: {not: {name: c}}, memory.max: 75% of parent}\n"
      "  a-b.service: {memory.high: 50% of memory.max}\n"
      "  reeve-<x>.scope: {memory.max: 1GiB}\n",
      "metadata: {name: r, priority: -5}\n"
      "units: {<n>.service: {where: {any: [{uid: 5..}, {slice: c.slice}]}, cpu.weight: 5}}\n",
      "metadata: {name: s}\nunits: {c.slice: {pids.max: 700}}\n"};
  std::mt19937_64 random(20'260'412);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> names = {"a.service",
                                          "a-b.service",
                                          "a-c.service",
                                          "x-b.service",
                                          "ssh.service",
                                          "reeved.service",
                                          "a.slice",
                                          "a-b.slice",
                                          "c.slice",
                                          "reeve.slice",
                                          "-.slice",
                                          "reeve-tree.scope",
                                          "reeve-x.scope",
                                          "a@1.service",
                                          "dev-sda.device",
                                          "a\\x2db.service",
                                          "user-5.slice"};
  const std::vector<std::string> slices = {"", "a.slice", "a-b.slice", "c.slice", "-.slice", "x"};
  for (int round = 0; round < 500; ++round) {
    facts_.units.clear();
    for (const std::string& name : names) {
      if (below(3) == 0) continue;
      UnitFact& fact = facts_.units[name];
      fact.slice = slices[below(slices.size())];
      if (below(2) == 0) fact.uid = below(10);
      if (below(2) == 0) fact.limits["memory.max"] = std::to_string(4096 * (1 + below(1 << 20)));
    }
    const Generation generation = JudgeBodies(bodies);
    ASSERT_FALSE(generation.findings.has_errors()) << FindingsText(generation.findings);
    for (const auto& [path, unit] : generation.units.cgroups) {
      ASSERT_TRUE(facts_.units.contains(path.text()));
      ASSERT_EQ(WhyLeftAlone(path.text()), "");
      ASSERT_NE(UnitTypeOf(path.text()), "device");
      for (const auto& [file, knob] : unit.knobs) {
        ASSERT_EQ(format::AsSystemdKeepsIt(*knob.knob, knob.value), knob.value) << file;
      }
    }
    const Generation again = JudgeBodies(bodies);
    ASSERT_EQ(Text(again.units), Text(generation.units));
  }
}

}  // namespace
}  // namespace reeve::engine
