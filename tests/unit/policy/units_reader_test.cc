// SPDX-License-Identifier: Apache-2.0
// `units:` in a policy: what is refused, with which words, and what is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/policy/where.h"
#include "load_testing.h"

namespace reeve::policy {
namespace {

TEST(UnitsReader, KeysOfCgroupsThatMakeNoSenseSayWhy) {
  EXPECT_EQ(Wrong("units:\n  a.service: {match: [{user: b}], raw: {x.y: 1}}\n"),
            "t.yaml:2:15-19 R0136 `match` makes no sense for a unit of systemd\n"
            "  hint: systemd decides which processes a unit has\n"
            "t.yaml:2:35-37 R0136 `raw` makes no sense for a unit of systemd\n"
            "  hint: systemd sets properties, not files; a file without a property needs "
            "Delegate=\n");
  EXPECT_EQ(Wrong("units:\n  a.service: {memroy: 1, cgroup.procs: 1}\n"),
            "t.yaml:2:15-20 R0101 `memroy` is no key of a unit of systemd\n"
            "t.yaml:2:26-37 R0121 cgroup.procs is a command, not a key\n"
            "  hint: processes are placed by `match:`; by hand `reevectl run CGROUP -- COMMAND` "
            "starts one inside\n");
}

TEST(UnitsReader, NamesAreThoseOfUnitsWithACgroup) {
  EXPECT_EQ(Wrong("units:\n  postgresql: {memory.max: 1GiB}\n"),
            "t.yaml:2:3-12 R0137 `postgresql` is no unit with a cgroup: it has no type; units end "
            "in .service, .slice, .scope, .socket, .mount or .swap\n"
            "  hint: `postgresql.service`?\n");
  EXPECT_EQ(Wrong("units:\n  backup.timer: {memory.max: 1GiB}\n"),
            "t.yaml:2:3-14 R0137 `backup.timer` is no unit with a cgroup: a timer has no "
            "processes; name the service that it starts\n");
  EXPECT_EQ(Wrong("units:\n  a-<b.service: {}\n"),
            "t.yaml:2:3-14 R0125 `a-<b.service` has brackets that hold no variable\n"
            "  hint: <name>: a letter, then letters, digits, `_` and `-`\n");
}

TEST(UnitsReader, TwoRoadsNeverMeetOnOneCgroup) {
  EXPECT_EQ(Wrong("units:\n  reeve.slice: {memory.max: 1GiB}\n"),
            "t.yaml:2:3-13 R0138 reeve leaves `reeve.slice` alone: it is reeve's own; what is in "
            "its tree stands under `cgroups:`, and how much all of it may weigh in reeved.yaml "
            "under `tree:`\n");
  EXPECT_EQ(Wrong("units:\n  init.scope: {memory.max: 1GiB}\n"),
            "t.yaml:2:3-12 R0138 reeve leaves `init.scope` alone: systemd itself lives in it\n");
}

TEST(UnitsReader, WhereIsJudgedWithoutAHost) {
  EXPECT_EQ(Wrong("units:\n  user-<u>.slice:\n    where: {uid: alice, slice: system, host: a}\n"),
            "t.yaml:3:18-22 R0222 `alice` is no user id and no range of them\n"
            "  hint: write `uid: 1000..`, `..999` or `1000..59999`; for a name there is `user`\n"
            "t.yaml:3:32-37 R0201 `system` is no slice\n"
            "  hint: write `system.slice`\n"
            "t.yaml:3:40-43 R0101 `host` is no key of where\n"
            "  hint: `host` stands in a document\n");
}

TEST(UnitsReader, AUnitIsReadLikeACgroup) {
  const Policy policy = Loaded(
      "profiles: {quiet: {cpu.weight: 10}}\n"
      "units:\n"
      "  app-<n>.service:\n"
      "    where: {slice: app.slice}\n"
      "    use: [quiet]\n"
      "    memory.max: <n>\n"
      "    labels: {tenant: <n>}\n"
      "    on_drift: repair\n"
      "    max_instances: 7\n");
  ASSERT_EQ(policy.documents.size(), 1U);
  ASSERT_EQ(policy.documents[0].units.size(), 1U);
  const CgroupSpec& unit = policy.documents[0].units[0];
  EXPECT_EQ(unit.name.text, "app-<n>.service");
  EXPECT_EQ(unit.where.children.size(), 1U);
  EXPECT_EQ(unit.settings.size(), 1U);
  EXPECT_EQ(unit.use.size(), 1U);
  EXPECT_EQ(unit.on_drift, OnDrift::kRepair);
  EXPECT_EQ(unit.max_instances, 7U);
}

TEST(UnitsReader, AnUnknownProfileIsFoundUnderUnitsToo) {
  EXPECT_EQ(Wrong("profiles: {quiet: {cpu.weight: 10}}\nunits: {a.service: {use: quite}}\n"),
            "t.yaml:2:26-30 R0303 no profile is called `quite`\n"
            "  hint: did you mean `quiet`?\n");
}

bool Fits(std::string_view where, std::string_view unit, const UnitFact& fact) {
  const Policy policy = Loaded("units: {<n>.service: {where: " + std::string(where) + "}}\n");
  return WhereHolds(policy.documents.at(0).units.at(0).where, unit, fact);
}

TEST(Where, LooksAtUserSliceAndName) {
  const UnitFact postgres{"system.slice", true, 105, "postgres", {"postgres", "ssl-cert"}, {}};
  const char* const unit = "postgresql@15-main.service";
  EXPECT_TRUE(Fits("{uid: ..999, user: post*, group: ssl-cert}", unit, postgres));
  EXPECT_FALSE(Fits("{uid: 1000.., user: post*}", unit, postgres));
  EXPECT_TRUE(Fits("{uid: [1000.., 105]}", unit, postgres));
  EXPECT_TRUE(Fits("{slice: system.slice, not: {name: [ssh, systemd-*]}}", unit, postgres));
  EXPECT_FALSE(Fits("{not: {name: postgresql*}}", unit, postgres));
  EXPECT_TRUE(Fits("{name: postgresql@15-main}", unit, postgres));
  EXPECT_TRUE(Fits("{any: [{user: root}, {group: postgres}]}", unit, postgres));
  EXPECT_FALSE(Fits("{group: staff}", unit, postgres));
}

TEST(Where, KnowsUsersByTheNamesOfLogind) {
  EXPECT_TRUE(Fits("{uid: 1000..}", "user-1000.slice", {}));
  EXPECT_FALSE(Fits("{uid: 1000..}", "user-999.slice", {}));
  UnitFact session;
  session.slice = "user-1001.slice";
  EXPECT_TRUE(Fits("{uid: 1001}", "session-3.scope", session));
  // What is not known is false.
  EXPECT_FALSE(Fits("{uid: 0..}", "nginx.service", {}));
  EXPECT_TRUE(Fits("{not: {user: root}}", "nginx.service", {}));
}

}  // namespace
}  // namespace reeve::policy
