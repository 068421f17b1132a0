// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/engine/instant.h"
#include "core/model/policy.h"

namespace reeve::engine {

// What a shrinking cgroup looks like at one moment.
struct ShrinkSample {
  Instant at{0};
  std::uint64_t current = 0;    // memory.current, bytes
  std::uint64_t refaulted = 0;  // bytes that came back after they were reclaimed, ever
  // Microseconds ever in which some, or all, stood still for want of memory; nullopt where the
  // kernel does not say (no PSI, cgroup.pressure 0).
  std::optional<std::uint64_t> some_usec;
  std::optional<std::uint64_t> full_usec;
};

// How one cgroup gets from what it uses to a lower memory.max without a kill: a slice is reclaimed,
// then it is watched whether those inside miss it, then comes the next one. A state machine without
// files or time; shrinker.h drives it.
//
// Meanwhile memory.high is a brake that follows the use down, so that what was given back is not
// taken again. It stands a little below the target in the end, and is let go when the course waits
// or is over: nobody is slowed down by an attempt that leads nowhere.
class ShrinkCourse {
 public:
  enum class State {
    kReclaiming,
    kWaiting,  // it can not give back more now; tried again at wake()
    kFits,     // the target can be written
  };

  enum class Need {
    kNothing,  // before wake()
    kSample,   // OnSample is wanted
    kSlice,    // memory.reclaim of slice() bytes is wanted, then OnSlice
  };

  // What became of a slice. Whether it was enough is seen in the next sample, so the kernel's
  // EAGAIN is as good as a success.
  enum class Slice {
    kDone,
    kUnsupported,  // no memory.reclaim here (before 5.19): the brake alone has to do it
    kFailed,
  };

  // `mode` is kWait or kGentle; `target` is the wanted memory.max, bytes.
  ShrinkCourse(Shrink mode, std::uint64_t target, Instant now);

  // Another target or mode in mid-course; the same is no change.
  void Retarget(Shrink mode, std::uint64_t target, Instant now);

  // It was thought to fit, and does not.
  void FitsNot(Instant now);

  Need Next(Instant now) const;
  void OnSample(const ShrinkSample& sample);

  // The slice was handed to the kernel; until OnSlice nothing is needed.
  void OnSliceBegun() { step_ = Step::kSliceRuns; }

  void OnSlice(Slice outcome, Instant now);

  // Bytes; while Next() is kSlice.
  std::uint64_t slice() const { return slice_; }

  // The highest memory.high that is wanted now, bytes; nullopt: none of ours.
  std::optional<std::uint64_t> brake() const { return brake_; }

  State state() const { return state_; }

  Instant wake() const { return wake_; }

  std::uint64_t target() const { return target_; }

  // Use when the course began, and when it was last seen; bytes.
  std::uint64_t from() const { return from_; }

  std::uint64_t now() const { return last_.current; }

  // Why it waits, in words; "" unless it does.
  const std::string& reason() const { return reason_; }

 private:
  enum class Step { kLook, kSlice, kSliceRuns, kLookAfter, kPause };

  void Begin(const ShrinkSample& sample);
  void Judge(const ShrinkSample& sample);
  bool PressureIsTooHigh(const ShrinkSample& sample);
  void LowerBrake();
  void PlanSlice(const ShrinkSample& sample);
  void Pause(Instant now, Instant length);
  void Fit();
  void Wait(Instant now, std::string reason);
  std::uint64_t Aim() const;

  Shrink mode_;
  std::uint64_t target_;
  State state_ = State::kReclaiming;
  Step step_ = Step::kLook;
  Instant wake_;
  std::uint64_t slice_ = 0;
  std::optional<std::uint64_t> brake_;
  bool by_brake_ = false;  // no memory.reclaim here
  bool seen_ = false;
  std::uint64_t from_ = 0;          // at the very first sample
  std::uint64_t attempt_from_ = 0;  // at the first one since it last waited
  bool attempt_is_new_ = true;
  ShrinkSample before_;  // before the slice
  ShrinkSample last_;
  // Of the last slices, older ones counting half as much each time.
  std::uint64_t taken_ = 0;
  std::uint64_t came_back_ = 0;
  int slices_ = 0;
  int vain_ = 0;  // slices in a row that freed next to nothing
  Instant backoff_{0};
  std::string reason_;
};

}  // namespace reeve::engine
