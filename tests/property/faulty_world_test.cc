// SPDX-License-Identifier: Apache-2.0
// F55, F56 and F1: every call fails in turn with every errno, or is the last one that reeve makes. The report tells
// the truth, nobody is harmed, and once the faults end the next pass leads to what is desired.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "core/engine/applier.h"
#include "core/engine/engine.h"
#include "core/engine/planning.h"
#include "core/format/knob_text.h"
#include "property/random_world.h"
#include "support/errnos.h"
#include "support/faulty_cgroup_fs.h"

namespace reeve::property {
namespace {

using support::FakeCgroupFs;
using support::FaultyCgroupFs;

// From one tree to another one: a cgroup that stays and changes, one that becomes inner, one that goes with the
// process in it, one that is new, and a stranger.
const Trees& From() {
  static const Trees kTree = {
      {"old", {{"pids.max", "50"}, {"memory.max", "104857600"}}},
      {"web",
       {{"cpu.max", "200000 100000"}, {"cpu.max.burst", "50000"}, {"memory.max", "209715200"}}},
      {"work", {{"pids.max", "100"}, {"memory.min", "1048576"}}},
  };
  return kTree;
}

const Trees& To() {
  static const Trees kTree = {
      {"new", {{"pids.max", "30"}}},
      {"web", {{"cpu.max", "100000 100000"}, {"cpu.max.burst", "0"}, {"memory.max", "104857600"}}},
      {"work", {{"pids.max", "200"}}},
      {"work/api",
       {{"memory.high", "52428800"}, {"io.max", "8:0 rbps=1000000 wbps=max riops=max wiops=max"}}},
  };
  return kTree;
}

struct World {
  FakeCgroupFs fs{EveryFile()};
  Inhabitants inhabitants;
  Desired desired = DesiredOf(To(), true);

  World() {
    engine::Observer observer(fs);
    plan::PlanOptions options;
    engine::ApplyAll(fs,
                     engine::ObserveAndPlan(observer, DesiredOf(From(), true), options).plan,
                     support::kPageSize);
    for (const char* path : {"old", "web", "work"}) {
      inhabitants.processes.push_back(fs.Spawn(path, 10U << 20));
    }
    for (const char* path : {"theirs", "web/theirs"}) {
      fs.ForeignMkdir(path);
      if (path == std::string("theirs")) inhabitants.foreign[path] = fs.Spawn(path);
    }
    fs.ForeignRmdir("web/theirs");
    fs.ClearJournal();
  }
};

// One pass of a fresh reeve.
struct Pass {
  Plan plan;
  ApplyReport report;

  explicit Pass(port::CgroupFs& fs, const Desired& desired) {
    engine::Observer observer(fs);
    plan = engine::ObserveAndPlan(observer, desired, {}).plan;
    report = engine::ApplyAll(fs, plan, support::kPageSize);
  }
};

// Where the report says what the kernel does not show.
//   told_gone   the world said that something is gone (ENOENT, ENODEV, ESRCH): then it may be taken for removed
std::string Lies(FakeCgroupFs& fs, const Plan& plan, const ApplyReport& report, bool told_gone) {
  std::string lies;
  if (report.outcomes.size() != plan.actions.size()) return "not every action has an outcome";
  std::map<std::string, std::size_t> last;  // of what is said about one thing, the last word counts
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    const auto* set = std::get_if<SetFile>(&action.kind);
    last[action.path.text() + (set == nullptr ? "" : " " + set->file)] = i;
  }
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    const Outcome& outcome = report.outcomes[i];
    bool done = outcome.kind == Outcome::Kind::kDone || outcome.kind == Outcome::Kind::kAlreadySo;
    std::string path = action.path.text();
    if (outcome.kind == Outcome::Kind::kFailed && !outcome.error)
      lies += "a failure without error\n";
    if (outcome.kind == Outcome::Kind::kSkipped && outcome.blocker >= i) {
      lies += "skipped for one that comes later\n";
    }
    if (!done) continue;
    const auto* set = std::get_if<SetFile>(&action.kind);
    if (set != nullptr && set->knob != nullptr && last[path + " " + set->file] == i &&
        fs.Exists(path)) {
      auto now = format::ParseKnob(*set->knob, fs.Text(path, set->file));
      // Disabling a controller takes its files away.
      bool there = fs.Text(path, set->file)[0] != '(';
      if (there &&
          (!now || !format::SameValue(*set->knob, set->wanted, *now, support::kPageSize))) {
        lies += fmt::format("{} {} is said to be set\n", path, set->file);
      }
    }
    bool gone = !fs.Exists(path);
    if (std::holds_alternative<MoveProcesses>(action.kind) && !gone && !told_gone &&
        !fs.kernel().ProcessesIn(fs.Absolute(path)).empty()) {
      lies += path + " is said to be left by all\n";
    }
    if (std::holds_alternative<CreateCgroup>(action.kind) && gone && last[path] == i) {
      lies += path + " is said to be created\n";
    }
    if (std::holds_alternative<RemoveCgroup>(action.kind) && !gone && !told_gone) {
      lies += path + " is said to be removed\n";
    }
  }
  return lies;
}

// Cgroups that became threaded domains because controllers were handed down past their processes.
std::string Flipped(FakeCgroupFs& fs) {
  std::string found;
  for (const std::string& path : fs.Tree()) {
    if (fs.Text(path, "cgroup.type") != "domain") found += path + "\n";
  }
  return found;
}

// Passes of a healthy world until one finds nothing to do; "" when that ends as desired.
std::string NotConverged(World& world) {
  std::vector<std::string> planned;
  for (int pass = 0; pass < 4; ++pass) {
    planned = testing::PlanLines(Pass(world.fs, world.desired).plan, true);
    if (planned.empty()) return Differences(world.fs, world.desired, world.inhabitants);
  }
  return fmt::format("the fourth pass still plans: {}", fmt::join(planned, "; "));
}

std::size_t CallsOfOnePass() {
  World world;
  FaultyCgroupFs counting(world.fs);
  Pass pass(counting, world.desired);
  return counting.calls();
}

void Sweep(const std::function<void(FaultyCgroupFs&, std::size_t, int)>& arm) {
  const std::size_t calls = CallsOfOnePass();
  ASSERT_GT(calls, 50U);
  for (std::size_t n = 0; n < calls; ++n) {
    for (int error : support::kWriteErrnos) {
      World world;
      FaultyCgroupFs faulty(world.fs);
      arm(faulty, n, error);
      Pass pass(faulty, world.desired);
      SCOPED_TRACE(fmt::format("call {} ({}) fails with {}", n, faulty.hit(), ErrnoName(error)));
      const bool told_gone = error == ENOENT || error == ENODEV || error == ESRCH;
      ASSERT_EQ(Lies(world.fs, pass.plan, pass.report, told_gone), "");
      ASSERT_EQ(Flipped(world.fs), "");
      ASSERT_EQ(Harm(world.fs, world.inhabitants), "");
      ASSERT_EQ(NotConverged(world), "");
      ASSERT_EQ(Harm(world.fs, world.inhabitants), "");
    }
  }
}

TEST(FaultyWorld, F55_ACallThatFailsOnceCostsOnePass) {
  Sweep([](FaultyCgroupFs& faulty, std::size_t n, int error) { faulty.FailOnce(n, error); });
}

TEST(FaultyWorld, F55_AWorldThatFailsFromACallOnIsReportedAndMended) {
  Sweep([](FaultyCgroupFs& faulty, std::size_t n, int error) { faulty.FailFrom(n, error); });
}

TEST(FaultyWorld, F56_ACallThatWasDoneAlthoughItSaidOtherwiseIsFoundOut) {
  Sweep([](FaultyCgroupFs& faulty, std::size_t n, int error) { faulty.FailAfter(n, error); });
}

TEST(FaultyWorld, F1_WhoeverComesAfterACrashAtAnyActionEndsIt) {
  World whole;
  const std::size_t actions = Pass(whole.fs, whole.desired).plan.actions.size();
  for (std::size_t died_after = 0; died_after < actions; ++died_after) {
    SCOPED_TRACE(fmt::format("after {} actions", died_after));
    World world;
    {
      engine::Observer observer(world.fs);
      Plan plan = engine::ObserveAndPlan(observer, world.desired, {}).plan;
      engine::Applier applier(world.fs, plan, support::kPageSize);
      for (std::size_t i = 0; i < died_after && !applier.done(); ++i) applier.Step();
    }
    ASSERT_EQ(NotConverged(world), "");
    ASSERT_EQ(Harm(world.fs, world.inhabitants), "");
  }
}

// Also between a cgroup and its mark: it is known as made by a reeve from the moment it is there.
TEST(FaultyWorld, F1_WhatACrashLeftBehindGoesWhenNobodyWantsIt) {
  const std::size_t calls = CallsOfOnePass();
  for (std::size_t n = 0; n < calls; ++n) {
    World world;
    FaultyCgroupFs faulty(world.fs);
    faulty.FailFrom(n, EIO);
    Pass dies(faulty, world.desired);
    SCOPED_TRACE(fmt::format("dies before call {} ({})", n, faulty.hit()));
    world.desired = DesiredOf({{"web", {{"pids.max", "70"}}}, {"work", {}}}, true);
    for (int pass = 0; pass < 3; ++pass) Pass(world.fs, world.desired);

    ASSERT_FALSE(world.fs.Exists("new"));
    ASSERT_FALSE(world.fs.Exists("work/api"));
    ASSERT_TRUE(world.fs.Exists("theirs")) << "a stranger's stays";
  }
}

// Cgroups of the desired tree that nobody may remove.
std::string Unmarked(World& world) {
  std::string found;
  for (const auto& entry : world.desired.cgroups) {
    const std::string path = entry.first.text();
    if (!world.fs.Exists(path)) continue;
    const auto mark = world.fs.ReadMark(entry.first);
    if (!mark.has_value() || !*mark) found += path + "\n";
  }
  return found;
}

TEST(FaultyWorld, F5_WhereverItStopsEveryCgroupItMadeIsMarked) {
  World world;
  engine::Observer observer(world.fs);
  const Plan plan = engine::ObserveAndPlan(observer, world.desired, {}).plan;
  engine::Applier applier(world.fs, plan, support::kPageSize);
  while (!applier.done()) {
    applier.Step();
    ASSERT_EQ(Unmarked(world), "");
  }
}

// The engine, which waits longer and longer before it tries again what failed.
TEST(FaultyWorld, TheEngineConvergesByItselfOnceFaultsEnd) {
  const std::size_t calls = CallsOfOnePass();
  for (std::size_t n = 0; n < calls; n += 3) {
    for (int error : {EINVAL, EBUSY, ENOENT, EACCES, EOPNOTSUPP, EIO, EMFILE}) {
      World world;
      FaultyCgroupFs faulty(world.fs);
      faulty.FailFrom(n, error);
      engine::Engine engine(faulty, support::kPageSize);
      engine.SetDesired(world.desired);
      engine::Instant now{0};
      const auto settle = [&] {
        int steps = 0;
        while (engine.Step(now)) ASSERT_LT(++steps, 2000);
      };
      settle();
      faulty.Heal();
      SCOPED_TRACE(fmt::format("from call {} ({}) on {}", n, faulty.hit(), ErrnoName(error)));
      for (int wakes = 0; wakes < 20 && engine.NextWake(); ++wakes) {
        now = std::max(now, *engine.NextWake());
        settle();
      }
      ASSERT_TRUE(engine.as_described());
      ASSERT_EQ(Differences(world.fs, world.desired, world.inhabitants), "");
      ASSERT_EQ(Harm(world.fs, world.inhabitants), "");
    }
  }
}

}  // namespace
}  // namespace reeve::property
