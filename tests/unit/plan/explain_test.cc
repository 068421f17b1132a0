// SPDX-License-Identifier: Apache-2.0
#include "core/plan/explain.h"

#include <gtest/gtest.h>

#include "support/findings_text.h"

namespace reeve::plan {
namespace {

CgroupPath Path(std::string_view text) {
  return text.empty() ? CgroupPath() : *CgroupPath::Parse(text);
}

SourceMark At(std::uint32_t line) {
  return {reeve::testing::TextFile("web.yaml", ""), line, 3, 1};
}

// A way a/b -> a -> (root) -> above, with a second look one second after the first.
class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    for (const auto& [name, path, above] : {std::tuple("a/b", "a/b", false),
                                            {"a", "a", false},
                                            {"/cg/reeve", "", false},
                                            {"/cg", "", true}}) {
      Step step;
      step.name = name;
      step.path = Path(path);
      step.above_root = above;
      step.usage.id = way_.size() + 1;
      step.usage.cpu = CpuStat{5'000'000, 0, 0, {}, 110, 0, 0, {}, {}};
      step.usage.memory_current = 100;
      step.usage.memory_events = MemoryEvents();
      step.usage.pids_events = PidsEvents();
      step.usage.pids_current = 7;
      step.usage.cpu_pressure = Pressure();
      step.usage.memory_pressure = Pressure();
      step.usage.io_pressure = Pressure();
      step.before = step.usage;
      step.before->cpu->usage_usec = 4'500'000;
      step.before->cpu->nr_periods = 100;
      step.seconds = 1;
      way_.push_back(step);
    }
    for (const char* path : {"a", "a/b"}) {
      desired_.cgroups[Path(path)].path = Path(path);
      desired_.cgroups[Path(path)].mark = At(2);
    }
  }

  void Want(std::string_view path, std::string_view file, KnobValue value, std::uint32_t line) {
    DesiredKnob knob;
    knob.knob = FindKnob(file);
    knob.value = std::move(value);
    knob.written = "as written";
    knob.mark = At(line);
    desired_.cgroups[Path(path)].knobs[std::string(file)] = knob;
  }

  Explanation Run(std::string key = "") {
    ExplainInput input;
    input.path = Path("a/b");
    input.key = std::move(key);
    input.desired = &desired_;
    input.way = way_;
    return Explain(std::move(input));
  }

  static const Binding& Of(const Explanation& explanation, Binding::Kind kind) {
    for (const Binding& binding : explanation.bindings) {
      if (binding.kind == kind) return binding;
    }
    ADD_FAILURE();
    return explanation.bindings.front();
  }

  WayUp way_;
  Desired desired_;
};

TEST_F(ExplainTest, TheTightestOnTheWayUpBinds) {
  way_[0].usage.limits.memory_max = Limit(4096);
  way_[1].usage.limits.memory_max = Limit(1024);
  way_[3].usage.limits.memory_max = Limit(2048);
  way_[0].usage.limits.cpu_max = CpuMax{Limit(50'000), 100'000};
  way_[1].usage.limits.cpu_max = CpuMax{Limit::Max(), 100'000};
  way_[3].usage.limits.cpu_max = CpuMax{Limit(40'000), 200'000};
  Want("a", "memory.max", Limit(1024), 9);

  const Explanation explanation = Run();

  const Binding& memory = Of(explanation, Binding::Kind::kMemoryCeiling);
  EXPECT_EQ(memory.limit, Limit(1024));
  EXPECT_EQ(memory.step, 1U);
  EXPECT_EQ(memory.mark.line, 9U);
  EXPECT_EQ(memory.now, 100.0);
  const Binding& cpu = Of(explanation, Binding::Kind::kCpuCeiling);
  EXPECT_EQ(cpu.step, 3U);  // 0.2 cores above beat 0.5 of its own
  EXPECT_FALSE(cpu.mark.known());
  EXPECT_DOUBLE_EQ(*cpu.now, 0.5);
  EXPECT_FALSE(Of(explanation, Binding::Kind::kMemoryBrake).step.has_value());
  EXPECT_FALSE(Of(explanation, Binding::Kind::kProcesses).step.has_value());
}

TEST_F(ExplainTest, AValueThatSomebodyWroteOverThePolicysIsCalledSo) {
  way_[0].usage.limits.pids_max = Limit(77);
  way_[0].usage.limits.cpu_max = CpuMax{Limit(50'000), 100'000};
  Want("a/b", "pids.max", Limit(200), 9);
  Want("a/b", "cpu.max", CpuMax{Limit(50'000), 100'000}, 8);

  const Explanation explanation = Run();

  EXPECT_TRUE(Of(explanation, Binding::Kind::kProcesses).drifted);
  EXPECT_EQ(Of(explanation, Binding::Kind::kProcesses).mark.line, 9U);
  EXPECT_FALSE(Of(explanation, Binding::Kind::kCpuCeiling).drifted);
}

TEST_F(ExplainTest, EqualLimitsBindWhereTheyAreNearest) {
  way_[0].usage.limits.pids_max = Limit(10);
  way_[1].usage.limits.pids_max = Limit(10);

  EXPECT_EQ(Of(Run(), Binding::Kind::kProcesses).step, 0U);
}

TEST_F(ExplainTest, SharesMultiplyOnTheWayDown) {
  way_[0].cpu_weight = 100;
  way_[0].cpu_weights = 400;
  way_[1].cpu_weight = 300;
  way_[1].cpu_weights = 600;

  const Binding share = Of(Run(), Binding::Kind::kCpuShare);

  EXPECT_DOUBLE_EQ(*share.share, 0.125);
  EXPECT_EQ(share.step, 0U);  // the smaller of the two
}

TEST_F(ExplainTest, DisksAreBoundColumnByColumn) {
  way_[0].usage.limits.io_max.rows["8:0"] = {{"rbps", Limit(100)}, {"wbps", Limit::Max()}};
  way_[1].usage.limits.io_max.rows["8:0"] = {{"rbps", Limit(50)}, {"wbps", Limit(7)}};
  way_[1].usage.io["8:0"] = DeviceIo{60, 0, 0, 0, 0, 0};
  way_[1].before->io["8:0"] = DeviceIo{10, 0, 0, 0, 0, 0};
  Want("a", "io.max", Table(), 12);

  const Explanation explanation = Run();

  std::vector<const Binding*> disks;
  for (const Binding& binding : explanation.bindings) {
    if (binding.kind == Binding::Kind::kDisk) disks.push_back(&binding);
  }
  ASSERT_EQ(disks.size(), 2U);
  EXPECT_EQ(disks[0]->column, "rbps");
  EXPECT_EQ(disks[0]->limit, Limit(50));
  EXPECT_EQ(disks[0]->now, 50.0);
  EXPECT_EQ(disks[0]->mark.line, 12U);
  EXPECT_EQ(disks[1]->column, "wbps");
  EXPECT_EQ(disks[1]->now, 0.0);
}

TEST_F(ExplainTest, HitsAreCountedSinceItWasMadeOrOverAMinuteAndMore) {
  way_[0].usage.limits.memory_max = Limit(4096);
  way_[0].usage.memory_events->max = 30;
  way_[0].before->memory_events->max = 10;

  EXPECT_EQ(Of(Run(), Binding::Kind::kMemoryCeiling).hit, 30U);
  EXPECT_EQ(Run().span, 0);
  way_[0].seconds = 3600;
  EXPECT_EQ(Of(Run(), Binding::Kind::kMemoryCeiling).hit, 20U);
  EXPECT_EQ(Run().span, 3600);
}

TEST_F(ExplainTest, NothingHeldItBackSoNo) {
  way_[0].usage.limits.cpu_max = CpuMax{Limit(50'000), 100'000};
  Want("a/b", "cpu.max", CpuMax{Limit(50'000), 100'000}, 5);

  const Explanation explanation = Run();

  EXPECT_EQ(explanation.verdict, Verdict::kNo);
  EXPECT_EQ(explanation.because, "");
  EXPECT_EQ(explanation.evidence.throttled, 0.0);
}

TEST_F(ExplainTest, ThrottledByAPolicyIsReeves) {
  way_[1].usage.cpu->nr_throttled = 4;  // of 10 periods
  Want("a", "cpu.max", CpuMax{Limit(50'000), 100'000}, 5);

  const Explanation explanation = Run();

  EXPECT_EQ(explanation.verdict, Verdict::kYes);
  EXPECT_EQ(explanation.because, "cpu.max of a stops it in 40 % of its periods");
}

TEST_F(ExplainTest, ThrottledAboveIsNotReeves) {
  way_[3].usage.cpu->nr_throttled = 4;
  Want("a", "cpu.max", CpuMax{Limit(50'000), 100'000}, 5);

  const Explanation explanation = Run();

  EXPECT_EQ(explanation.verdict, Verdict::kNotOurs);
  EXPECT_EQ(explanation.because, "cpu.max of /cg stops it in 40 % of its periods");
}

TEST_F(ExplainTest, WithoutPoliciesItIsNotKnownWhoseALimitIs) {
  way_[1].usage.cpu->nr_throttled = 4;
  ExplainInput input;
  input.path = Path("a/b");
  input.way = way_;
  EXPECT_EQ(Explain(std::move(input)).verdict, Verdict::kUndecided);

  way_[1].usage.cpu->nr_throttled = 0;
  way_[3].usage.cpu->nr_throttled = 4;
  ExplainInput above;
  above.path = Path("a/b");
  above.way = way_;
  EXPECT_EQ(Explain(std::move(above)).verdict, Verdict::kNotOurs);
}

TEST_F(ExplainTest, WhatReeveDoesIsSaidFirst) {
  way_[3].usage.cpu->nr_throttled = 4;
  way_[0].usage.pids_events->max = 2;
  Want("a/b", "pids.max", Limit(10), 5);

  const Explanation explanation = Run();

  EXPECT_EQ(explanation.verdict, Verdict::kYes);
  EXPECT_EQ(explanation.because,
            "new tasks are refused at pids.max of a/b; cpu.max of /cg stops it in 40 % of its "
            "periods");
}

TEST_F(ExplainTest, MemoryHoldsBackWhenItIsHitAndSomebodyWaits) {
  way_[0].usage.limits.memory_high = Limit(4096);
  way_[0].usage.memory_events->high = 9;
  Want("a/b", "memory.high", Limit(4096), 5);

  EXPECT_EQ(Run().verdict, Verdict::kNo);  // reclaimed in passing: nobody waited
  way_[0].usage.memory_pressure->some.avg10 = 1200;
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.verdict, Verdict::kYes);
  EXPECT_EQ(explanation.because, "it waits for memory at memory.high of a/b");
}

TEST_F(ExplainTest, HitsWithoutALimitAreNobodysFault) {
  way_[3].usage.memory_events->max = 9;
  way_[0].usage.memory_pressure->some.avg10 = 1200;

  EXPECT_EQ(Run().verdict, Verdict::kNo);
}

TEST_F(ExplainTest, AnotherLifeIsNoLookBefore) {
  way_[1].usage.cpu->nr_throttled = 4;
  way_[1].before->id = 99;

  const Explanation explanation = Run();

  EXPECT_EQ(explanation.verdict, Verdict::kNo);
}

TEST_F(ExplainTest, WithoutAnyFigureNothingIsClaimed) {
  for (Step& step : way_) {
    step.usage = CgroupUsage();
    step.before.reset();
  }

  EXPECT_EQ(Run().verdict, Verdict::kUnknown);
}

TEST_F(ExplainTest, AKeyIsComparedWithTheKernelAndThoseAbove) {
  Want("a/b", "memory.max", Limit(8193), 7);
  desired_.cgroups[Path("a/b")].knobs["memory.max"].overridden = {At(30)};
  way_[0].files["memory.max"] = "8192";
  way_[1].files["memory.max"] = "4096";
  way_[2].files["memory.max"] = "max";

  const Explanation explanation = Run("memory.max");

  ASSERT_TRUE(explanation.key.has_value());
  const KeyExplanation& key = *explanation.key;
  EXPECT_TRUE(key.verified);  // rounded down to a page
  EXPECT_EQ(key.desired->mark.line, 7U);
  EXPECT_EQ(key.desired->overridden.at(0).line, 30U);
  ASSERT_EQ(key.above.size(), 2U);
  EXPECT_TRUE(key.above[0].tighter);
  EXPECT_FALSE(key.above[1].tighter);
  way_[0].files["memory.max"] = "16384";
  EXPECT_FALSE(Run("memory.max").key->verified);
}

TEST_F(ExplainTest, AKeyThatNobodySetsOrTheHostLacks) {
  desired_.gaps.push_back(
      {Gap::Kind::kUnsupported, Path("a/b"), "io.weight", "no io", At(4), false});
  way_[0].files["cpu.weight"] = "100";
  way_[1].files["cpu.weight"] = "50";

  EXPECT_FALSE(Run("cpu.weight").key->desired.has_value());
  EXPECT_TRUE(Run("cpu.weight").key->above.empty());  // a share is not tighter above
  EXPECT_EQ(Run("io.weight").key->gap->reason, "no io");
  EXPECT_FALSE(Run("io.weight").key->kernel_text.has_value());
}

TEST_F(ExplainTest, OwnerAndWhyComeFromTheNearestThatHasThem) {
  desired_.cgroups[Path("a")].owner = "ops@example.org";
  desired_.cgroups[Path("a")].why = "because";
  desired_.cgroups[Path("a/b")].why = "this one too";
  ExplainInput input;
  input.path = Path("a/b");
  input.desired = &desired_;

  const Explanation explanation = Explain(std::move(input));

  EXPECT_EQ(explanation.owner, "ops@example.org");
  EXPECT_EQ(explanation.why, "this one too");
  EXPECT_TRUE(explanation.described);
  EXPECT_FALSE(explanation.there);
  EXPECT_TRUE(explanation.bindings.empty());
}

// An instance's cgroups are all of its row, and end with what is around them.
TEST_F(ExplainTest, TheRowAndTheEndAreTheNearestAndTheFirst) {
  desired_.cgroups[Path("a")].row = At(14);
  desired_.cgroups[Path("a")].expires = Expiry{100, At(3)};
  desired_.cgroups[Path("a/b")].expires = Expiry{200, At(4)};
  ExplainInput input;
  input.path = Path("a/b");
  input.desired = &desired_;
  input.way = way_;

  const Explanation explanation = Explain(input);

  EXPECT_EQ(explanation.row.line, 14U);
  ASSERT_TRUE(explanation.expires.has_value());
  EXPECT_EQ(explanation.expires->at, 100);
  EXPECT_EQ(explanation.expires->mark.line, 3U);
}

}  // namespace
}  // namespace reeve::plan
