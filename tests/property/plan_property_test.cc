// SPDX-License-Identifier: Apache-2.0
// Random desired trees on the fake kernel: what is planned and done leads to what was desired, through steps that
// are all legal, and harms nobody on the way.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "core/engine/applier.h"
#include "core/engine/planning.h"
#include "property/random_world.h"
#include "property/step_watch.h"

namespace reeve::property {
namespace {

using support::FakeCgroupFs;

constexpr std::uint64_t kSeeds = 300;

plan::PlanOptions Options() {
  plan::PlanOptions options;
  options.page_size = support::kPageSize;
  return options;
}

std::string Unfinished(const Plan& plan, const ApplyReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.outcomes.size(); ++i) {
    const Outcome& outcome = report.outcomes[i];
    if (outcome.kind == Outcome::Kind::kDone || outcome.kind == Outcome::Kind::kAlreadySo) continue;
    text += fmt::format("action {} on {}: outcome {}, {}\n",
                        i,
                        plan.actions[i].path.text(),
                        static_cast<int>(outcome.kind),
                        outcome.error ? outcome.error->ToString() : "");
  }
  return text;
}

// Actions that wait for one that comes after them.
std::string LateNeeds(const Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    for (std::size_t need : plan.actions[i].needs) {
      if (need < i) continue;
      Plan two;
      two.actions = {plan.actions[i], plan.actions[need]};
      text += fmt::format("{}\n", fmt::join(testing::PlanLines(two, true), " needs the later "));
    }
  }
  return text;
}

std::vector<std::string> HeldFiles(const Plan& plan) {
  std::vector<std::string> names;
  for (const Held& held : plan.held) names.push_back(held.path.text() + " " + held.file);
  return names;
}

TEST(PlanProperty, AnEmptyHostBecomesAsDesired) {
  for (std::uint64_t seed : Seeds(1, kSeeds)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    Trees tree = RandomTree(random);
    Desired desired = DesiredOf(tree, random.Chance(50));
    FakeCgroupFs fs(EveryFile());
    engine::Observer observer(fs);

    auto [observed, plan] = engine::ObserveAndPlan(observer, desired, Options());
    ApplyReport report = engine::ApplyAll(fs, plan, support::kPageSize);

    ASSERT_EQ(Unfinished(plan, report), "");
    ASSERT_EQ(Differences(fs, desired, {}), "");
  }
}

TEST(PlanProperty, AConvergedHostNeedsNothing) {
  for (std::uint64_t seed : Seeds(1, kSeeds)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    Trees tree = RandomTree(random);
    Desired desired = DesiredOf(tree, random.Chance(50));
    FakeCgroupFs fs(EveryFile());
    engine::Observer first(fs);
    engine::ApplyAll(
        fs, engine::ObserveAndPlan(first, desired, Options()).plan, support::kPageSize);
    fs.ClearJournal();

    engine::Observer second(fs);  // a restarted reeve knows nothing but what the kernel holds
    Plan again = engine::ObserveAndPlan(second, desired, Options()).plan;

    ASSERT_EQ(testing::PlanLines(again, true), std::vector<std::string>());
    ASSERT_TRUE(again.AsDescribed());
  }
}

TEST(PlanProperty, FromOneTreeToAnotherEveryStepIsLegalAndHarmsNobody) {
  for (std::uint64_t seed : Seeds(1, kSeeds)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    Trees from = RandomTree(random), to = RandomTree(random);
    bool accounts = random.Chance(50);
    FakeCgroupFs fs(EveryFile());
    engine::Observer observer(fs);
    Desired before = DesiredOf(from, accounts), desired = DesiredOf(to, accounts);
    engine::ApplyAll(
        fs, engine::ObserveAndPlan(observer, before, Options()).plan, support::kPageSize);
    Inhabitants inhabitants = Settle(fs, from, random);
    engine::Observer fresh(fs);

    Plan plan = engine::ObserveAndPlan(fresh, desired, Options()).plan;
    ASSERT_EQ(LateNeeds(plan), "");
    StepWatch watch(fs, inhabitants);
    engine::Applier applier(fs, plan, support::kPageSize);
    while (!applier.done()) {
      applier.Step();
      watch.Look();
    }

    if (std::getenv("REEVE_PROPERTY_VERBOSE") != nullptr) {
      for (const auto& entry : fs.journal()) std::puts(entry.ToString().c_str());
    }
    ASSERT_EQ(Unfinished(plan, applier.report()), "");
    ASSERT_EQ(Harm(fs, inhabitants), "");
    ASSERT_EQ(Differences(fs, desired, inhabitants, HeldFiles(plan)), "");
    ASSERT_EQ(watch.Offences(), "");
  }
}

TEST(PlanProperty, WhatWasHeldBackIsAllThatIsPlannedNext) {
  for (std::uint64_t seed : Seeds(1, kSeeds)) {
    SCOPED_TRACE(fmt::format("REEVE_PROPERTY_SEED={}", seed));
    Random random(seed);
    Trees from = RandomTree(random), to = RandomTree(random);
    FakeCgroupFs fs(EveryFile());
    engine::Observer observer(fs);
    engine::ApplyAll(fs,
                     engine::ObserveAndPlan(observer, DesiredOf(from, true), Options()).plan,
                     support::kPageSize);
    Settle(fs, from, random);
    Desired desired = DesiredOf(to, true);
    engine::Observer second(fs);
    Plan plan = engine::ObserveAndPlan(second, desired, Options()).plan;
    ASSERT_EQ(LateNeeds(plan), "");
    engine::ApplyAll(fs, plan, support::kPageSize);

    engine::Observer third(fs);
    Plan next = engine::ObserveAndPlan(third, desired, Options()).plan;

    ASSERT_EQ(testing::PlanLines(next, true), std::vector<std::string>());
    ASSERT_EQ(HeldFiles(next), HeldFiles(plan));
  }
}

}  // namespace
}  // namespace reeve::property
