// SPDX-License-Identifier: Apache-2.0
#include "core/engine/shrink_course.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace reeve::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = 1U << 20;

// Larger slices are quicker; smaller ones show sooner that somebody misses what they took.
struct Manner {
  std::uint64_t share;      // one slice is what is to go, divided by this: up to the largest
  std::uint64_t largest;    // bytes: 256 MiB are read back from a slow disk in some 2 s
  Instant pause;            // between slices; long enough for a refault to show
  std::uint64_t most_some;  // percent of the time, over slice and pause
  std::uint64_t most_full;
  std::uint64_t most_back;  // percent of what was taken that may come back
  int most_vain;
  Instant first_wait;
  Instant longest_wait;
};

constexpr Manner kWaitManner{16, 256 * kMiB, 500ms, 10, 5, 50, 3, 60s, 10min};
constexpr Manner kGentleManner{8, 1024 * kMiB, 250ms, 40, 20, 90, 6, 20s, 5min};
constexpr std::uint64_t kSmallestSlice = 4 * kMiB;
// Refaults below this are noise: libraries, a shell that was idle.
constexpr std::uint64_t kFewRefaults = 4 * kMiB;
// Before the limit is written the use must be seen below the target with the brake on.
constexpr Instant kLastPause = 50ms;

const Manner& MannerOf(Shrink mode) {
  return mode == Shrink::kGentle ? kGentleManner : kWaitManner;
}

std::uint64_t Fell(std::uint64_t from, std::uint64_t to) {
  return from > to ? from - to : 0;
}

std::string MiB(std::uint64_t bytes) {
  return fmt::format("{} MiB", (bytes + kMiB / 2) / kMiB);
}

}  // namespace

ShrinkCourse::ShrinkCourse(Shrink mode, std::uint64_t target, Instant now)
    : mode_(mode), target_(target), wake_(now) {}

void ShrinkCourse::Retarget(Shrink mode, std::uint64_t target, Instant now) {
  if (mode == mode_ && target == target_) return;
  mode_ = mode;
  target_ = target;
  backoff_ = Instant{0};
  FitsNot(now);
}

void ShrinkCourse::FitsNot(Instant now) {
  state_ = State::kReclaiming;
  step_ = Step::kLook;
  wake_ = now;
  reason_.clear();
  attempt_is_new_ = true;
}

ShrinkCourse::Need ShrinkCourse::Next(Instant now) const {
  if (state_ == State::kFits || step_ == Step::kSliceRuns || now < wake_) return Need::kNothing;
  return step_ == Step::kSlice ? Need::kSlice : Need::kSample;
}

// The brake holds the use a little above itself, because the kernel charges in batches; so it
// stands lower than the limit shall, or the use would never be seen to fit.
std::uint64_t ShrinkCourse::Aim() const {
  return target_ - std::min(16 * kMiB, target_ / 16);
}

void ShrinkCourse::OnSample(const ShrinkSample& sample) {
  const bool waited = state_ == State::kWaiting;
  if (!seen_) from_ = sample.current;
  seen_ = true;
  last_ = sample;
  if (waited || attempt_is_new_) return Begin(sample);
  if (step_ == Step::kLookAfter) return Pause(sample.at, MannerOf(mode_).pause);
  Judge(sample);
}

void ShrinkCourse::Begin(const ShrinkSample& sample) {
  state_ = State::kReclaiming;
  attempt_is_new_ = false;
  attempt_from_ = sample.current;
  reason_.clear();
  taken_ = came_back_ = 0;
  slices_ = vain_ = 0;
  // Nobody is under it yet: it only keeps the use from growing.
  brake_ = std::max(Aim(), sample.current);
  if (sample.current <= Aim()) {
    Pause(sample.at, kLastPause);
    before_ = sample;
    return;
  }
  PlanSlice(sample);
}

void ShrinkCourse::PlanSlice(const ShrinkSample& sample) {
  const Manner& manner = MannerOf(mode_);
  const std::uint64_t excess = Fell(sample.current, Aim());
  const std::uint64_t share = Fell(attempt_from_, Aim()) / manner.share;
  slice_ = std::min(excess, std::clamp(share, kSmallestSlice, manner.largest));
  before_ = sample;
  wake_ = sample.at;
  step_ = Step::kSlice;
  if (!by_brake_) return;
  brake_ = std::max(Aim(), sample.current - slice_);
  Pause(sample.at, manner.pause);
}

void ShrinkCourse::Pause(Instant now, Instant length) {
  if (step_ == Step::kLookAfter) {
    // What the slice itself freed, before anything of it came back.
    const std::uint64_t freed = Fell(before_.current, last_.current);
    taken_ = taken_ / 2 + freed;
    vain_ = freed < slice_ / 8 ? vain_ + 1 : 0;
    ++slices_;
  }
  step_ = Step::kPause;
  wake_ = now + length;
}

void ShrinkCourse::OnSlice(Slice outcome, Instant now) {
  wake_ = now;
  switch (outcome) {
    case Slice::kDone:
      step_ = Step::kLookAfter;
      return;
    case Slice::kUnsupported:
      by_brake_ = true;
      PlanSlice(last_);
      return;
    case Slice::kFailed:
      Wait(now, "memory.reclaim failed");
      return;
  }
}

void ShrinkCourse::Judge(const ShrinkSample& sample) {
  const Manner& manner = MannerOf(mode_);
  if (by_brake_ && before_.current > Aim()) {
    const std::uint64_t freed = Fell(before_.current, sample.current);
    taken_ = taken_ / 2 + freed;
    vain_ = freed < slice_ / 8 ? vain_ + 1 : 0;
    ++slices_;
  }
  came_back_ = came_back_ / 2 + Fell(sample.refaulted, before_.refaulted);
  if (sample.current <= target_ && brake_ == Aim()) return Fit();
  if (PressureIsTooHigh(sample)) return;
  if (slices_ >= 2 && came_back_ >= kFewRefaults && came_back_ * 100 >= taken_ * manner.most_back) {
    return Wait(sample.at,
                fmt::format("{} of the {} last reclaimed were wanted back at once",
                            MiB(came_back_),
                            MiB(std::max(taken_, came_back_))));
  }
  if (vain_ >= manner.most_vain) return Wait(sample.at, "nothing more can be reclaimed");
  LowerBrake();
  if (sample.current <= Aim()) {
    before_ = sample;
    return Pause(sample.at, kLastPause);
  }
  PlanSlice(sample);
}

// Follows in coarse steps: each is a pass of the engine.
void ShrinkCourse::LowerBrake() {
  const std::uint64_t step = std::max(Fell(attempt_from_, Aim()) / 8, kMiB);
  const std::uint64_t wanted = std::max(Aim(), last_.current);
  if (wanted == Aim() || wanted + step <= *brake_) brake_ = wanted;
}

// Measured over one slice and its pause, because avg10 is still about what was before. Only what
// grows while we take memory away is our doing, but heavy pressure of any cause is no time to.
bool ShrinkCourse::PressureIsTooHigh(const ShrinkSample& sample) {
  const Manner& manner = MannerOf(mode_);
  const Instant passed = sample.at - before_.at;
  if (passed.count() <= 0) return false;
  const auto percent = [&](std::optional<std::uint64_t> from, std::optional<std::uint64_t> to) {
    if (!from || !to) return std::uint64_t{0};
    return Fell(*to, *from) * 100'000 / static_cast<std::uint64_t>(passed.count());
  };
  const std::uint64_t some = percent(before_.some_usec, sample.some_usec);
  const std::uint64_t full = percent(before_.full_usec, sample.full_usec);
  if (some <= manner.most_some && full <= manner.most_full) return false;
  Wait(sample.at,
       fmt::format("it stood still for want of memory (pressure some {} %, full {} % of the time)",
                   std::min<std::uint64_t>(some, 100),
                   std::min<std::uint64_t>(full, 100)));
  return true;
}

void ShrinkCourse::Fit() {
  state_ = State::kFits;
  reason_.clear();
}

void ShrinkCourse::Wait(Instant now, std::string reason) {
  if (last_.current <= target_) return Fit();
  const Manner& manner = MannerOf(mode_);
  const bool led_somewhere = Fell(attempt_from_, last_.current) >= Fell(attempt_from_, target_) / 8;
  backoff_ = backoff_ == Instant{0} || led_somewhere ? manner.first_wait
                                                     : std::min(backoff_ * 2, manner.longest_wait);
  state_ = State::kWaiting;
  step_ = Step::kLook;
  wake_ = now + backoff_;
  brake_.reset();
  reason_ = std::move(reason);
}

}  // namespace reeve::engine
