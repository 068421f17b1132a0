// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/result.h"
#include "core/base/units.h"

struct sd_event;
struct sd_event_source;

namespace reeve::systemd {

// One source of the loop; taken out when it is destroyed. Must not outlive its loop.
class Source {
 public:
  using Callback = std::function<void()>;

  Source();
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  // Whether it may fire.
  Result<> Enable(bool on);

  // Timers only: fires once when BootTime() reaches `at`.
  Result<> FireAt(Usec at);

 private:
  friend class Loop;

  struct State;

  explicit Source(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// The one loop of a process, on sd-event. Callbacks must not throw: an exception would leave
// sd-event in a state in which every later run fails, so it ends the process and the supervisor
// starts it anew.
class Loop {
 public:
  static Result<Loop> Make();

  Loop(Loop&&) noexcept;
  Loop& operator=(Loop&&) noexcept;
  Loop(const Loop&) = delete;
  ~Loop();

  // Calls back while `fd` has something to read (or an exceptional condition, with `priority`).
  Result<Source> OnReadable(int fd, Source::Callback callback);
  Result<Source> OnPriority(int fd, Source::Callback callback);

  // A timer by CLOCK_BOOTTIME, off until FireAt.
  Result<Source> OnTimer(Source::Callback callback);

  // Blocks the signal for the process and calls back instead.
  Result<Source> OnSignal(int signal, Source::Callback callback);

  // Calls back again and again while enabled, in turn with everything else that is due; off at
  // first. For work done in pieces: others wait for one piece, and a descriptor that always has
  // something to read keeps nothing from being done.
  Result<Source> OnTurn(Source::Callback callback);

  // Answers the supervisor's watchdog, if there is one.
  Result<> KeepWatchdog();

  // Runs until Stop.
  Result<> Run();

  // Runs until `done` or Stop; may be run again in the first case. `done` is asked after each turn.
  Result<> RunUntil(const std::function<bool()>& done);

  void Stop();

  // For what lives on the same loop within this folder.
  sd_event* event() const { return event_; }

 private:
  explicit Loop(sd_event* event) : event_(event) {}

  sd_event* event_ = nullptr;
};

}  // namespace reeve::systemd
