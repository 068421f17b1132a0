// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/daemon/home_options.h"
#include "core/base/result.h"
#include "edge/io/unique_fd.h"
#include "edge/kernel/home_paths.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// Where reeve's tree lives on a host that systemd has booted: reeve-tree.scope in reeve.slice, which is made over the
// bus with a process that keeps it, and handed over to us (Delegate=). It outlives us: one that is there is taken over,
// also without a bus. One that went, whoever ended it, is made again.
//
// Must outlive its bus. Never waits: what it needs and does not get yet is tried again.
class Home {
 public:
  struct Places {
    kernel::HomePaths paths;
    std::string holder;  // the program that keeps the tree
    std::string
        runtime_dir;  // where is remembered which properties of the slice are ours; till the next boot
  };

  static Result<std::unique_ptr<Home>> Make(systemd::Loop& loop,
                                            systemd::Bus& bus,
                                            Places places,
                                            HomeOptions options);

  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  // Whether the tree is there.
  bool there() const { return !root_.empty(); }

  // The managed root; "" while it is not there.
  const std::string& root() const { return root_; }

  // Why it is not there, in words; "" while it is.
  const std::string& pending() const { return pending_; }

  // Calls back when root() or pending() has changed, or which controllers the tree has.
  void OnChange(std::function<void()> callback) { on_change_.push_back(std::move(callback)); }

  // Looks whether everything is as it should be, and begins what is not. For who has reason to doubt it.
  void Look();

 private:
  Home(systemd::Loop& loop, systemd::Bus& bus, Places places, HomeOptions options);

  Result<> Listen();
  void TakeOver(const std::string& root);
  void KeepHeld();
  Result<> StartHolder();
  void PutHolder(std::int64_t pid);
  void WatchHolder();
  void LeaveOlder();
  void Begin();
  void OnBegun(const Result<systemd::BusValue::List>& job);
  void OnJobRemoved(const systemd::BusSignal& signal);
  void GiveUp(std::string why);
  void DelegateFurther();
  void SetWeights();
  void OnTimer();
  void TryAgainLater();
  void Pend(std::string why);
  void Tell();

  systemd::Loop& loop_;
  systemd::Bus& bus_;
  Places places_;
  HomeOptions options_;
  std::string root_;
  std::string pending_ = "reeve's tree was not looked for yet";
  std::optional<std::int64_t> holder_;  // our child, as long as it is not known to have ended
  std::vector<std::int64_t> ended_;     // children of ours that were killed, until they have been
  bool making_ = false;                 // the scope is asked for
  bool oom_policy_ = true;              // this systemd is not known to refuse it
  bool bus_was_ready_ = false;
  Usec pause_;
  systemd::Source timer_;   // the limit while making, the end of a pause otherwise
  UniqueFd holder_events_;  // cgroup.events of the holder's leaf
  systemd::Source holder_watch_;
  std::string refused_;  // what was said last of controllers that can not be handed down
  std::vector<std::function<void()>> on_change_;
};

}  // namespace reeve::daemon
