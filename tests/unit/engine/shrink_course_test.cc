// SPDX-License-Identifier: Apache-2.0
#include "core/engine/shrink_course.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reeve::engine {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = 1U << 20;

// A cgroup that reclaims as it is told and whose course is driven by a clock of the test's own.
struct World {
  std::uint64_t current = 1024 * kMiB;
  std::uint64_t stuck = 0;  // this much can not be reclaimed
  ShrinkSample sample;
  bool has_reclaim = true;
  bool has_psi = true;
  std::function<void(World&, std::uint64_t freed)> after_slice = [](World&, std::uint64_t) {};
  Instant now{1s};
  int slices = 0;
  std::uint64_t largest_slice = 0;

  std::uint64_t Free(std::uint64_t bytes) {
    const std::uint64_t freed = std::min(bytes, current > stuck ? current - stuck : 0);
    current -= freed;
    return freed;
  }

  // What the course needs at this moment. False: nothing now.
  bool Serve(ShrinkCourse& course) {
    switch (course.Next(now)) {
      case ShrinkCourse::Need::kNothing:
        return false;
      case ShrinkCourse::Need::kSample:
        // Without memory.reclaim the brake itself makes the kernel reclaim.
        if (course.brake() && *course.brake() < current) {
          after_slice(*this, Free(current - *course.brake()));
        }
        sample.at = now;
        sample.current = current;
        if (has_psi && !sample.some_usec) sample.some_usec = sample.full_usec = 0;
        course.OnSample(sample);
        return true;
      case ShrinkCourse::Need::kSlice:
        course.OnSliceBegun();
        EXPECT_EQ(course.Next(now), ShrinkCourse::Need::kNothing);
        now += 10ms;
        if (!has_reclaim) {
          course.OnSlice(ShrinkCourse::Slice::kUnsupported, now);
          return true;
        }
        ++slices;
        largest_slice = std::max(largest_slice, course.slice());
        after_slice(*this, Free(course.slice()));
        course.OnSlice(ShrinkCourse::Slice::kDone, now);
        return true;
    }
    return false;
  }

  // Until it fits, waits, or the time is over.
  void Run(ShrinkCourse& course, Instant most = 10min) {
    const Instant end = now + most;
    while (now < end && course.state() != ShrinkCourse::State::kFits) {
      if (Serve(course)) {
        if (course.state() == ShrinkCourse::State::kWaiting) return;
        continue;
      }
      now = std::max(now, course.wake());
    }
  }
};

TEST(ShrinkCourse, WhatCanBeGivenBackIsTakenInSlicesUntilItFits) {
  World world;
  world.stuck = 100 * kMiB;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kFits);
  EXPECT_LE(world.current, 256 * kMiB);
  EXPECT_GE(world.slices, 10);
  EXPECT_LE(world.largest_slice, 64 * kMiB);
  EXPECT_EQ(course.from(), 1024 * kMiB);
  EXPECT_LE(*course.brake(), 256 * kMiB);
}

TEST(ShrinkCourse, TheBrakeIsNeverBelowTheUseWhereReclaimDoesTheWork) {
  World world;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);
  std::uint64_t brakes = 0;
  std::uint64_t last = 0;

  while (course.state() != ShrinkCourse::State::kFits) {
    if (!world.Serve(course)) world.now = course.wake();
    if (course.brake() && *course.brake() != last) {
      last = *course.brake();
      ++brakes;
      EXPECT_TRUE(last >= world.current || last <= 256 * kMiB) << last;
    }
  }

  EXPECT_LE(brakes, 12U);  // each is a pass of the engine
}

TEST(ShrinkCourse, WhatCanNotBeGivenBackIsLeftAloneSoon) {
  World world;
  world.stuck = 1000 * kMiB;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kWaiting);
  EXPECT_EQ(course.reason(), "nothing more can be reclaimed");
  EXPECT_FALSE(course.brake().has_value());
  EXPECT_LE(world.now, 10s);
  EXPECT_GE(course.wake() - world.now, 30s);
}

TEST(ShrinkCourse, WhatComesBackAtOnceIsNotTakenAgain) {
  World world;
  world.after_slice = [](World& w, std::uint64_t freed) {
    w.current += freed;
    w.sample.refaulted += freed;
  };
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kWaiting);
  EXPECT_THAT(course.reason(), HasSubstr("were wanted back at once"));
  EXPECT_LE(world.slices, 3);
  EXPECT_FALSE(course.brake().has_value());
}

TEST(ShrinkCourse, PressureEndsAnAttempt) {
  World world;
  world.after_slice = [](World& w, std::uint64_t) {
    w.sample.some_usec = *w.sample.some_usec + 200'000;
    w.sample.full_usec = *w.sample.full_usec + 10'000;
  };
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kWaiting);
  EXPECT_THAT(course.reason(), HasSubstr("pressure some"));
  EXPECT_EQ(world.slices, 1);
}

TEST(ShrinkCourse, GentleGoesOnWhereWaitStopsButNotForEver) {
  const auto some_stalls = [](std::uint64_t usec) {
    return [usec](World& w, std::uint64_t) { w.sample.some_usec = *w.sample.some_usec + usec; };
  };
  World bearable;
  bearable.after_slice = some_stalls(60'000);
  ShrinkCourse gentle(Shrink::kGentle, 256 * kMiB, bearable.now);
  bearable.Run(gentle);
  EXPECT_EQ(gentle.state(), ShrinkCourse::State::kFits);

  World same;
  same.after_slice = some_stalls(60'000);
  ShrinkCourse wait(Shrink::kWait, 256 * kMiB, same.now);
  same.Run(wait);
  EXPECT_EQ(wait.state(), ShrinkCourse::State::kWaiting);

  World heavy;
  heavy.after_slice = some_stalls(200'000);
  ShrinkCourse too_much(Shrink::kGentle, 256 * kMiB, heavy.now);
  heavy.Run(too_much);
  EXPECT_EQ(too_much.state(), ShrinkCourse::State::kWaiting);
}

TEST(ShrinkCourse, WithoutMemoryReclaimTheBrakeDoesIt) {
  World world;
  world.has_reclaim = false;
  world.has_psi = false;
  world.stuck = 100 * kMiB;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kFits);
  EXPECT_EQ(world.slices, 0);
  EXPECT_LE(world.current, 256 * kMiB);
}

TEST(ShrinkCourse, WithoutMemoryReclaimWhatIsStuckIsLetGo) {
  World world;
  world.has_reclaim = false;
  world.stuck = 1000 * kMiB;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kWaiting);
  EXPECT_FALSE(course.brake().has_value());
}

TEST(ShrinkCourse, TriesAgainLaterAndLaterAndFitsWhenItCan) {
  World world;
  world.stuck = 1000 * kMiB;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);
  world.Run(course);
  const Instant first = course.wake() - world.now;

  world.now = course.wake();
  world.Serve(course);
  world.Run(course);
  EXPECT_GT(course.wake() - world.now, first);
  EXPECT_LE(course.wake() - world.now, 10min);

  world.stuck = 0;
  world.now = course.wake();
  world.Serve(course);
  world.Run(course);
  EXPECT_EQ(course.state(), ShrinkCourse::State::kFits);
}

TEST(ShrinkCourse, UseThatFallsByItselfFitsWithoutASlice) {
  World world;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);
  world.current = 10 * kMiB;

  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kFits);
  EXPECT_EQ(world.slices, 0);
}

TEST(ShrinkCourse, ALargerTargetInMidCourseIsTakenAtOnce) {
  World world;
  ShrinkCourse course(Shrink::kWait, 256 * kMiB, world.now);
  while (world.slices < 4) {
    if (!world.Serve(course)) world.now = course.wake();
  }
  const int before = world.slices;

  course.Retarget(Shrink::kWait, 1000 * kMiB, world.now);
  world.Run(course);

  EXPECT_EQ(course.state(), ShrinkCourse::State::kFits);
  EXPECT_EQ(world.slices, before);
}

TEST(ShrinkCourse, TinyTargetsAreReachedToo) {
  for (const std::uint64_t target : {std::uint64_t{0}, std::uint64_t{4096}, kMiB}) {
    World world;
    world.current = 8 * kMiB;
    ShrinkCourse course(Shrink::kWait, target, world.now);

    world.Run(course);

    EXPECT_EQ(course.state(), ShrinkCourse::State::kFits) << target;
  }
}

}  // namespace
}  // namespace reeve::engine
