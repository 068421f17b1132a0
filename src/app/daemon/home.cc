// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/home.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/slice_values.h"
#include "core/base/text.h"
#include "edge/io/clock.h"
#include "edge/io/files.h"
#include "edge/io/log.h"
#include "edge/kernel/holder.h"
#include "edge/systemd/unit_calls.h"

namespace reeve::daemon {
namespace {

constexpr Usec kFirstPause = std::chrono::seconds(1);
constexpr Usec kLongestPause = std::chrono::seconds(30);
// For the job that makes the scope, after it was accepted.
constexpr Usec kJobLimit = std::chrono::seconds(20);

}  // namespace

Result<std::unique_ptr<Home>> Home::Make(systemd::Loop& loop,
                                         systemd::Bus& bus,
                                         Places places,
                                         HomeOptions options) {
  std::unique_ptr<Home> home(new Home(loop, bus, std::move(places), std::move(options)));
  REEVE_TRY_VOID(home->Listen());
  home->Look();
  return home;
}

Home::Home(systemd::Loop& loop, systemd::Bus& bus, Places places, HomeOptions options)
    : loop_(loop),
      bus_(bus),
      places_(std::move(places)),
      options_(std::move(options)),
      pause_(kFirstPause) {}

Result<> Home::Listen() {
  REEVE_TRY(timer_, loop_.OnTimer([this] { OnTimer(); }));
  const std::string scope(kernel::kHomeScope);
  const std::string manager(systemd::kSystemdManager);
  bus_.OnSignal({.interface = manager, .member = "JobRemoved"},
                [this](const systemd::BusSignal& signal) { OnJobRemoved(signal); });
  bus_.OnSignal({.interface = manager, .member = "UnitRemoved", .first_argument = scope},
                [this](const systemd::BusSignal&) { Look(); });
  // After daemon-reload: of what systemd wrote into our slice, nothing may be missing.
  bus_.OnSignal({.interface = manager, .member = "Reloading"},
                [this](const systemd::BusSignal&) { Look(); });
  bus_.OnChange([this] {
    const bool became_ready = bus_.ready() && !bus_was_ready_;
    bus_was_ready_ = bus_.ready();
    Look();
    if (became_ready) SetWeights();
  });
  return {};
}

void Home::Look() {
  std::erase_if(ended_, kernel::ReapHolder);
  std::string found = kernel::ExistingHome(places_.paths);
  if (!found.empty()) return TakeOver(found);
  if (there()) {
    io::LogWarning("{} is gone; another one is made", EscapeForTerminal(root_));
    root_.clear();
    holder_watch_ = {};
    holder_events_.reset();
    pending_ = "reeve's tree was removed";
    // What governed it ends now, and may be followed by another one of us.
    (void)timer_.FireAt(io::BootTime());
    return Tell();
  }
  if (making_) return;
  if (!bus_.ready()) return Pend(bus_.away_reason());
  Begin();
}

void Home::TakeOver(const std::string& root) {
  const bool known = root == root_;
  root_ = root;
  making_ = false;
  KeepHeld();
  DelegateFurther();
  if (known) return;
  pause_ = kFirstPause;
  pending_.clear();
  if (root == places_.paths.scope) {
    LeaveOlder();
  } else {
    io::LogInfo("{} is still in use: the tree of an older reeve, kept until nobody is in it",
                EscapeForTerminal(root));
  }
  WatchHolder();
  SetWeights();
  Tell();
}

// Whoever ends the holder ends the tree with the last process in it; so there is always one.
void Home::KeepHeld() {
  // Where systemd has put it, or left by one of us that did not get as far as this.
  for (const std::int64_t pid : kernel::ProcessesOf(root_)) PutHolder(pid);
  if (!kernel::HoldersOf(root_).empty()) return;
  if (auto started = StartHolder(); !started.has_value()) {
    io::LogError("{}", EscapeForTerminal(started.error().ToString()));
    return TryAgainLater();
  }
  PutHolder(*holder_);
}

void Home::PutHolder(std::int64_t pid) {
  const auto placed = kernel::PutHolder(root_, pid);
  if (placed.has_value()) return;
  io::LogError("{}", EscapeForTerminal(placed.error().ToString()));
  TryAgainLater();
}

// Unless it lives.
Result<> Home::StartHolder() {
  if (holder_ && !kernel::ReapHolder(*holder_)) return {};
  holder_.reset();
  REEVE_TRY(holder_, kernel::StartHolder(places_.holder));
  return {};
}

void Home::WatchHolder() {
  const std::string file = fmt::format("{}/{}/cgroup.events", root_, kernel::kHolderLeaf);
  holder_watch_ = {};
  holder_events_.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!holder_events_.valid()) return;  // looked at when something else makes us look
  auto watch = loop_.OnPriority(holder_events_.get(), [this] {
    char ignored[64];
    // Told once for each change, and again until it was read.
    if (::pread(holder_events_.get(), ignored, sizeof ignored, 0) < 0) {
      (void)holder_watch_.Enable(false);
    }
    Look();
  });
  if (watch.has_value()) holder_watch_ = *std::move(watch);
}

// Nobody is in it any more but its holder.
void Home::LeaveOlder() {
  for (const std::int64_t pid : kernel::HoldersOf(places_.paths.old_service)) {
    kernel::EndHolder(pid);
  }
}

void Home::Begin() {
  kernel::ClearAway(places_.paths.scope);
  if (auto started = StartHolder(); !started.has_value()) {
    return GiveUp(started.error().ToString());
  }
  making_ = true;
  Pend("systemd is asked for reeve's tree");
  (void)timer_.FireAt(io::BootTime() + kJobLimit);
  bus_.Call(systemd::StartDelegatedScope({.name = std::string(kernel::kHomeScope),
                                          .slice = std::string(kernel::kHomeSlice),
                                          .description = "The tree of cgroups that reeve governs",
                                          .documentation = "man:reeve(7)",
                                          .stopped_after = "reeved.service",
                                          .pid = *holder_,
                                          .oom_policy = oom_policy_}),
            [this](const Result<systemd::BusValue::List>& job) { OnBegun(job); });
}

void Home::OnBegun(const Result<systemd::BusValue::List>& job) {
  if (job.has_value() || !making_) return;
  const bool unsupported = job.error().kind == ErrorKind::kUnsupported;
  if (unsupported && std::exchange(oom_policy_, false)) return Begin();
  GiveUp(job.error().ToString());
}

void Home::OnJobRemoved(const systemd::BusSignal& signal) {
  if (signal.arguments.size() != 4) return;
  const std::string* unit = signal.arguments[2].text();
  const std::string* result = signal.arguments[3].text();
  if (unit == nullptr || result == nullptr || *unit != kernel::kHomeScope) return;
  if (std::exchange(making_, false) && *result != "done") {
    return GiveUp(fmt::format("systemd could not make {}: {}", kernel::kHomeScope, *result));
  }
  Look();
}

void Home::GiveUp(std::string why) {
  making_ = false;
  // Another one next time: this one may be what was wrong.
  if (holder_) {
    kernel::EndHolder(*holder_);
    ended_.push_back(*holder_);
    holder_.reset();
  }
  Pend(std::move(why));
  TryAgainLater();
}

// systemd writes only what it knows of into cgroup.subtree_control of a slice and leaves the rest as it is, also with
// daemon-reload; a slice that was made again has to be told again.
void Home::DelegateFurther() {
  const auto controllers = [](const std::string& cgroup) {
    const auto text = io::ReadWholeFile(cgroup + "/cgroup.controllers");
    return text.has_value() ? ControllerSet::Parse(*text) : ControllerSet();
  };
  const ControllerSet missing = options_.delegate - controllers(root_);
  if (missing.empty()) return;
  std::string refused;
  for (const Controller controller : missing.List()) {
    for (const std::string& above : {places_.paths.hierarchy, places_.paths.slice}) {
      const auto enabled = kernel::EnableController(above, controller);
      if (enabled.has_value()) continue;
      refused += refused.empty() ? "" : "; ";
      refused += enabled.error().ToString();
      break;
    }
  }
  if (!refused.empty() && refused != refused_) {
    io::LogWarning("tree.delegate: {}", EscapeForTerminal(refused));
  }
  refused_ = refused;
  if (controllers(root_) - missing != controllers(root_)) Tell();
}

void Home::SetWeights() {
  if (!bus_.ready() || !there()) return;
  const auto settings = TakeSliceValues(options_.values, places_.runtime_dir);
  if (settings.empty()) return;
  bus_.Call(systemd::SetUnitProperties(kernel::kHomeSlice, settings),
            [](const Result<systemd::BusValue::List>& done) {
              if (done.has_value()) return;
              io::LogWarning("tree: {} has other values: {}",
                             kernel::kHomeSlice,
                             EscapeForTerminal(done.error().ToString()));
            });
}

void Home::OnTimer() {
  if (making_) return GiveUp("systemd does not get reeve's tree made");
  Look();
}

void Home::TryAgainLater() {
  (void)timer_.FireAt(io::BootTime() + pause_);
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void Home::Pend(std::string why) {
  if (why == pending_) return;
  pending_ = std::move(why);
  Tell();
}

void Home::Tell() {
  for (const auto& told : on_change_) told();
}

}  // namespace reeve::daemon
