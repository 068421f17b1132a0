// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand_walk.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/policy_world.h"

namespace reeve::policy {
namespace {

using reeve::testing::World;
using ::testing::HasSubstr;

constexpr std::string_view kCustomers =
    "- {name: acme,    user: c1001, plan: gold,   state: active}\n"
    "- {name: bakery,  user: c1002, plan: bronze, state: active}\n"
    "- {name: choir,   user: c1004, plan: bronze, state: closed}\n";

// --- rows ---

TEST(Templates, MakeOneCgroupForEachRow) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  sites:\n"
      "    cgroups:\n"
      "      <name>:\n"
      "        for_each: {file: customers.yaml}\n"
      "        labels: {tenant: <name>}\n"
      "        pids.max: 300\n"
      "        cgroups: {cron: {cpu.weight: 50}, <name>-<plan>: {}}\n");

  EXPECT_EQ(world.Tree(),
            "sites:\n"
            "sites/acme (sites/<name>): pids.max=300 | tenant=acme\n"
            "sites/acme/acme-gold (sites/<name>/<name>-<plan>): | tenant=acme\n"
            "sites/acme/cron (sites/<name>/cron): cpu.weight=50 | tenant=acme\n"
            "sites/bakery (sites/<name>): pids.max=300 | tenant=bakery\n"
            "sites/bakery/bakery-bronze (sites/<name>/<name>-<plan>): | tenant=bakery\n"
            "sites/bakery/cron (sites/<name>/cron): cpu.weight=50 | tenant=bakery\n"
            "sites/choir (sites/<name>): pids.max=300 | tenant=choir\n"
            "sites/choir/choir-bronze (sites/<name>/<name>-<plan>): | tenant=choir\n"
            "sites/choir/cron (sites/<name>/cron): cpu.weight=50 | tenant=choir\n");
}

TEST(Templates, FurtherKeysOfForEachFilterTheRows) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy("cgroups: {<name>: {for_each: {file: customers.yaml, state: active, plan: b*}}}");

  EXPECT_EQ(world.Tree(), "bakery (<name>):\n");
}

TEST(Templates, RowsMayStandInThePolicyItself) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  user-<user>: {for_each: {list: [ann, bob]}, pids.max: 300}\n"
      "  <n>: {for_each: {list: [{n: x, w: 20}, {n: z, w: 30}]}, cpu.weight: <w>}\n");

  EXPECT_EQ(world.Tree(),
            "user-ann (user-<user>): pids.max=300\n"
            "user-bob (user-<user>): pids.max=300\n"
            "x (<n>): cpu.weight=20\n"
            "z (<n>): cpu.weight=30\n");
}

TEST(Templates, RowsOfPathsAreWhatTheVariablesStandFor) {
  World world;
  world.data.paths["/srv/*/site-*"] = {"/srv/acme/site-shop", "/srv/bakery/site-blog"};
  world.Policy(
      "cgroups:\n"
      "  <customer>-<site>:\n"
      "    for_each: {path: /srv/<customer>/site-<site>}\n"
      "    labels: {path: <path>, name: <name>}\n");

  EXPECT_EQ(world.Tree(),
            "acme-shop (<customer>-<site>): | name=site-shop path=/srv/acme/site-shop\n"
            "bakery-blog (<customer>-<site>): | name=site-blog path=/srv/bakery/site-blog\n");
}

TEST(Templates, NestAndTheInnerRowsKnowTheOuterOnes) {
  World world;
  world.Data("sites.csv", "customer,site\nacme,shop\nacme,blog\nbakery,home\n");
  world.data.paths["/srv/*/cron.d/*"] = {"/srv/acme/cron.d/nightly", "/srv/bakery/cron.d/hourly"};
  world.Policy(
      "cgroups:\n"
      "  <customer>:\n"
      "    for_each: {list: [acme, bakery]}\n"
      "    cgroups:\n"
      "      <site>: {for_each: {file: sites.csv, customer: <customer>}}\n"
      "      cron-<job>: {for_each: {path: /srv/<customer>/cron.d/<job>}}\n");

  EXPECT_EQ(world.Tree(),
            "acme (<customer>):\n"
            "acme/blog (<customer>/<site>):\n"
            "acme/cron-nightly (<customer>/cron-<job>):\n"
            "acme/shop (<customer>/<site>):\n"
            "bakery (<customer>):\n"
            "bakery/cron-hourly (<customer>/cron-<job>):\n"
            "bakery/home (<customer>/<site>):\n");
}

TEST(Templates, ValuesInNamesAreEscaped) {
  World world;
  world.Policy("cgroups: {u-<u>: {for_each: {list: [\"a/b\", \"..\", \"x y\"]}}}");

  EXPECT_EQ(world.Tree(), "u-%2E. (u-<u>):\nu-a%2Fb (u-<u>):\nu-x%20y (u-<u>):\n");
}

TEST(Templates, FactsServeValuesWhereNoVariableHasThatName) {
  World world;
  world.facts.cpus = 8;
  world.facts.own = {{"reserve", {"2GiB"}}, {"name", {"never"}}};
  world.Policy(
      "cgroups:\n"
      "  <name>: {for_each: {list: [a]}, memory.min: <reserve>, labels: {of: <name>, c: "
      "<cpus>}}\n");

  EXPECT_EQ(world.Tree(), "a (<name>): memory.min=2GiB | c=8 of=a\n");
}

TEST(Templates, AVariableInACalculationIsOneAmount) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  <d>:\n"
      "    for_each: {list: [{d: a, m: 1GiB, c: 2}, {d: b, m: host - 1GiB, c: 4}]}\n"
      "    cpu.weight: 100 * <c>\n"
      "    memory.min: <m>\n"
      "    memory.max: 2 * <m>\n");

  EXPECT_EQ(world.Tree(),
            "a (<d>): cpu.weight=100 * 2; memory.max=2 * 1GiB; memory.min=1GiB\n"
            "b (<d>): cpu.weight=100 * 4; memory.max=2 * (host - 1GiB); memory.min=host - 1GiB\n");
}

TEST(Templates, VariablesInRowsOfTablesAreReplaced) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  <d>:\n"
      "    for_each: {list: [{d: a, disk: ata-1, r: 5}]}\n"
      "    io.max: [{device: /dev/disk/by-id/<disk>, rbps: <r>MB/s}]\n");

  EXPECT_EQ(world.Tree(), "a (<d>): io.max={device: /dev/disk/by-id/ata-1, rbps: 5MB/s}\n");
}

TEST(Templates, TwoInDifferentFilesMeetInTheirInstances) {
  World world;
  world.Policy("cgroups: {<n>: {for_each: {list: [a, b]}, pids.max: 300}}");
  world.Policy("cgroups: {<m>: {for_each: {list: [b, c]}, cpu.weight: 50}}");

  EXPECT_EQ(world.Tree(),
            "a (<n>): pids.max=300\n"
            "b (<n>): cpu.weight=50; pids.max=300\n"
            "c (<m>): cpu.weight=50\n");
}

// --- literal names that fit a template ---

TEST(LiteralNames, InheritTheTemplateAndTheirOwnKeysWin) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  sites:\n"
      "    cgroups:\n"
      "      <name>:\n"
      "        for_each: {file: customers.yaml, state: active}\n"
      "        memory.max: 8GiB\n"
      "        pids.max: 300\n"
      "        cgroups: {cron: {cpu.weight: 50}}\n"
      "      bakery:\n"
      "        memory.max: 16GiB\n"
      "        labels: {extra: <plan>}\n"
      "        cgroups: {cron: {cpu.weight: 80}, mail: {}}\n");

  EXPECT_EQ(world.Tree(),
            "sites:\n"
            "sites/acme (sites/<name>): memory.max=8GiB; pids.max=300\n"
            "sites/acme/cron (sites/<name>/cron): cpu.weight=50\n"
            "sites/bakery (sites/<name>): memory.max=16GiB (over a.yaml:9); pids.max=300 "
            "| extra=bronze\n"
            "sites/bakery/cron (sites/<name>/cron): cpu.weight=80 (over a.yaml:11) | extra=bronze\n"
            "sites/bakery/mail: | extra=bronze\n");
}

TEST(LiteralNames, MayStandInAnotherFile) {
  World world;
  world.Policy(
      "cgroups: {user-<user>: {for_each: {list: [ito]}, cpu.max: 2 cores, pids.max: 300}}");
  world.Policy("cgroups: {user-ito: {cpu.max: 16 cores, why: INC-4711}}");

  EXPECT_EQ(world.Tree(),
            "user-ito (user-<user>): cpu.max=16 cores (over a.yaml:4); pids.max=300\n");
}

TEST(LiteralNames, ReplaceATemplatesListOfRowsAsAWhole) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  <n>: {for_each: {list: [a]}, io.max: [{mount: /srv, rbps: 5MB/s}]}\n"
      "  a: {io.max: [{mount: /home, rbps: 9MB/s}]}\n");

  EXPECT_EQ(world.Tree(), "a (<n>): io.max={mount: /home, rbps: 9MB/s} (over a.yaml:5)\n");
}

TEST(LiteralNames, AStrongerLayersTemplateIsStrongerThanALiteralName) {
  World world;
  world.Policy("cgroups: {a: {pids.max: 900}}", "name: vendor", 0);
  world.Policy("cgroups: {<n>: {for_each: {list: [a]}, pids.max: 300}}");

  EXPECT_EQ(world.Tree(), "a (<n>): pids.max=300 (over a.yaml:4)\n");
}

TEST(LiteralNames, ThatExpireLeaveThePlainInstance) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  <n>: {for_each: {list: [ito]}, pids.max: 300}\n"
      "  ito: {pids.max: 900, expires: 2026-11-21T00:00:00Z}\n");

  EXPECT_EQ(world.Tree(), "ito (<n>): pids.max=300\n");
}

TEST(LiteralNames, ThatAreInNoRowStandForThemselves) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  <name>: {for_each: {file: customers.yaml, state: active}, pids.max: 300}\n"
      "  shared: {memory.max: 1GiB}\n");

  EXPECT_EQ(world.Tree(),
            "acme (<name>): pids.max=300\n"
            "bakery (<name>): pids.max=300\n"
            "shared: memory.max=1GiB\n");
}

TEST(LiteralNames, ThatAreInNoRowButUseItsVariablesAreNotMade) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  <name>: {for_each: {file: customers.yaml, state: active}}\n"
      "  choir: {memory.max: 1GiB, cgroups: {cron: {labels: {user: <user>}}}}\n");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:6:3-7 warning R0405 `choir` fits the template `<name>` but is in no row of it, "
            "so it is not made: it uses variables of the rows\n"
            "  hint: add a row; or remove this entry, if it was for one that is gone\n"
            "  also: a.yaml:5:3 the template\n");
  EXPECT_EQ(reeve::testing::TreeText(world.tree), "acme (<name>):\nbakery (<name>):\n");
}

TEST(LiteralNames, ThatLookLikeASlipOfThePenAreWarnedOf) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  <name>: {for_each: {file: customers.yaml, state: active}}\n"
      "  bakry: {memory.max: 1GiB}\n"
      "  florist: {memory.max: 1GiB}\n");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:6:3-7 warning R0405 `bakry` fits the template `<name>` but is in no row of it, "
            "so it gets nothing from the template\n"
            "  hint: did you mean `bakery`?\n"
            "  also: a.yaml:5:3 the template\n");
}

TEST(LiteralNames, ThatFitATemplateOfSomeShapeAreWarnedOf) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy(
      "cgroups:\n"
      "  u-<user>: {for_each: {file: customers.yaml, state: active}}\n"
      "  u-gone: {memory.max: 1GiB}\n");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:6:3-8 warning R0405 `u-gone` fits the template `u-<user>` but is in no row of "
            "it, so it gets nothing from the template\n"
            "  hint: add a row; or remove this entry, if it was for one that is gone\n"
            "  also: a.yaml:5:3 the template\n");
}

TEST(LiteralNames, ThatFitNoTemplateStandForThemselves) {
  World world;
  world.Policy("cgroups: {user-<user>: {for_each: {list: [ann]}}, shared: {cpu.weight: 50}}");

  EXPECT_EQ(world.Tree(), "shared: cpu.weight=50\nuser-ann (user-<user>):\n");
}

TEST(LiteralNames, ThatOnlySomeParentsHaveInARowAreNoReasonToWarn) {
  World world;
  world.Data("jobs.csv", "dept,job\nphys,nightly\nchem,weekly\n");
  world.Policy(
      "cgroups:\n"
      "  <dept>:\n"
      "    for_each: {list: [phys, chem]}\n"
      "    cgroups:\n"
      "      job-<job>: {for_each: {file: jobs.csv, dept: <dept>}}\n"
      "      job-nightly: {cpu.weight: 20}\n");

  EXPECT_EQ(world.Tree(),
            "chem (<dept>):\n"
            "chem/job-nightly (<dept>/job-nightly): cpu.weight=20\n"
            "chem/job-weekly (<dept>/job-<job>):\n"
            "phys (<dept>):\n"
            "phys/job-nightly (<dept>/job-<job>): cpu.weight=20\n");
}

// --- what can be wrong ---

TEST(Templates, AnUnboundVariableListsTheBoundOnes) {
  World world;
  world.Data("c.yaml", "- {name: acme, user: c1001}\n");
  world.Policy(
      "cgroups:\n"
      "  <name>:\n"
      "    for_each: {file: c.yaml}\n"
      "    memory.max: 2 * <memory>\n"
      "    labels: {owner: <usr>}\n");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:7:21-28 R0302 `<memory>` has no value here\n"
            "  hint: bound here: name, user\n"
            "  also: c.yaml:1:3 in the instance that this row makes\n"
            "a.yaml:8:21-25 R0302 `<usr>` has no value here\n"
            "  hint: did you mean `<user>`? bound here: name, user\n"
            "  also: c.yaml:1:3 in the instance that this row makes\n");
}

TEST(Templates, ANameWithoutRowsIsUnbound) {
  World world;
  world.Policy("cgroups: {user-<user>: {pids.max: 300}}");

  EXPECT_EQ(
      world.Wrong(),
      "a.yaml:4:16-21 R0302 `<user>` has no value here\n"
      "  hint: no variable has: a `for_each` here or on a cgroup around it gives them values\n");
}

TEST(Templates, FactsDoNotMakeNames) {
  World world;
  world.facts.own = {{"site", {"fra1"}}};
  world.Policy("cgroups: {site-<site>: {}}");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:4:16-21 R0302 `<site>` has no value here\n"
            "  hint: facts can stand in values, not in names\n");
}

TEST(Templates, AFactWithSeveralValuesIsNoValue) {
  World world;
  world.facts.own = {{"role", {"web", "api"}}};
  world.Policy("cgroups: {a: {labels: {role: <role>}}}");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:4:30-35 R0302 `<role>` has no value here\n"
            "  hint: the fact `role` has several values here: web, api\n");
}

TEST(Templates, TwoRowsOfOneNameAreAnErrorThatNamesBoth) {
  World world;
  world.Data("c.csv", "name,plan\nacme,gold\nbakery,gold\nacme,silver\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.csv}}}");

  EXPECT_EQ(world.Wrong(),
            "c.csv:4:1-4 R0308 this row and another one both make `acme`\n"
            "  hint: `<name>` needs another variable, or the rows a filter\n"
            "  also: c.csv:2:1 the other row\n");
}

TEST(Templates, AValueThatIsNoNameIsFoundInItsRow) {
  World world;
  world.Data("c.csv", "name\nmemory.max\n_self\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.csv}}}");

  EXPECT_EQ(world.Wrong(),
            "c.csv:2:1-10 R0307 `memory.max` cannot be the name of a cgroup: names that begin with "
            "'memory.' are the kernel's interface files\n"
            "  also: a.yaml:4:11 `<name>` stands for it here\n"
            "c.csv:3:1-5 R0307 `_self` cannot be the name of a cgroup: '_self' is one of reeve's "
            "own\n"
            "  also: a.yaml:4:11 `<name>` stands for it here\n");
}

TEST(Templates, WrongValuesAreFoundInEachOfTheirRows) {
  World world;
  world.Data("c.csv", "name,memory\nacme,4G\nbakery,2GiB\nchoir,4G\ndentist,lots\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.csv}, memory.max: <memory>}}");

  const std::string wrong = world.Wrong();

  EXPECT_THAT(wrong,
              HasSubstr("c.csv:2:6-7 R0202 `4G` can be read in two ways\n"
                        "  hint: `4GiB` (4294967296 bytes) or `4GB` (4000000000 bytes)\n"
                        "  also: a.yaml:4:57 `<memory>` stands for it here\n"));
  EXPECT_THAT(wrong, HasSubstr("c.csv:5:9-12 R02"));
}

TEST(Templates, MoreInstancesThanAllowedAreAnError) {
  World world;
  world.Policy("cgroups: {<n>: {for_each: {list: [a, b, c]}, max_instances: 2}}");
  std::string rows = "n\n";
  for (int i = 0; i <= 1000; ++i) rows += fmt::format("x{}\n", i);
  world.Data("c.csv", rows);
  world.Policy("cgroups: {many: {cgroups: {<n>: {for_each: {file: c.csv}}}}}");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:4:11-13 R0305 `<n>` would make 3 cgroups, `max_instances` is 2\n"
            "  hint: filter the rows, or say `max_instances: 3`\n"
            "b.yaml:4:28-30 R0305 `<n>` would make 1001 cgroups, `max_instances` is 1000 when it "
            "is not said\n"
            "  hint: filter the rows, or say `max_instances: 1001`\n");
}

TEST(Templates, NestedOnesCannotMakeMoreThanAHostCanHold) {
  World world;
  std::string rows = "n\n";
  for (int i = 0; i < 1000; ++i) rows += fmt::format("x{}\n", i);
  world.Data("c.csv", rows);
  world.Policy(
      "cgroups:\n"
      "  <n>:\n"
      "    for_each: {file: c.csv}\n"
      "    cgroups: {<m>: {for_each: {path: /srv/<m>}}}\n");
  for (int i = 0; i < 1000; ++i) world.data.paths["/srv/*"].push_back(fmt::format("/srv/{}", i));

  EXPECT_THAT(world.Wrong(), HasSubstr("R0305 more than 100000 cgroups in all\n"));
  EXPECT_LE(world.tree.cgroups.size(), kMaxCgroups);
}

TEST(Templates, WithoutAnyRowAreWarnedOf) {
  World world;
  world.Data("c.csv", "name,state\nacme,closed\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.csv, state: active}}}");

  EXPECT_EQ(world.Wrong(), "a.yaml:4:30 warning R0407 no row makes an instance of `<name>`\n");
}

TEST(Templates, AFilterThatNoRowKnowsIsAnError) {
  World world;
  world.Data("customers.yaml", kCustomers);
  world.Policy("cgroups: {<name>: {for_each: {file: customers.yaml, stat: active}}}");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:4:53-56 R0309 no row has a column `stat`\n"
            "  hint: did you mean `state`?\n");
}

TEST(Templates, DataThatCannotBeHadIsAnErrorWithItsReason) {
  World world;
  world.data.problems["c.csv"] = "no such file or directory";
  world.Policy(
      "cgroups:\n"
      "  <n>: {for_each: {file: c.csv}}\n"
      "  acme: {}\n"
      "  d-<d>: {for_each: {path: /srv/<d>}}\n"
      "  e-<e>: {for_each: {file: <e>.csv}}\n");

  EXPECT_EQ(world.Wrong(),
            "a.yaml:5:26-30 R0306 `c.csv` cannot be read: no such file or directory\n"
            "  hint: a relative name lies in `data.d` beside the policy directory\n"
            "a.yaml:7:28-35 R0306 the paths `/srv/*` could not be looked for\n"
            "a.yaml:8:28-34 R0302 `<e>.csv` holds a variable that is no fact of this host\n"
            "  hint: the name of a data file can hold facts only: files are read before there are "
            "rows\n");
}

TEST(Templates, MistakesInDataAreFoundOnce) {
  World world;
  world.Data("c.yaml", "- {name: acme, name: bakery}\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.yaml}}}");
  world.Policy("cgroups: {x: {cgroups: {<name>: {for_each: {file: c.yaml}}}}}");

  const std::string wrong = world.Wrong();

  EXPECT_THAT(wrong, HasSubstr("c.yaml:1:16-19 R0102"));
  EXPECT_EQ(world.findings.all().size(), 1U) << wrong;
}

}  // namespace
}  // namespace reeve::policy
