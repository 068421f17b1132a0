// SPDX-License-Identifier: Apache-2.0
#include "app/show/settling.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/show/governed.h"
#include "unit/show/plan_builder.h"

namespace reeve::show {
namespace {

using engine::ShrinkProgress;
using State = engine::ShrinkCourse::State;

constexpr std::uint64_t kMiB = 1U << 20;

ShrinkProgress Shrink(State state, std::uint64_t now, std::string reason = "") {
  return {Path("people/user-1"),
          "memory.max",
          4096 * kMiB,
          now,
          1024 * kMiB,
          state,
          std::move(reason),
          Limit(now + kMiB)};
}

TEST(Settling, OneThatGoesDownSaysHowMuchIsLeft) {
  EXPECT_EQ(DescribeShrink(Shrink(State::kReclaiming, 3277 * kMiB + 5)),
            "people/user-1 memory.max goes down to 1GiB in stages: 3277MiB in use, 2253MiB to go");
  EXPECT_EQ(DescribeShrink(Shrink(State::kFits, 1000 * kMiB)),
            "people/user-1 memory.max goes down to 1GiB in stages: 1000MiB in use");
}

TEST(Settling, BeforeTheFirstLookNothingIsSaidOfUse) {
  ShrinkProgress shrink = Shrink(State::kReclaiming, 0);
  shrink.from = 0;

  EXPECT_EQ(DescribeShrink(shrink), "people/user-1 memory.max goes down to 1GiB in stages");
}

TEST(Settling, OneThatWaitsSaysWhy) {
  EXPECT_EQ(DescribeShrink(Shrink(State::kWaiting, 2048 * kMiB, "nothing more can be reclaimed")),
            "people/user-1 memory.max waits for 1GiB: 2GiB in use, nothing more can be reclaimed; "
            "tried again by and by");
}

TEST(Settling, OfMemoryHighItIsSaidThatItIsKeptLowMeanwhile) {
  ShrinkProgress shrink = Shrink(State::kReclaiming, 2047 * kMiB);
  EXPECT_EQ(DescribeShrinkOf(shrink, "memory.max"),
            "goes down to 1GiB in stages: 2047MiB in use, 1023MiB to go");
  EXPECT_EQ(DescribeShrinkOf(shrink, "memory.high"),
            "kept at 2GiB while memory.max goes down to 1GiB in stages: 2047MiB in use, 1023MiB to "
            "go");
  EXPECT_EQ(DescribeShrinkOf(shrink, "cpu.max"), "");
  shrink.brake = Limit::Max();
  EXPECT_TRUE(DescribeShrinkOf(shrink, "memory.high").starts_with("kept at max while memory.max"));
  shrink.brake.reset();
  EXPECT_EQ(DescribeShrinkOf(shrink, "memory.high"), "");
}

TEST(Settling, StatusHasALineForEachAndAnEnd) {
  Governed governed;
  governed.generation = 42;
  governed.settling.assign(5, Shrink(State::kWaiting, 2048 * kMiB, "x"));
  const auto lines = [&] {
    std::size_t found = 0;
    const std::string text = RenderGoverned(governed, Paint(false));
    for (std::size_t at = text.find("Settling: "); at != std::string::npos; ++found) {
      at = text.find("Settling: ", at + 1);
    }
    return found;
  };
  EXPECT_EQ(lines(), 5U);
  governed.settling.push_back(governed.settling.back());
  EXPECT_EQ(lines(), 6U);
  governed.settling.resize(500, governed.settling.back());
  EXPECT_EQ(lines(), 6U);
  EXPECT_NE(RenderGoverned(governed, Paint(false))
                .find("Settling: 495 more (`reevectl status -o json` has all)\n"),
            std::string::npos);
}

TEST(Settling, JsonHasBytesAndTellsTheStates) {
  Governed governed;
  governed.settling = {Shrink(State::kReclaiming, 3 * kMiB),
                       Shrink(State::kWaiting, 7, "full"),
                       Shrink(State::kFits, 5)};
  governed.settling[1].brake.reset();
  governed.settling[2].brake = Limit::Max();
  Json status = Json::object();

  AddGoverned(governed, status);

  const Json& all = status["settling"];
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(
      all[0].dump(),
      R"({"cgroup":"people/user-1","key":"memory.max","state":"reclaiming","from":4294967296,)"
      R"("now":3145728,"target":1073741824,"memory_high":4194304,"reason":""})");
  EXPECT_EQ(all[1]["state"], "waiting");
  EXPECT_EQ(all[1]["reason"], "full");
  EXPECT_EQ(all[1]["memory_high"], nullptr);
  EXPECT_EQ(all[2]["state"], "fits");
  EXPECT_EQ(all[2]["memory_high"], "max");
}

}  // namespace
}  // namespace reeve::show
