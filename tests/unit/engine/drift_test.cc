// SPDX-License-Identifier: Apache-2.0
// What others do to the tree, who is named for it, and what is done about those who come again.
#include "core/engine/drift.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/engine.h"
#include "core/engine/words.h"
#include "support/fake_cgroup_fs.h"
#include "support/trees.h"

namespace reeve::engine {
namespace {

using support::FakeCgroupFs;
using ::testing::AllOf;
using testing::DesiredTree;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::Pair;
using namespace std::chrono_literals;

constexpr std::uint64_t kPage = 4096;

std::shared_ptr<const Writer> Alice() {
  Writer writer;
  writer.pid = 8812;
  writer.program = "bash";
  writer.exe = "/usr/bin/bash";
  writer.uid = 0;
  writer.user = "root";
  writer.login = 1000;
  writer.login_name = "alice";
  writer.tty = "pts/3";
  return std::make_shared<const Writer>(writer);
}

std::shared_ptr<const Writer> Puppet(std::int64_t pid = 911) {
  Writer writer;
  writer.pid = pid;
  writer.program = "puppet";
  writer.exe = "/usr/bin/ruby3.1";
  writer.uid = 0;
  writer.user = "root";
  return std::make_shared<const Writer>(writer);
}

CgroupPath Path(std::string_view text) {
  return text.empty() ? CgroupPath() : *CgroupPath::Parse(text);
}

Desired Web(OnDrift on_drift = OnDrift::kRepair, const std::string& pids_max = "100") {
  Desired desired = DesiredTree({{"web", {{"pids.max", pids_max}, {"memory.max", "67108864"}}},
                                 {"web/api", {{"pids.max", "7"}}}});
  for (auto& entry : desired.cgroups) entry.second.on_drift = on_drift;
  desired.policy_hash = "sha256:1";
  return desired;
}

class DriftTest : public ::testing::Test {
 protected:
  DriftTest() { engine_ = std::make_unique<Engine>(fs_, kPage); }

  void Start(Desired desired) {
    engine_->SetDesired(std::move(desired));
    Settle(now_);
    notes_.clear();
  }

  void Settle(Instant now) {
    now_ = now;
    int steps = 0;
    while (engine_->Step(now)) ASSERT_LT(++steps, 2000);
    for (const Note& note : engine_->TakeNotes()) {
      notes_ += note.text + "\n";
      if (note.event) said_.push_back(*note.event);
    }
  }

  // Somebody else's write, as the watch hears it, and what the engine does then.
  void Write(const std::string& path,
             const std::string& file,
             const std::string& text,
             std::shared_ptr<const Writer> by) {
    fs_.ForeignWrite(path, file, text);
    engine_->MarkDirty(Touch{Path(path), file, std::move(by), now_});
    Settle(now_ + 1ms);
  }

  std::vector<std::string> Events() {
    std::vector<std::string> all;
    for (const Event& event : engine_->events().all()) {
      if (event.kind == Event::Kind::kApply) continue;  // after each of them
      all.push_back(std::string(NameOf(event.kind)) + " " + event.path.text() + " " + event.file +
                    " " + event.from + " -> " + event.to);
    }
    return all;
  }

  FakeCgroupFs fs_;
  std::unique_ptr<Engine> engine_;
  Instant now_ = 1s;
  std::string notes_;
  std::vector<Event> said_;  // those that a note was about
};

TEST_F(DriftTest, TheWriterIsNamedWithProgramAndLogin) {
  Start(Web());

  Write("web", "pids.max", "max", Alice());

  EXPECT_EQ(fs_.Text("web", "pids.max"), "100");
  EXPECT_THAT(notes_,
              HasSubstr("drift: web pids.max back to 100 (was max, by pid 8812 bash (root, login "
                        "alice))"));
  EXPECT_THAT(Events(),
              ElementsAre("drift web pids.max 100 -> max", "repair web pids.max max -> 100"));
  EXPECT_EQ(engine_->events().all().back().kind, Event::Kind::kApply);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_EQ(said_[0].kind, Event::Kind::kRepair);
  EXPECT_EQ(said_[0].file, "pids.max");
  EXPECT_EQ(said_[0].by->pid, 8812);
  const Event& repair = *(engine_->events().all().end() - 2);
  EXPECT_EQ(repair.took, Instant(1ms));
  EXPECT_EQ(repair.by->tty, "pts/3");
}

TEST_F(DriftTest, ThePlanNamesTheWriter) {
  Start(Web());
  fs_.ForeignWrite("web", "pids.max", "max");
  engine_->MarkDirty(Touch{Path("web"), "pids.max", Alice(), now_});

  engine_->Step(now_);

  ASSERT_EQ(engine_->plan().actions.size(), 1U);
  ASSERT_NE(engine_->plan().actions[0].reason.by, nullptr);
  EXPECT_EQ(engine_->plan().actions[0].reason.by->pid, 8812);
}

TEST_F(DriftTest, WhoWroteTheSameValueIsNotBlamedLater) {
  Start(Web());
  Write("web", "pids.max", "100", Alice());

  fs_.ForeignWrite("web", "pids.max", "max");
  engine_->MarkDirty(Path("web"));
  Settle(3s);

  EXPECT_THAT(notes_, AllOf(HasSubstr("(was max)"), Not(HasSubstr("8812"))));
}

TEST_F(DriftTest, NobodyIsNamedAfterEventsWereLost) {
  Start(Web());
  fs_.ForeignWrite("web", "pids.max", "max");
  engine_->MarkDirty(Touch{Path("web"), "pids.max", Alice(), now_});

  engine_->LostTrack();
  Settle(2s);

  EXPECT_EQ(fs_.Text("web", "pids.max"), "100");
  EXPECT_THAT(notes_, AllOf(HasSubstr("(was max)"), Not(HasSubstr("8812"))));
}

TEST_F(DriftTest, WhoTookAControllerAwayIsNamedForAllThatWasLost) {
  Start(Web());

  Write("web", "cgroup.subtree_control", "-pids", Puppet());

  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
  EXPECT_THAT(notes_,
              AllOf(HasSubstr("web handed pids down no more by pid 911 puppet [ruby3.1] (root), it "
                              "does again"),
                    HasSubstr("web/api pids.max back to 7 (was lost, by pid 911")));
  EXPECT_EQ(engine_->repaired(), 2U);
}

TEST_F(DriftTest, F59_ARemovedCgroupIsMadeAgainAndTheRemoverNamed) {
  Start(Web());
  fs_.ForeignRmdir("web/api");
  engine_->MarkDirty(Touch{Path("web/api"), "", Puppet(), now_});

  Settle(2s);

  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
  EXPECT_THAT(notes_,
              HasSubstr("web/api was removed by pid 911 puppet [ruby3.1] (root), made again"));
}

TEST_F(DriftTest, F60_ACgroupMadeAnewBySomebodyElseGetsItsValues) {
  Start(Web());
  fs_.ForeignRmdir("web/api");
  fs_.ForeignMkdir("web/api");
  engine_->MarkDirty(Touch{Path("web/api"), "", Puppet(), now_});

  Settle(2s);

  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
  EXPECT_THAT(notes_, HasSubstr("web/api pids.max back to 7 (was max, by pid 911"));
}

TEST_F(DriftTest, F61_AMoveIntoACgroupIsSaidOnceAMinuteAndCostsNoLook) {
  Start(Web());
  engine_->MarkDirty(Touch{Path("web"), "cgroup.procs", Puppet(), 2s});
  engine_->MarkDirty(Touch{Path("web"), "cgroup.procs", Puppet(), 3s});

  EXPECT_TRUE(engine_->resting());
  EXPECT_THAT(Events(), ElementsAre("move web cgroup.procs  -> "));
}

TEST_F(DriftTest, StrangersCgroupsAreNotLookedAt) {
  Start(Web());
  engine_->MarkDirty(Touch{Path("other/thing"), "memory.max", Puppet(), now_});

  EXPECT_TRUE(engine_->resting());
}

TEST_F(DriftTest, WhatWasNeverInForceIsNoDrift) {
  // Four CPUs: the kernel refuses this list whenever it is tried.
  Desired wrong = DesiredTree({{"web", {{"cpuset.cpus", "77"}}}});
  wrong.cgroups.at(Path("web")).on_drift = OnDrift::kReport;
  Start(wrong);

  engine_->MarkDirty();
  Settle(2s);
  EXPECT_THAT(engine_->plan().drifted, IsEmpty());
  ASSERT_EQ(engine_->plan().actions.size(), 1U);
  EXPECT_FALSE(engine_->plan().actions[0].reason.drift);
}

// A lone drift in a large tree is looked at alone; what is found is the same as by a whole look.
TEST_F(DriftTest, ALoneDriftReadsOnlyItsCgroup) {
  std::map<std::string, testing::Files> many;
  for (int i = 0; i < 300; ++i) many["c" + std::to_string(i)] = {{"pids.max", "7"}};
  Start(DesiredTree(many));
  const std::size_t values = engine_->plan().values;
  // Nobody tells of this one, so only a look at it could find it.
  fs_.ForeignWrite("c7", "pids.max", "max");

  Write("c200", "pids.max", "max", Alice());

  EXPECT_EQ(fs_.Text("c200", "pids.max"), "7");
  EXPECT_EQ(fs_.Text("c7", "pids.max"), "max");
  EXPECT_TRUE(engine_->as_described());
  EXPECT_EQ(engine_->plan().values, values);
  EXPECT_EQ(engine_->plan().cgroups, 300U);

  Settle(*engine_->NextWake());
  EXPECT_EQ(fs_.Text("c7", "pids.max"), "7") << "the safety pass comes, however much drifts";
}

TEST_F(DriftTest, DriftThatNeverEndsDoesNotPutOffTheSafetyPass) {
  Start(Web());
  fs_.ForeignWrite("web", "memory.max", "max");
  for (int i = 0; i < 12; ++i) {
    now_ += 1min;
    Write("web/api", "pids.max", "max", Puppet());
  }

  EXPECT_EQ(fs_.Text("web", "memory.max"), "67108864");
}

TEST_F(DriftTest, ACgroupMadeAnewBetweenTheEventAndTheLookIsSeen) {
  Start(Web());
  fs_.ForeignWrite("web/api", "pids.max", "max");
  fs_.ForeignRmdir("web/api");
  fs_.ForeignMkdir("web/api");
  engine_->MarkDirty(Touch{Path("web/api"), "pids.max", Alice(), now_});

  Settle(2s);

  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
}

// --- on_drift: report ------------------------------------------------------------------------

TEST_F(DriftTest, ReportLeavesTheValueAndSaysSoOnce) {
  Start(Web(OnDrift::kReport));

  Write("web", "pids.max", "max", Alice());
  EXPECT_EQ(fs_.Text("web", "pids.max"), "max");
  EXPECT_FALSE(engine_->as_described());
  ASSERT_EQ(engine_->plan().drifted.size(), 1U);
  EXPECT_EQ(engine_->plan().drifted[0].by->pid, 8812);
  EXPECT_THAT(
      notes_,
      HasSubstr("drift: web pids.max is max, wanted 100: left so (on_drift: report), by pid "
                "8812 bash (root, login alice)"));

  notes_.clear();
  engine_->MarkDirty();
  Settle(2s);
  EXPECT_THAT(notes_, IsEmpty());
  EXPECT_NE(engine_->plan().drifted[0].by, nullptr) << "known for as long as it stays";

  Write("web", "pids.max", "55", Alice());
  EXPECT_THAT(notes_, HasSubstr("web pids.max is 55, wanted 100"));
}

TEST_F(DriftTest, ReportLeavesARemovedCgroupAndAllBelowIt) {
  Start(Web(OnDrift::kReport));
  fs_.ForeignRmdir("web/api");
  fs_.ForeignRmdir("web");
  engine_->MarkDirty(Touch{Path("web"), "", Puppet(), now_});
  Settle(2s);

  EXPECT_FALSE(fs_.Exists("web"));
  EXPECT_FALSE(engine_->as_described());
  EXPECT_THAT(notes_, HasSubstr("web was removed: left so (on_drift: report), by pid 911"));
}

TEST_F(DriftTest, ReportLeavesControllersAwayWithWhatTheyHeld) {
  Start(Web(OnDrift::kReport));

  Write("web", "cgroup.subtree_control", "-pids", Puppet());

  EXPECT_EQ(fs_.Text("web", "cgroup.subtree_control"), "");
  EXPECT_THAT(engine_->plan().actions, IsEmpty());
  ASSERT_EQ(engine_->plan().drifted.size(), 1U);
  EXPECT_THAT(notes_, HasSubstr("web cgroup.subtree_control is -, wanted pids: left so"));
}

TEST_F(DriftTest, AReportedValueIsWrittenWhenThePolicyChangesIt) {
  Start(Web(OnDrift::kReport));
  Write("web", "pids.max", "max", Alice());

  engine_->SetDesired(Web(OnDrift::kReport, "90"));
  Settle(3s);

  EXPECT_EQ(fs_.Text("web", "pids.max"), "90");
  EXPECT_TRUE(engine_->as_described());
}

TEST_F(DriftTest, AReportedValueSurvivesARestart) {
  Start(Web(OnDrift::kReport));
  Write("web", "pids.max", "max", Alice());
  ASSERT_EQ(engine_->standing().in_force, "sha256:1");

  engine_ = std::make_unique<Engine>(fs_, kPage);
  engine_->AssumeInForce(std::make_shared<const Desired>(Web(OnDrift::kReport)));
  Start(Web(OnDrift::kReport));

  EXPECT_EQ(fs_.Text("web", "pids.max"), "max");
  EXPECT_FALSE(engine_->as_described());
}

// --- on_drift: adopt -------------------------------------------------------------------------

TEST_F(DriftTest, AnAdoptedValueIsInForce) {
  Start(Web(OnDrift::kAdopt));

  Write("web", "pids.max", "55", Alice());

  EXPECT_EQ(fs_.Text("web", "pids.max"), "55");
  EXPECT_TRUE(engine_->as_described());
  EXPECT_THAT(engine_->standing().adopted,
              ElementsAre(Adopted{
                  Path("web"), "pids.max", "55", "100", "pid 8812 bash (root, login alice)"}));
  EXPECT_THAT(Events(), ElementsAre("adopt web pids.max 100 -> 55"));
  EXPECT_THAT(notes_,
              HasSubstr("web pids.max is 55, wanted 100: adopted (on_drift: adopt), by pid"));

  Write("web", "pids.max", "66", Alice());
  EXPECT_EQ(engine_->standing().adopted.size(), 1U);
  EXPECT_EQ(engine_->standing().adopted[0].instead_of, "100");
}

TEST_F(DriftTest, AnAdoptedValueHoldsUntilThePolicyChangesThatKey) {
  Start(Web(OnDrift::kAdopt));
  Write("web", "pids.max", "55", Alice());

  Desired other_key = Web(OnDrift::kAdopt);
  other_key.cgroups.at(Path("web")).knobs.at("memory.max").value = Limit(33554432);
  engine_->SetDesired(other_key);
  Settle(2s);
  EXPECT_EQ(fs_.Text("web", "pids.max"), "55");
  EXPECT_EQ(fs_.Text("web", "memory.max"), "33554432");

  engine_->SetDesired(Web(OnDrift::kAdopt, "90"));
  Settle(3s);
  EXPECT_EQ(fs_.Text("web", "pids.max"), "90");
  EXPECT_THAT(engine_->standing().adopted, IsEmpty());
}

TEST_F(DriftTest, AnAdoptedValueEndsWithTheRightToIt) {
  Start(Web(OnDrift::kAdopt));
  Write("web", "pids.max", "55", Alice());

  engine_->SetDesired(Web(OnDrift::kRepair));
  Settle(2s);

  EXPECT_EQ(fs_.Text("web", "pids.max"), "100");
}

TEST_F(DriftTest, AnAdoptedValueSurvivesARestartAndAReboot) {
  Start(Web(OnDrift::kAdopt));
  Write("web", "pids.max", "55", Alice());
  const std::vector<Adopted> kept = engine_->standing().adopted;

  engine_ = std::make_unique<Engine>(fs_, kPage);
  engine_->RestoreAdopted(kept);
  Start(Web(OnDrift::kAdopt));
  EXPECT_EQ(fs_.Text("web", "pids.max"), "55");

  FakeCgroupFs fresh;
  Engine after_boot(fresh, kPage);
  after_boot.RestoreAdopted(kept);
  after_boot.SetDesired(Web(OnDrift::kAdopt));
  while (after_boot.Step(9s)) {
  }
  EXPECT_EQ(fresh.Text("web", "pids.max"), "55");
}

TEST_F(DriftTest, TheEmptyLimitsOfACgroupMadeAnewAreNotAdopted) {
  Start(Web(OnDrift::kAdopt));
  fs_.ForeignRmdir("web/api");
  fs_.ForeignMkdir("web/api");
  engine_->MarkDirty(Touch{Path("web/api"), "", Puppet(), now_});

  Settle(2s);

  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
  EXPECT_THAT(engine_->standing().adopted, IsEmpty());
}

// --- fights ----------------------------------------------------------------------------------

TEST_F(DriftTest, F62_AFightIsRepairedOnceAMinuteAndSaidOnce) {
  Start(Web());
  for (int i = 0; i < 3; ++i) Write("web", "pids.max", "max", Puppet(911 + i));
  EXPECT_THAT(notes_,
              HasSubstr("FLAPPING web pids.max: reeve wants 100, pid 913 puppet [ruby3.1] (root) "
                        "writes max; "));
  EXPECT_EQ(engine_->fights().size(), 1U);
  EXPECT_THAT(engine_->fights().ByCgroup(), ElementsAre(Pair(Path("web"), 1U)));

  notes_.clear();
  fs_.ClearJournal();
  const Instant from = now_;
  while (now_ < from + 5min) {
    Write("web", "pids.max", "max", Puppet());
    EXPECT_TRUE(fs_.journal().empty() || now_ > from + 55s);
    Settle(now_ + 1s);
  }

  EXPECT_THAT(fs_.journal().size(), AllOf(Ge(4U), Le(5U)));
  Write("web", "pids.max", "max", Puppet());
  EXPECT_FALSE(engine_->as_described());
  EXPECT_THAT(notes_, Not(HasSubstr("drift:")));
  EXPECT_THAT(notes_, Not(HasSubstr("FLAPPING")));
}

TEST_F(DriftTest, ARepairThatWasPutOffComesWithoutAnotherEvent) {
  Start(Web());
  for (int i = 0; i < 4; ++i) Write("web", "pids.max", "max", Puppet());
  ASSERT_EQ(fs_.Text("web", "pids.max"), "max");
  ASSERT_LE(*engine_->NextWake(), now_ + 1min);

  Settle(*engine_->NextWake());

  EXPECT_EQ(fs_.Text("web", "pids.max"), "100");
}

TEST_F(DriftTest, AFightEndsWhenItIsQuietForTenMinutes) {
  Start(Web());
  for (int i = 0; i < 3; ++i) Write("web", "pids.max", "max", Puppet());
  ASSERT_EQ(engine_->fights().size(), 1U);

  Settle(now_ + 9min);
  EXPECT_EQ(engine_->fights().size(), 1U);
  Settle(now_ + 2min);
  EXPECT_EQ(engine_->fights().size(), 0U);
  EXPECT_THAT(engine_->fights().ByCgroup(), IsEmpty());
  EXPECT_THAT(notes_, HasSubstr("web pids.max: quiet for 10 minutes"));

  Write("web", "pids.max", "max", Puppet());
  EXPECT_EQ(fs_.Text("web", "pids.max"), "100");
}

TEST_F(DriftTest, OtherKeysOfTheCgroupAreNotPutOffByAFight) {
  Start(Web());
  for (int i = 0; i < 4; ++i) Write("web", "pids.max", "max", Puppet());

  Write("web", "memory.max", "max", Puppet());

  EXPECT_EQ(fs_.Text("web", "memory.max"), "67108864");
  EXPECT_EQ(fs_.Text("web", "pids.max"), "max");
}

TEST_F(DriftTest, AFightOverTheCgroupItself) {
  Start(Web());
  for (int i = 0; i < 4; ++i) {
    fs_.ForeignRmdir("web/api");
    engine_->MarkDirty(Touch{Path("web/api"), "", Puppet(), now_});
    Settle(now_ + 1s);
  }

  EXPECT_FALSE(fs_.Exists("web/api"));
  EXPECT_THAT(
      notes_,
      HasSubstr(
          "FLAPPING web/api: reeve wants it, pid 911 puppet [ruby3.1] (root) takes it away; "));
  Settle(now_ + 1min);
  EXPECT_TRUE(fs_.Exists("web/api"));
}

TEST_F(DriftTest, AFightOverControllersCountsEachRoundOnce) {
  Start(DesiredTree(
      {{"web/api", {{"pids.max", "7"}, {"memory.max", "67108864"}, {"cpu.weight", "50"}}}}));

  Write("web", "cgroup.subtree_control", "-pids -memory -cpu", Puppet());
  Write("web", "cgroup.subtree_control", "-pids -memory -cpu", Puppet());

  EXPECT_EQ(engine_->fights().size(), 0U);
  EXPECT_EQ(fs_.Text("web/api", "pids.max"), "7");
}

TEST_F(DriftTest, ManyKeysLostAtOnceAreNotAsManyLines) {
  std::map<std::string, testing::Files> many;
  for (int i = 0; i < 100; ++i) many["web/c" + std::to_string(i)] = {{"pids.max", "7"}};
  Start(DesiredTree(many));

  Write("web", "cgroup.subtree_control", "-pids", Puppet());

  EXPECT_LT(std::count(notes_.begin(), notes_.end(), '\n'), 25);
  EXPECT_THAT(notes_, HasSubstr("drift: and 81 more keys"));
  EXPECT_EQ(fs_.Text("web/c99", "pids.max"), "7");
}

}  // namespace
}  // namespace reeve::engine
