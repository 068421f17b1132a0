// SPDX-License-Identifier: Apache-2.0
// A drift that is looked at alone is repaired as if the whole tree had been looked at: the same steps in the same
// order, the same things held back, left alone and put off.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/engine/engine.h"
#include "core/engine/planning.h"
#include "core/format/knob_text.h"
#include "property/random_world.h"
#include "support/held_slow_writer.h"

namespace reeve::property {
namespace {

using support::FakeCgroupFs;
using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 300;

// What somebody writes.
struct Deed {
  CgroupPath path;
  std::string file;
  std::string text;
};

// Writes that the kernel takes, to files that are wanted or that another random tree has.
std::vector<Deed> RandomDeeds(Random& random, const Desired& desired, const Trees& other) {
  std::vector<Deed> deeds;
  for (const auto& [path, cgroup] : desired.cgroups) {
    const auto theirs = other.find(path.text());
    for (const auto& entry : cgroup.knobs) {
      // The one that is held back where it was lifted and used comes more often.
      if (!random.Chance(entry.first == "memory.max" ? 70 : 20)) continue;
      const Knob& knob = *entry.second.knob;
      const bool has =
          theirs != other.end() && theirs->second.contains(entry.first) && random.Chance(50);
      deeds.push_back({path,
                       entry.first,
                       has ? theirs->second.at(entry.first)
                           : format::FormatKnob(knob, format::DefaultValue(knob))});
    }
  }
  return deeds;
}

// Both ways and all there is in between.
void Choose(Random& random, Desired& desired) {
  for (auto& entry : desired.cgroups) {
    entry.second.on_drift = random.Chance(60)   ? OnDrift::kRepair
                            : random.Chance(50) ? OnDrift::kReport
                                                : OnDrift::kAdopt;
    entry.second.shrink = random.Chance(70) ? Shrink::kWait : Shrink::kKill;
  }
}

// All that a plan says.
std::string Story(const Plan& plan) {
  std::string text = plan.complete ? "" : "incomplete\n";
  const std::vector<std::string> lines = testing::PlanLines(plan, true);
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Reason& reason = plan.actions[i].reason;
    text += fmt::format("{} (was {}, drift {}, needs {})\n",
                        lines[i],
                        reason.now,
                        reason.drift,
                        fmt::join(plan.actions[i].needs, " "));
  }
  for (const Care& care : plan.care) {
    text += fmt::format("care {} {}: {}\n", care.path.text(), care.file, care.message);
  }
  for (const Held& held : plan.held) {
    text += fmt::format("held {} {}={}: {} {}\n",
                        held.path.text(),
                        held.file,
                        held.wanted,
                        held.reason,
                        held.drift);
  }
  for (const Drifted& drifted : plan.drifted) {
    text += fmt::format("left {} {}: {}\n", drifted.path.text(), drifted.file, drifted.now);
  }
  for (const Refusal& refusal : plan.refusals) text += "refused " + refusal.path.text() + "\n";
  for (const Gap& gap : plan.gaps) text += fmt::format("gap {} {}\n", gap.path.text(), gap.file);
  return text;
}

// Who lives there takes more, up to what a lifted limit lets them: putting it back has to wait.
struct Appetite {
  std::int64_t pid = 0;
  std::uint64_t bytes = 0;
};

std::vector<Appetite> RandomAppetites(Random& random, const Inhabitants& inhabitants) {
  std::vector<Appetite> appetites;
  for (const std::int64_t pid : inhabitants.processes) {
    if (random.Chance(40)) appetites.push_back({pid, random.Number(50, 400) << 20});
  }
  return appetites;
}

void Feed(FakeCgroupFs& fs, const std::vector<Appetite>& appetites) {
  for (const Appetite& appetite : appetites) {
    if (fs.kernel().Alive(appetite.pid)) fs.kernel().Allocate(appetite.pid, appetite.bytes);
  }
}

bool Write(FakeCgroupFs& fs, const Deed& deed) {
  return fs.kernel().Write(fs.Absolute(deed.path.text()), deed.file, deed.text) == 0;
}

TEST(LoneDrift, TheCgroupsThatMovedHaveTheStepsOfTheWholePlan) {
  std::size_t steps = 0;
  std::size_t held = 0;
  std::size_t left = 0;
  for (std::uint64_t seed : Seeds(1, kSeeds)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    const Trees tree = RandomTree(random);
    Desired desired = DesiredOf(tree, random.Chance(50));
    Choose(random, desired);
    FakeCgroupFs fs(EveryFile());
    engine::Observer observer(fs);
    plan::PlanOptions options;
    options.page_size = support::kPageSize;
    engine::ApplyAll(
        fs, engine::ObserveAndPlan(observer, desired, options).plan, support::kPageSize);
    const Inhabitants inhabitants = Settle(fs, tree, random);
    ASSERT_EQ(Story(engine::ObserveAndPlan(observer, desired, options).plan), "");
    std::set<CgroupPath> moved;
    for (const Deed& deed : RandomDeeds(random, desired, RandomTree(random))) {
      if (Write(fs, deed)) moved.insert(deed.path);
    }
    Feed(fs, RandomAppetites(random, inhabitants));
    options.previous = &desired;

    const Plan whole = engine::ObserveAndPlan(observer, desired, options).plan;
    options.only_values_of = &moved;
    const Plan alone = engine::ObserveAndPlan(observer, desired, options).plan;

    ASSERT_EQ(Story(alone), Story(whole));
    steps += whole.actions.size();
    held += whole.held.size();
    left += whole.drifted.size();
  }
  if (Seeds(1, kSeeds).size() < kSeeds) return;
  EXPECT_GT(steps, 500U);
  EXPECT_GT(held, 10U);
  EXPECT_GT(left, 100U);
}

// A host with its engine. Two of them with the same seed are the same to the last pid.
struct Host {
  explicit Host(const Desired& desired, const Trees& tree, Random random)
      : fs(EveryFile()), slow(fs), engine(fs, support::kPageSize) {
    engine.UseSlowWriter(slow);
    engine.SetDesired(desired);
    Rest(1s);
    inhabitants = Settle(fs, tree, random);
    engine.MarkDirty();
    Rest(2s);
    fs.ClearJournal();
    said.clear();
  }

  void Rest(engine::Instant now) {
    for (int steps = 0; engine.Step(now) && steps < 5000; ++steps) {
    }
    for (const engine::Note& note : engine.TakeNotes()) said += note.text + "\n";
  }

  void Hear(const Deed& deed, engine::Instant now) {
    Writer writer;
    writer.pid = 77;
    writer.program = "puppet";
    engine.MarkDirty(Touch{deed.path, deed.file, std::make_shared<const Writer>(writer), now});
  }

  // What was done, said and found.
  std::string Story() {
    std::string text;
    for (const auto& entry : fs.journal()) text += entry.ToString() + "\n";
    for (const std::string& write : slow.writes()) text += "slow " + write + "\n";
    return text + said + property::Story(engine.plan());
  }

  FakeCgroupFs fs;
  support::HeldSlowWriter slow;
  engine::Engine engine;
  Inhabitants inhabitants;
  std::string said;
};

TEST(LoneDrift, AnEngineThatIsToldWhereDoesWhatOneDoesThatLooksEverywhere) {
  for (std::uint64_t seed : Seeds(1, kSeeds / 3)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    const Trees tree = RandomTree(random);
    Desired desired = DesiredOf(tree, random.Chance(50));
    Choose(random, desired);
    const Random inhabitants(random.Number(1, 1U << 30));
    Host alone(desired, tree, inhabitants);
    Host everywhere(desired, tree, inhabitants);
    ASSERT_EQ(alone.Story(), everywhere.Story());

    engine::Instant now = 10s;
    for (int round = 0; round < 8; ++round) {
      SCOPED_TRACE(fmt::format("round {}", round));
      for (const Deed& deed : RandomDeeds(random, desired, RandomTree(random))) {
        if (!Write(alone.fs, deed)) continue;
        ASSERT_TRUE(Write(everywhere.fs, deed));
        alone.Hear(deed, now);
        everywhere.Hear(deed, now);
        everywhere.engine.MarkDirty();
      }
      const auto appetites = RandomAppetites(random, alone.inhabitants);
      Feed(alone.fs, appetites);
      Feed(everywhere.fs, appetites);
      alone.Rest(now);
      everywhere.Rest(now);

      ASSERT_EQ(alone.Story(), everywhere.Story());
      // Fights, brakes and what waits go on alike, too.
      now += random.Chance(50) ? 1s : 61s;
      alone.Rest(now);
      everywhere.Rest(now);
      ASSERT_EQ(alone.Story(), everywhere.Story());
    }
  }
}

}  // namespace
}  // namespace reeve::property
