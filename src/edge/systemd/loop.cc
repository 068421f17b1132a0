// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <time.h>

#include <cerrno>
#include <utility>

#include "edge/io/unique_fd.h"

namespace reeve::systemd {
namespace {

Error SdError(int result, const char* what) {
  return ErrnoError(-result, "sd-event", what);
}

Result<> Check(int result, const char* what) {
  if (result < 0) return SdError(result, what);
  return {};
}

}  // namespace

struct Source::State {
  sd_event_source* source = nullptr;
  Callback callback;
  bool timer = false;
  UniqueFd always_readable = {};  // OnTurn only

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { sd_event_source_disable_unref(source); }

  // sd-event switches off a source whose handler returns a negative value, without a word; so none
  // does.
  static int OnIo(sd_event_source*, int, std::uint32_t, void* state) noexcept {
    static_cast<State*>(state)->callback();
    return 0;
  }

  static int OnTime(sd_event_source*, std::uint64_t, void* state) noexcept {
    static_cast<State*>(state)->callback();
    return 0;
  }

  static int OnSignal(sd_event_source*, const signalfd_siginfo*, void* state) noexcept {
    static_cast<State*>(state)->callback();
    return 0;
  }
};

Source::Source(std::unique_ptr<State> state) : state_(std::move(state)) {}

Source::Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;
Source::~Source() = default;

Result<> Source::Enable(bool on) {
  return Check(sd_event_source_set_enabled(state_->source, on ? SD_EVENT_ON : SD_EVENT_OFF),
               "enabling a source");
}

Result<> Source::FireAt(Usec at) {
  REEVE_CHECK(state_->timer);
  REEVE_TRY_VOID(
      Check(sd_event_source_set_time(state_->source, static_cast<std::uint64_t>(at.count())),
            "setting a timer"));
  return Check(sd_event_source_set_enabled(state_->source, SD_EVENT_ONESHOT), "arming a timer");
}

Result<Loop> Loop::Make() {
  sd_event* event = nullptr;
  REEVE_TRY_VOID(Check(sd_event_new(&event), "making the loop"));
  return Loop(event);
}

Loop::Loop(Loop&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}

Loop& Loop::operator=(Loop&& other) noexcept {
  std::swap(event_, other.event_);
  return *this;
}

Loop::~Loop() {
  sd_event_unref(event_);
}

Result<Source> Loop::OnReadable(int fd, Source::Callback callback) {
  auto state = std::make_unique<Source::State>();
  state->callback = std::move(callback);
  REEVE_TRY_VOID(
      Check(sd_event_add_io(event_, &state->source, fd, EPOLLIN, Source::State::OnIo, state.get()),
            "watching a descriptor"));
  return Source(std::move(state));
}

Result<Source> Loop::OnPriority(int fd, Source::Callback callback) {
  auto state = std::make_unique<Source::State>();
  state->callback = std::move(callback);
  REEVE_TRY_VOID(
      Check(sd_event_add_io(event_, &state->source, fd, EPOLLPRI, Source::State::OnIo, state.get()),
            "watching a descriptor"));
  return Source(std::move(state));
}

Result<Source> Loop::OnTimer(Source::Callback callback) {
  constexpr std::uint64_t kAccuracyUsec = 1'000;  // 0 would mean 250 ms
  auto state = std::make_unique<Source::State>();
  state->callback = std::move(callback);
  state->timer = true;
  REEVE_TRY_VOID(Check(sd_event_add_time(event_,
                                         &state->source,
                                         CLOCK_BOOTTIME,
                                         0,
                                         kAccuracyUsec,
                                         Source::State::OnTime,
                                         state.get()),
                       "making a timer"));
  Source source(std::move(state));
  REEVE_TRY_VOID(source.Enable(false));
  return source;
}

Result<Source> Loop::OnSignal(int signal, Source::Callback callback) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0)
    return Error{ErrorKind::kInternal, 0, "sd-event", "a signal can not be blocked"};
  auto state = std::make_unique<Source::State>();
  state->callback = std::move(callback);
  REEVE_TRY_VOID(Check(
      sd_event_add_signal(event_, &state->source, signal, Source::State::OnSignal, state.get()),
      "watching a signal"));
  return Source(std::move(state));
}

Result<Source> Loop::OnTurn(Source::Callback callback) {
  // sd-event serves descriptors in the order in which they became readable; this one becomes so
  // again after each callback. A defer source would go before all of its priority, or after.
  UniqueFd fd(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) return ErrnoError(errno, "sd-event", "eventfd");
  REEVE_TRY(Source source, OnReadable(fd.get(), std::move(callback)));
  source.state_->always_readable = std::move(fd);
  REEVE_TRY_VOID(source.Enable(false));
  return source;
}

Result<> Loop::KeepWatchdog() {
  return Check(sd_event_set_watchdog(event_, 1), "keeping the watchdog");
}

Result<> Loop::Run() {
  return Check(sd_event_loop(event_), "running the loop");
}

Result<> Loop::RunUntil(const std::function<bool()>& done) {
  constexpr std::uint64_t kForEver = ~std::uint64_t{0};
  while (!done() && sd_event_get_state(event_) != SD_EVENT_FINISHED) {
    REEVE_TRY_VOID(Check(sd_event_run(event_, kForEver), "running the loop"));
  }
  return {};
}

void Loop::Stop() {
  sd_event_exit(event_, 0);
}

}  // namespace reeve::systemd
