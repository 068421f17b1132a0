// SPDX-License-Identifier: Apache-2.0
#include "core/policy/expand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/policy/load.h"
#include "support/findings_text.h"
#include "support/policy_world.h"

namespace reeve::policy {
namespace {

using reeve::testing::World;
using ::testing::ElementsAre;

// --- which documents count ---

TEST(Expand, CgroupsOfAllDocumentsBecomeOneTreeWithEveryAncestor) {
  World world;
  world.Policy("cgroups: {people: {cgroups: {ito: {cpu.max: 2 cores}}}}");
  world.Policy("cgroups: {web: {memory.max: 4GiB}}");

  EXPECT_EQ(world.Tree(),
            "people:\n"
            "people/ito: cpu.max=2 cores\n"
            "web: memory.max=4GiB\n");
  EXPECT_EQ(world.tree.documents, 2);
  EXPECT_EQ(world.tree.cgroups.at(*CgroupPath::Parse("people/ito")).mark.FileLineColumn(),
            "a.yaml:4:30");
}

TEST(Expand, DocumentsWhoseConditionDoesNotHoldAreSkipped) {
  World world;
  world.facts.host = "web01";
  world.Policy("when: {host: db*}\ncgroups: {db: {}}");
  world.Policy("when: {host: web*}\ncgroups: {web: {}}");
  world.Policy("when: {reeve: 999..}\ncgroups: {web: {of.the.future: 1}}");

  EXPECT_EQ(world.Tree(), "web:\n");
  EXPECT_EQ(world.tree.documents, 1);
  EXPECT_EQ(world.tree.documents_skipped, 2);
}

TEST(Expand, DocumentsEndAtTheMomentTheyExpire) {
  World world;
  world.Policy("cgroups: {a: {}}", "name: a, expires: 2026-11-21T21:30:00Z");
  world.Policy("cgroups: {b: {}}", "name: b, expires: 2026-11-21T21:30:01Z");
  world.Policy("cgroups: {c: {}}", "name: c, expires: 2026-11-21");
  world.Policy("cgroups: {d: {}}", "name: d, expires: 2026-11-22");

  EXPECT_EQ(world.Tree(), "b:\nd:\n");
  EXPECT_EQ(world.tree.judge_again_at, world.now + 1);
}

TEST(Expand, DocumentsForAnotherBootAreSkipped) {
  World world;
  world.facts.boot_id = "5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10";
  world.Policy("cgroups: {a: {}}", "name: a, boot: 5d0c2f4e-7a1e-4f0e-9a51-0f6b7f1f9d10");
  world.Policy("cgroups: {b: {}}", "name: b, boot: 00000000-7a1e-4f0e-9a51-0f6b7f1f9d10");

  EXPECT_EQ(world.Tree(), "a:\n");
}

TEST(Expand, AnEntryThatExpiresGoesWithItsChildren) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  a: {expires: 2026-11-01, cgroups: {b: {}}}\n"
      "  c: {expires: 2026-12-15, cpu.weight: 50}\n");

  EXPECT_EQ(world.Tree(), "c: cpu.weight=50\n");
  EXPECT_EQ(world.tree.judge_again_at, 1'797'292'800);  // 2026-12-15 00:00 UTC
}

TEST(Expand, AWindowOfTimeSaysWhenToComeBack) {
  World world;
  world.facts.utc_offset = 3600;  // 22:30 here
  world.Policy("when: {time: 22:00..23:00}\ncgroups: {night: {}}");

  EXPECT_EQ(world.Tree(), "night:\n");
  EXPECT_EQ(world.tree.judge_again_at, world.now + 30 * 60);

  world.now += 30 * 60;
  EXPECT_EQ(world.Tree(), "");
}

TEST(Expand, WithoutAClockNothingIsToBeJudgedAgain) {
  World world;
  world.Policy("cgroups: {a: {}}");

  EXPECT_EQ(world.Tree(), "a:\n");
  EXPECT_EQ(world.tree.judge_again_at, std::nullopt);
}

// --- observe ---

TEST(Expand, ObservedDocumentsStandBesideAndNeitherConflictNorWin) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}");
  world.Policy("cgroups: {web: {memory.max: 2GiB}, new: {self: {pids.max: 200}, cgroups: {x: {}}}}",
               "name: watch, mode: observe, priority: 10");
  world.Policy("cgroups: {web: {memory.max: 1GiB}}", "name: watch-too, mode: observe");

  EXPECT_EQ(world.Tree(),
            "web: memory.max=4GiB\n"
            "~new:\n"
            "~new/_self: pids.max=200\n"
            "~new/x:\n"
            "~web: memory.max=2GiB (over c.yaml:4)\n");
  EXPECT_EQ(world.tree.documents, 3);
  ASSERT_EQ(world.tree.watched.size(), 2U);
  EXPECT_EQ(world.tree.watched[0].name, "watch");
  EXPECT_EQ(world.tree.watched[1].name, "watch-too");
  EXPECT_EQ(world.tree.watched[1].mark.FileLine(), "c.yaml:3");
}

// --- merging ---

TEST(Merge, KeysOfOneCgroupComeTogether) {
  World world;
  world.Policy("cgroups: {web: {cpu.max: 2 cores}}");
  world.Policy("cgroups: {web: {memory.max: 4GiB, self: {pids.max: 200}, cgroups: {api: {}}}}");

  EXPECT_EQ(world.Tree(),
            "web: cpu.max=2 cores; memory.max=4GiB\n"
            "web/api:\n"
            "@web: pids.max=200\n");
}

TEST(Merge, TwoPlacesThatDisagreeAreAnErrorThatNamesBoth) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}");
  world.Policy("cgroups: {web: {memory.max: 2GiB}}");

  EXPECT_EQ(
      world.Wrong(),
      "b.yaml:4:29-32 R0301 `memory.max` of `web` is `2GiB` here and `4GiB` in a.yaml:4\n"
      "  hint: remove one of them, or give one of the documents a higher `metadata.priority`\n"
      "  also: a.yaml:4:29 the other place\n");
}

TEST(Merge, EqualValuesAreFineHoweverTheyAreWritten) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB, cpu.max: 0.5 cores}}");
  world.Policy("cgroups: {web: {memory.max: 4096MiB, cpu.max: 0.5 cores}}");

  EXPECT_EQ(world.Tree(), "web: cpu.max=0.5 cores; memory.max=4GiB\n");
}

TEST(Merge, AHigherPriorityWinsAndRemembersWhatItWonAgainst) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}", "name: a, priority: 10");
  world.Policy("cgroups: {web: {memory.max: 2GiB}}");

  EXPECT_EQ(world.Tree(), "web: memory.max=4GiB (over b.yaml:4)\n");
}

TEST(Merge, AStrongerLayerWins) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}", "name: vendor", 0);
  world.Policy("cgroups: {web: {memory.max: 2GiB}}", "name: admin", 1);
  world.Policy("cgroups: {web: {memory.max: 1GiB}}", "name: now", 2);

  EXPECT_EQ(world.Tree(), "web: memory.max=1GiB (over a.yaml:4) (over b.yaml:4)\n");
}

TEST(Merge, PriorityCountsBeforeTheLayer) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}", "name: admin, priority: 10", 1);
  world.Policy("cgroups: {web: {memory.max: 1GiB}}", "name: now", 2);

  EXPECT_EQ(world.Tree(), "web: memory.max=4GiB (over b.yaml:4)\n");
}

TEST(Merge, WhatAgreesIsNotOverridden) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}", "name: vendor", 0);
  world.Policy("cgroups: {web: {memory.max: 4096MiB}}");

  EXPECT_EQ(world.Tree(), "web: memory.max=4096MiB\n");
}

TEST(Merge, ADisagreementIsAnErrorEvenWhereSomethingStrongerLiesOverIt) {
  World world;
  world.Policy("cgroups: {web: {memory.max: 4GiB}}");
  world.Policy("cgroups: {web: {memory.max: 2GiB}}");
  world.Policy("cgroups: {web: {memory.max: 1GiB}}", "name: clamp", 2);

  EXPECT_THAT(world.Wrong(), ::testing::HasSubstr("b.yaml:4:29-32 R0301"));
}

TEST(Merge, KnobsOfSelfDisagreeLikeAllOthers) {
  World world;
  world.Policy("cgroups: {web: {self: {pids.max: 200}, cgroups: {a: {}}}}");
  world.Policy("cgroups: {web: {self: {pids.max: 300}}}");

  EXPECT_THAT(world.Wrong(),
              ::testing::HasSubstr("R0301 `pids.max` of `web/_self` is `300` here and `200`"));
}

TEST(Merge, ShrinkAndOnDriftFollowTheSameOrder) {
  World world;
  world.Policy("cgroups: {web: {shrink: gentle, on_drift: report}}");
  world.Policy("cgroups: {web: {shrink: kill}}", "name: b, priority: 1");

  EXPECT_EQ(world.Tree(), "web:\n");
  const MergedCgroup& web = world.tree.cgroups.at(*CgroupPath::Parse("web"));
  EXPECT_EQ(web.shrink, Shrink::kKill);
  EXPECT_EQ(web.on_drift, OnDrift::kReport);

  World twice;
  twice.Policy("cgroups: {web: {shrink: gentle}}").Policy("cgroups: {web: {shrink: kill}}");
  EXPECT_THAT(twice.Wrong(),
              ::testing::HasSubstr("R0301 `shrink` of `web` is `kill` here and `gentle` in"));
}

// --- tables ---

std::string Rows(const MergedTree& tree, const char* path, const char* file) {
  const Setting& setting = tree.cgroups.at(*CgroupPath::Parse(path)).settings.at(file).setting;
  std::string text;
  for (const RowExpression& row : std::get<std::vector<RowExpression>>(setting.value)) {
    text += row.selector.name + '/' + std::to_string(row.strength);
    for (const auto& [column, amount] : row.columns) {
      text += ' ' + column + '=' + std::to_string(amount.number);
    }
    text += '\n';
  }
  return text;
}

TEST(MergeRows, ListsOfSeveralDocumentsAreJoinedRowByRow) {
  World world;
  world.Policy("cgroups: {web: {io.max: [{device: /dev/sda, rbps: 1000B/s}]}}");
  world.Policy(
      "cgroups:\n"
      "  web:\n"
      "    io.max: [{device: /dev/sda, wiops: 50}, {mount: /srv, wbps: 2000B/s}]\n");

  EXPECT_EQ(world.Tree(),
            "web: io.max={device: /dev/sda, rbps: 1000B/s}, "
            "{device: /dev/sda, wiops: 50}, {mount: /srv, wbps: 2000B/s}\n");
  EXPECT_EQ(Rows(world.tree, "web", "io.max"),
            "/dev/sda/0 rbps=1000 wiops=50\n"
            "/srv/0 wbps=2000\n");
}

TEST(MergeRows, TheSameColumnWithTwoValuesIsAnError) {
  World world;
  world.Policy("cgroups: {web: {io.max: [{device: /dev/sda, rbps: 1000B/s, wbps: 5B/s}]}}");
  world.Policy("cgroups: {web: {io.max: [{device: /dev/sda, rbps: 2000B/s, wbps: 5B/s}]}}");

  EXPECT_EQ(world.Wrong(),
            "b.yaml:4:35-42 R0301 `io.max` rbps for /dev/sda of `web` is "
            "`{device: /dev/sda, rbps: 2000B/s, wbps: 5B/s}` here and "
            "`{device: /dev/sda, rbps: 1000B/s, wbps: 5B/s}` in a.yaml:4\n"
            "  hint: remove one of them, or give one of the documents a higher "
            "`metadata.priority`\n"
            "  also: a.yaml:4:35 the other place\n");
}

TEST(MergeRows, TheStrongerDocumentWinsColumnByColumn) {
  World world;
  world.Policy("cgroups: {web: {io.max: [{device: /dev/sda, rbps: 1000B/s, wbps: 5B/s}]}}");
  world.Policy("cgroups: {web: {io.max: [{device: /dev/sda, rbps: 2000B/s}]}}", "name: b", 2);

  EXPECT_THAT(world.Tree(), ::testing::HasSubstr("(over a.yaml:4)"));
  EXPECT_EQ(Rows(world.tree, "web", "io.max"),
            "/dev/sda/1 rbps=2000\n"
            "/dev/sda/0 wbps=5\n");
}

// --- profiles ---

TEST(Profiles, AreUsedLeftToRightAndOwnKeysWin) {
  World world;
  world.Policy(
      "profiles:\n"
      "  quiet: {cpu.weight: 10, memory.high: 1GiB}\n"
      "  small: {memory.high: 512MiB, pids.max: 200}\n"
      "cgroups:\n"
      "  web: {use: [quiet, small], pids.max: 300}\n");

  EXPECT_EQ(world.Tree(), "web: cpu.weight=10; memory.high=512MiB; pids.max=300\n");
}

TEST(Profiles, ServeAllFilesWhateverTheirOwnCondition) {
  World world;
  world.Policy("when: {host: nobody}\nprofiles: {quiet: {cpu.weight: 10}}");
  world.Policy("cgroups: {web: {use: [quiet]}}");

  EXPECT_EQ(world.Tree(), "web: cpu.weight=10\n");
}

TEST(Profiles, WithAVariableInTheNameComeFromTheRow) {
  World world;
  world.Policy(
      "profiles:\n"
      "  plan-gold: {pids.max: 900}\n"
      "  plan-silver: {pids.max: <limit>}\n"
      "cgroups:\n"
      "  <name>:\n"
      "    for_each: {list: [{name: a, plan: gold}, {name: b, plan: silver, limit: 300}]}\n"
      "    use: [plan-<plan>]\n");

  EXPECT_EQ(world.Tree(), "a (<name>): pids.max=900\nb (<name>): pids.max=300\n");
}

TEST(Profiles, ARowThatNamesNoneIsFoundInTheRow) {
  World world;
  world.Data("c.csv", "name,plan\nacme,golf\n");
  world.Policy(
      "profiles: {plan-gold: {pids.max: 900}}\n"
      "cgroups:\n"
      "  <name>: {for_each: {file: c.csv}, use: [plan-<plan>]}\n");

  EXPECT_EQ(world.Wrong(),
            "c.csv:2:6-9 R0303 no profile is called `plan-golf`\n"
            "  hint: did you mean `plan-gold`?\n"
            "  also: a.yaml:6:43 `<plan>` stands for it here\n");
}

// F100: profiles are fragments and hold interface files only, so `use` can not go in a circle.
TEST(Profiles, CannotUseEachOther) {
  Findings findings;
  LoadPolicy({reeve::testing::TextFile("a.yaml",
                                       "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: p}\n"
                                       "profiles: {a: {use: [b]}, b: {use: [a]}}\n")},
             findings);

  EXPECT_THAT(reeve::testing::FindingsText(findings), ::testing::HasSubstr("a.yaml:4:16-18 R0101"));
}

// --- labels, owner, why, require ---

TEST(Labels, OwnBeforeAncestorsBeforeTheDocuments) {
  World world;
  world.Policy(
      "cgroups:\n"
      "  shop:\n"
      "    labels: {tier: back, site: here}\n"
      "    cgroups: {web: {labels: {tier: front}}}\n",
      "name: p, labels: {tenant: acme, tier: none}");

  EXPECT_EQ(world.Tree(),
            "shop: | site=here tenant=acme tier=back\n"
            "shop/web: | site=here tenant=acme tier=front\n");
}

TEST(Labels, OfDocumentsDoNotReachTheCgroupsOfOthers) {
  World world;
  world.Policy("cgroups: {services: {cgroups: {a: {}}}}", "name: a, labels: {tenant: a}");
  world.Policy("cgroups: {services: {cgroups: {b: {}}}}", "name: b, labels: {tenant: b}");
  world.Policy("cgroups: {services: {cgroups: {c: {}}}}", "name: c");

  EXPECT_EQ(world.Tree(),
            "services:\n"
            "services/a: | tenant=a\n"
            "services/b: | tenant=b\n"
            "services/c:\n");
}

TEST(Labels, TwoDocumentsMayNotClaimOneCgroupForDifferentTenants) {
  World world;
  world.Policy("cgroups: {web: {cpu.weight: 50}}", "name: a, labels: {tenant: a}");
  world.Policy("cgroups: {web: {pids.max: 200}}", "name: b, labels: {tenant: b}");

  EXPECT_THAT(
      world.Wrong(),
      ::testing::HasSubstr("b.yaml:3:38 R0301 the label `tenant` of `web` is `b` here and `a` in"));
}

TEST(Labels, MayHoldVariablesAndFacts) {
  World world;
  world.facts.own = {{"site", {"fra1"}}};
  world.Policy(
      "cgroups:\n"
      "  <name>: {for_each: {list: [acme]}, labels: {tenant: <name>, where: \"<site>/<name>\"}}\n",
      "name: p, labels: {site: <site>}");

  EXPECT_EQ(world.Tree(), "acme (<name>): | site=fra1 tenant=acme where=fra1/acme\n");
}

TEST(Expand, OwnerAndReasonComeFromTheStrongestPlaceThatSaysSo) {
  World world;
  world.Policy("cgroups: {web: {cpu.weight: 50}}", "name: a, owner: a@x, why: from a");
  world.Policy("cgroups: {web: {pids.max: 200, why: INC-4711}}", "name: b, priority: 5");

  EXPECT_EQ(world.Tree(), "web: cpu.weight=50; pids.max=200\n");
  const MergedCgroup& web = world.tree.cgroups.at(*CgroupPath::Parse("web"));
  EXPECT_EQ(web.owner, "a@x");
  EXPECT_EQ(web.why, "INC-4711");

  // What is set by hand says why in its metadata.
  world.Policy("cgroups: {web: {io.weight: 50}}", "name: c, priority: 9, why: by hand");
  world.Tree();
  EXPECT_EQ(world.tree.cgroups.at(*CgroupPath::Parse("web")).why, "by hand");
}

TEST(Expand, TheRowOfAnInstanceAndTheFirstEndAreRemembered) {
  World world;
  world.Data("c.csv", "name,plan\nacme,gold\nbyte,silver\n");
  world.Policy("cgroups: {<name>: {for_each: {file: c.csv}, cgroups: {db: {}}}}");
  world.Policy("cgroups: {byte: {pids.max: 200, expires: 2030-01-02}, through: {cgroups: {x: {}}}}",
               "name: b, expires: 2030-01-03");

  world.Tree();
  const auto at = [&](const char* path) { return world.tree.cgroups.at(*CgroupPath::Parse(path)); };
  EXPECT_EQ(at("acme").row.FileLine(), "c.csv:2");
  EXPECT_EQ(at("byte").row.FileLine(), "c.csv:3");
  EXPECT_EQ(at("byte/db").row.FileLine(), "c.csv:3");
  EXPECT_FALSE(at("through").row.known());
  EXPECT_FALSE(at("acme").expires.has_value());
  EXPECT_EQ(at("byte").expires->at, 1'893'542'400);  // 2030-01-02
  EXPECT_EQ(at("through/x").expires->at, 1'893'628'800);
  EXPECT_EQ(at("through/x").expires->mark.FileLine(), "b.yaml:3");
  // A step on the way to others says nothing that could end.
  EXPECT_FALSE(at("through").expires.has_value());
}

TEST(Expand, RequireIsTheCgroupsOwnAndTheDocumentsWhereTheKeyIsSet) {
  World world;
  world.Policy(
      "require: [pids.max]\n"
      "cgroups: {web: {require: [io.latency], pids.max: 200}, batch: {cpu.weight: 50}}\n");

  world.Tree();
  const auto& cgroups = world.tree.cgroups;
  const MergedCgroup& web = cgroups.at(*CgroupPath::Parse("web"));
  EXPECT_THAT(web.require, ElementsAre(::testing::Key("io.latency"), ::testing::Key("pids.max")));
  EXPECT_TRUE(cgroups.at(*CgroupPath::Parse("batch")).require.empty());
}

TEST(NeededData, AreTheFilesAndPathsOfDocumentsThatCount) {
  World world;
  world.facts.host = "web01";
  world.facts.own = {{"site", {"fra1"}}};
  world.Policy(
      "cgroups:\n"
      "  sites:\n"
      "    cgroups:\n"
      "      <name>:\n"
      "        for_each: {file: customers-<site>.yaml}\n"
      "        cgroups: {<vhost>: {for_each: {path: /srv/<name>/<vhost>}}}\n"
      "  again: {cgroups: {<name>: {for_each: {file: customers-<site>.yaml}}}}\n");
  world.Policy("when: {host: db*}\ncgroups: {<name>: {for_each: {file: db.csv}}}");
  world.Policy("cgroups: {<name>: {for_each: {file: old.csv}}}", "name: old, expires: 2020-01-01");
  Findings findings;

  const DataNeeds needs = NeededData(LoadPolicy(world.files, findings), world.facts, world.now);

  EXPECT_THAT(needs.files, ElementsAre("customers-fra1.yaml"));
  EXPECT_THAT(needs.paths, ElementsAre("/srv/*/*"));
}

}  // namespace
}  // namespace reeve::policy
