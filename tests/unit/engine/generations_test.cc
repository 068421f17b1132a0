// SPDX-License-Identifier: Apache-2.0
#include "core/engine/generations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace reeve::engine {
namespace {

using Kind = Verdict::Kind;
using ::testing::ElementsAre;

class Data final : public port::DataSource {
 public:
  std::map<std::string, std::string> files;

  Result<std::shared_ptr<const SourceFile>> ReadData(const std::string& name) override {
    const auto found = files.find(name);
    if (found == files.end()) return Error{ErrorKind::kNotFound, 0, name, "not there"};
    return std::make_shared<const SourceFile>(SourceFile{name, found->second, 1, ""});
  }

  Result<std::vector<std::string>> MatchPaths(const std::string&) override {
    return std::vector<std::string>();
  }
};

constexpr const char* kHead = "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: x}\ncgroups:\n";

std::string Web(const std::string& cpu_max) {
  return std::string(kHead) + "  web: {cpu.max: " + cpu_max + "}\n";
}

std::string Many(int count, int pids_max) {
  std::string text = kHead;
  for (int i = 0; i < count; ++i) text += fmt::format("  c{}: {{pids.max: {}}}\n", i, pids_max);
  return text;
}

std::string Rows() {
  return std::string(kHead) + "  site-<name>: {for_each: {file: rows.csv}, pids.max: 10}\n";
}

std::string Csv(int rows) {
  std::string text = "name\n";
  for (int i = 0; i < rows; ++i) text += fmt::format("s{}\n", i);
  return text;
}

class GenerationsTest : public ::testing::Test {
 protected:
  GenerationsTest() {
    facts.host = "web17";
    facts.cpus = 4;
    facts.memory = 8ULL << 30;
    facts.max_tasks = 32768;
    facts.controllers = {Controller::kCpu, Controller::kMemory, Controller::kPids};
  }

  World world() { return {facts, data, now, {}, {}, {}}; }

  void Put(const std::string& name, const std::string& text, int layer = 1) {
    disk.files.push_back(std::make_shared<const SourceFile>(SourceFile{name, text, layer, ""}));
  }

  Kind Replace(const std::string& text, const Ask& ask = {}) {
    disk.files.clear();
    Put("10-web.yaml", text);
    return generations.Consider(disk, ask, world()).kind;
  }

  Kind Consider(const Ask& ask = {}) { return generations.Consider(disk, ask, world()).kind; }

  std::string CpuMax() {
    const auto& cgroups = generations.in_force().desired.cgroups;
    const auto web = cgroups.find(*CgroupPath::Parse("web"));
    return web == cgroups.end() ? "no web" : web->second.knobs.at("cpu.max").written;
  }

  static Ask ByHand() {
    Ask ask;
    ask.by_hand = true;
    ask.origin.who = "alice";
    return ask;
  }

  HostFacts facts;
  Data data;
  port::FileSet disk;
  std::int64_t now = 1'795'300'000;
  Generations generations{{}};
};

TEST_F(GenerationsTest, AGoodSetIsTakenOnceAndThenTheSame) {
  EXPECT_EQ(Replace(Web("2 cores")), Kind::kTaken);
  EXPECT_EQ(generations.number(), 1U);
  EXPECT_EQ(Consider(), Kind::kSame);
  EXPECT_EQ(generations.number(), 1U);
}

TEST_F(GenerationsTest, ABrokenSetIsRefusedAndTheOldOneStays) {
  Replace(Web("2 cores"));
  EXPECT_EQ(Replace(Web("2 coers")), Kind::kBroken);
  EXPECT_EQ(generations.disk_state(), DiskState::kBroken);
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_EQ(Replace(Web("2 cores")), Kind::kSame) << "put right again";
  EXPECT_EQ(generations.disk_state(), DiskState::kSame);
}

TEST_F(GenerationsTest, WhatIsWrongWithAFileIsSaidAgainWhenAnotherOneChanges) {
  const std::string raw = std::string(kHead) + "  a: {raw: {x.y: \"1\"}}\n";
  Put("10-raw.yaml", raw);
  Put("20-web.yaml", Web("2 cores"));
  const Verdict first = generations.Consider(disk, {}, world());
  ASSERT_EQ(first.kind, Kind::kTaken);
  ASSERT_EQ(first.findings.all().size(), 1U);

  disk.files.clear();
  Put("10-raw.yaml", raw);
  Put("20-web.yaml", Web("3 cores"));
  const Verdict second = generations.Consider(disk, {}, world());

  EXPECT_EQ(second.kind, Kind::kTaken);
  EXPECT_EQ(CpuMax(), "3 cores");
  ASSERT_EQ(second.findings.all().size(), 1U);
  EXPECT_EQ(second.findings.all()[0].code, first.findings.all()[0].code);
}

TEST_F(GenerationsTest, ANameThatWasMeantToBeAPolicyRefusesTheSet) {
  Replace(Web("2 cores"));
  disk.ignored.push_back({"x.yaml", "is a directory", true});
  EXPECT_EQ(Consider(), Kind::kBroken);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, F101AnEmptiedDirectoryUnleashesNobodyUntilItIsAccepted) {
  Replace(Web("2 cores"));
  disk.files.clear();
  EXPECT_EQ(Consider(), Kind::kGuarded);
  EXPECT_EQ(generations.disk_state(), DiskState::kEmptied);
  EXPECT_EQ(CpuMax(), "2 cores");
  const auto foreseen = generations.GuardsOf(generations.Peek(disk, world()), {}, world());
  ASSERT_EQ(foreseen.size(), 1U);
  EXPECT_EQ(foreseen[0].name, "empty_set");

  Ask ask = ByHand();
  ask.accept = {"empty_set"};
  EXPECT_EQ(Consider(ask), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "no web");
}

TEST_F(GenerationsTest, AGuardHoldsBackUntilItsNameIsSaid) {
  Replace(Many(40, 10));
  EXPECT_EQ(Replace(Many(40, 20)), Kind::kGuarded);
  EXPECT_EQ(generations.disk_state(), DiskState::kGuarded);
  EXPECT_TRUE(generations.candidate() != nullptr);
  EXPECT_EQ(generations.number(), 1U);
  EXPECT_EQ(Consider(ByHand()), Kind::kGuarded) << "an apply alone is no yes";

  Ask ask = ByHand();
  ask.accept = {"max_change"};
  EXPECT_EQ(Consider(ask), Kind::kTaken);
  EXPECT_EQ(generations.number(), 2U);
  EXPECT_EQ(generations.disk_state(), DiskState::kSame);
}

TEST_F(GenerationsTest, DataFilesAreGuardedLikePolicies) {
  data.files["rows.csv"] = Csv(40);
  EXPECT_EQ(Replace(Rows()), Kind::kTaken);
  data.files["rows.csv"] = Csv(39);
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(generations.history().back().what, "data files changed");
  data.files["rows.csv"] = Csv(20);
  EXPECT_EQ(Consider(), Kind::kGuarded) << "a truncated export removes nobody";
  EXPECT_EQ(generations.Again(world()).kind, Kind::kSame) << "nor does the clock";
  EXPECT_EQ(generations.in_force().desired.cgroups.size(), 39U);
}

TEST_F(GenerationsTest, WithReloadFilesWaitUntilSomebodyAsks) {
  generations = Generations({TakeUp::kReload, {}});
  EXPECT_EQ(Replace(Web("2 cores")), Kind::kTaken) << "the first is taken up";
  EXPECT_EQ(Replace(Web("3 cores")), Kind::kWaiting);
  EXPECT_EQ(generations.disk_state(), DiskState::kWaiting);
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_EQ(Consider(ByHand()), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "3 cores");
}

TEST_F(GenerationsTest, ByHandPoliciesAreTakenUpAlsoWhileOthersWait) {
  generations = Generations({TakeUp::kReload, {}});
  Replace(Web("2 cores"));
  Replace(Web("3 cores"));
  Put("90-set-web.yaml", Web("1 core"), 2);
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "1 core");
  EXPECT_EQ(generations.disk_state(), DiskState::kWaiting);
  disk.files.pop_back();
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, ByHandPoliciesAreTakenUpAlsoWhileOthersAreBroken) {
  Replace(Web("2 cores"));
  Replace(Web("2 coers"));
  Put("90-set-web.yaml", Web("1 core"), 2);
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "1 core");
  EXPECT_EQ(generations.disk_state(), DiskState::kBroken);

  disk.files.pop_back();
  disk.ignored.push_back({"x.yaml", "is a directory", true});
  EXPECT_EQ(Consider(), Kind::kTaken) << "released";
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_EQ(generations.disk_state(), DiskState::kBroken);
}

TEST_F(GenerationsTest, WhatIsDoneByHandIsNotTakenForReleasedBecauseItCanNotBeRead) {
  Replace(Web("2 cores"));
  Put("90-set-web.yaml", Web("1 core"), 2);
  Consider();
  disk.files.pop_back();
  disk.ignored.push_back({"90-set-web.yaml", "others may write to it", true, 2});
  EXPECT_EQ(Consider(), Kind::kBroken);
  EXPECT_EQ(CpuMax(), "1 core");
}

TEST_F(GenerationsTest, AHandIsTakenAloneWhateverElseIsOnDisk) {
  Replace(Web("2 cores"));
  const auto hand = std::make_shared<const SourceFile>(SourceFile{"90.yaml", Web("1 core"), 2, ""});
  EXPECT_EQ(generations.ConsiderByHand({hand}, ByHand(), world()).kind, Kind::kTaken);
  EXPECT_EQ(CpuMax(), "1 core");
  EXPECT_EQ(generations.ConsiderByHand({hand}, ByHand(), world()).kind, Kind::kSame);
  EXPECT_EQ(generations.ConsiderByHand({}, ByHand(), world()).kind, Kind::kTaken);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, F101AFileCutToNothingUnleashesNobodyEither) {
  Replace(Web("2 cores"));
  EXPECT_EQ(Replace("apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: x}\n"), Kind::kGuarded);
  EXPECT_EQ(generations.disk_state(), DiskState::kEmptied);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, AHoldKeepsWhatIsInForceUntilReleased) {
  Replace(Web("2 cores"));
  generations.SetHold({{"alice", "INC-1"}, now, std::nullopt});
  EXPECT_EQ(Replace(Web("3 cores")), Kind::kHeld);
  EXPECT_EQ(Consider(ByHand()), Kind::kHeld) << "config management's reload included";
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_TRUE(generations.Release());
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(CpuMax(), "3 cores");
  EXPECT_FALSE(generations.Release());
}

TEST_F(GenerationsTest, AHoldEndsByTheClock) {
  Replace(Web("2 cores"));
  generations.SetHold({{"alice", "INC-1"}, now, now + 60});
  EXPECT_EQ(generations.NextEnd(), now + 60);
  EXPECT_EQ(generations.EndByClock(now + 59), std::nullopt);
  EXPECT_TRUE(generations.hold().has_value());
  generations.EndByClock(now + 60);
  EXPECT_FALSE(generations.hold().has_value());
}

TEST_F(GenerationsTest, UndoIsANewGenerationWithOldContentHeldAgainstPushes) {
  Replace(Web("2 cores"));
  const KeptGeneration first = generations.Kept();
  Replace(Web("3 cores"));
  EXPECT_EQ(generations.Undo(first, {"alice", "db slow"}, world()).kind, Kind::kTaken);
  EXPECT_EQ(generations.number(), 3U);
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_EQ(Consider(), Kind::kHeld);
  EXPECT_EQ(CpuMax(), "2 cores");
  EXPECT_EQ(generations.history()[1].result, "undone");
  EXPECT_EQ(generations.history()[2].what, "undo to 1");
}

TEST_F(GenerationsTest, AnUndoBringsItsOwnDataFiles) {
  data.files["rows.csv"] = Csv(3);
  Replace(Rows());
  const KeptGeneration first = generations.Kept();
  data.files["rows.csv"] = Csv(1);
  Consider();
  EXPECT_EQ(generations.in_force().desired.cgroups.size(), 1U);
  generations.Undo(first, {"alice", ""}, world());
  EXPECT_EQ(generations.in_force().desired.cgroups.size(), 3U);
  Consider();
  EXPECT_EQ(generations.in_force().desired.cgroups.size(), 3U) << "also when looked at again";
}

TEST_F(GenerationsTest, WhatNobodyConfirmsIsToBeUndone) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  EXPECT_EQ(Replace(Web("3 cores"), ask), Kind::kTaken);
  EXPECT_EQ(generations.NextEnd(), now + 600);
  EXPECT_EQ(generations.EndByClock(now + 599), std::nullopt);
  EXPECT_EQ(generations.EndByClock(now + 600), 1U);
}

// F84
TEST_F(GenerationsTest, EndsMoveWithTheClock) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  Replace(Web("3 cores"), ask);
  generations.MoveEnds(-7200);
  EXPECT_EQ(generations.NextEnd(), now + 600 - 7200);
  generations.SetHold({{"alice", "INC-1"}, now, now + 60});
  generations.MoveEnds(7200);
  EXPECT_EQ(generations.EndByClock(now + 60), std::nullopt);
  EXPECT_TRUE(generations.hold().has_value());
}

TEST_F(GenerationsTest, WhatIsConfirmedStays) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  Replace(Web("3 cores"), ask);
  EXPECT_TRUE(generations.Confirm("bob"));
  EXPECT_EQ(generations.EndByClock(now + 600), std::nullopt);
  EXPECT_EQ(generations.history().back().result, "confirmed by bob");
  EXPECT_FALSE(generations.Confirm("bob"));
}

TEST_F(GenerationsTest, WhatIsPutOnTopOfSomethingUnconfirmedLeadsBackWhereThatLed) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  Replace(Web("3 cores"), ask);
  Put("90-set-web.yaml", Web("1 core"), 2);
  EXPECT_EQ(Consider(), Kind::kTaken) << "a hand";
  EXPECT_EQ(generations.EndByClock(now + 600), 1U);
  EXPECT_EQ(generations.history()[1].result, "replaced before it was confirmed");
  EXPECT_EQ(generations.history()[2].result, "awaits confirmation");

  EXPECT_EQ(Replace(Web("4 cores")), Kind::kTaken) << "a push";
  EXPECT_EQ(generations.EndByClock(now + 600), 1U);
}

TEST_F(GenerationsTest, WhoPutsBackWhatWasThereBeforeHasNothingToConfirm) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  Replace(Web("3 cores"), ask);
  EXPECT_EQ(Replace(Web("2 cores")), Kind::kTaken);
  EXPECT_EQ(generations.EndByClock(now + 600), std::nullopt);
  EXPECT_EQ(generations.history()[1].result, "undone");
  EXPECT_EQ(generations.history()[2].result, "done");
}

TEST_F(GenerationsTest, AnUndoIsNotBarredByAHandThatMakesNoSenseWithoutWhatIsUndone) {
  Replace(Web("2 cores"));
  const KeptGeneration first = generations.Kept();
  Replace(
      "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: x}\n"
      "profiles: {calm: {cpu.weight: 10}}\ncgroups: {web: {cpu.max: 3 cores}}\n");
  Put("90-set-web.yaml",
      "apiVersion: reeve/v1\nkind: Policy\nmetadata: {name: set-web}\ncgroups: {web: {use: "
      "[calm]}}\n",
      2);
  ASSERT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(generations.Undo(first, {"alice", ""}, world()).kind, Kind::kTaken);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, WhatIsDoneByHandIsNoChangeToUndo) {
  Replace(Web("2 cores"));
  const KeptGeneration first = generations.Kept();
  Put("90-set-web.yaml", Web("1 core"), 2);
  Consider();
  EXPECT_FALSE(generations.SaysOtherwise(first));
  Replace(Web("3 cores"));
  EXPECT_TRUE(generations.SaysOtherwise(first));
}

TEST_F(GenerationsTest, NumbersGoOnAlsoWhenTheTextsAreLost) {
  Replace(Web("2 cores"));
  const auto history = generations.history();
  generations = Generations({});
  generations.Remember(history, Hold{{"alice", "INC-1"}, now, std::nullopt});
  EXPECT_EQ(Consider(), Kind::kTaken) << "nothing is in force that could be held";
  EXPECT_EQ(generations.number(), 2U);
  EXPECT_EQ(Replace(Web("3 cores")), Kind::kHeld);
}

TEST_F(GenerationsTest, ARestartGoesOnWhereItWas) {
  Replace(Web("2 cores"));
  const KeptGeneration kept = generations.Kept();
  const auto history = generations.history();

  Generations after({});
  EXPECT_EQ(after.Restore(kept, history, std::nullopt, std::nullopt, world()).kind,
            Kind::kRefreshed);
  EXPECT_EQ(after.number(), 1U);
  EXPECT_EQ(after.Consider(disk, {}, world()).kind, Kind::kSame);
  EXPECT_EQ(after.history().size(), 1U);
}

TEST_F(GenerationsTest, F1WhatTheBooksKnowAndNobodyKeptIsNotAwaited) {
  Replace(Web("2 cores"));
  const KeptGeneration kept = generations.Kept();
  Ask ask = ByHand();
  ask.confirm_seconds = 600;
  Replace(Web("3 cores"), ask);
  const auto history = generations.history();
  const auto confirmation = generations.confirmation();

  generations = Generations({});
  generations.Restore(kept, history, std::nullopt, confirmation, world());
  EXPECT_EQ(generations.EndByClock(now + 600), std::nullopt);
  EXPECT_EQ(Consider(), Kind::kTaken);
  EXPECT_EQ(generations.number(), 3U) << "no number is given twice";
}

TEST_F(GenerationsTest, GuardsAlsoLookAtWhatWasPushedWhileReevedWasDown) {
  Replace(Many(40, 10));
  const KeptGeneration kept = generations.Kept();
  generations = Generations({});
  generations.Restore(kept, {}, std::nullopt, std::nullopt, world());
  EXPECT_EQ(Replace(Many(40, 20)), Kind::kGuarded);
}

TEST_F(GenerationsTest, APlanOfAnotherSetIsNotApplied) {
  Replace(Web("2 cores"));
  Ask ask = ByHand();
  ask.policy_hash = "sha256:of something else";
  EXPECT_EQ(Replace(Web("3 cores"), ask), Kind::kAnother);
  EXPECT_EQ(CpuMax(), "2 cores");
}

TEST_F(GenerationsTest, NewFactsMeanAnotherTreeUnderTheSameNumber) {
  Replace(Web("50% of host"));
  facts.cpus = 8;
  const Verdict verdict = generations.Again(world());
  EXPECT_EQ(verdict.kind, Kind::kRefreshed);
  EXPECT_EQ(generations.number(), 1U);
  EXPECT_EQ(generations.Again(world()).kind, Kind::kSame);
}

}  // namespace
}  // namespace reeve::engine
