// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/units.h"
#include "edge/systemd/bus_value.h"
#include "edge/systemd/loop.h"

struct sd_bus;
struct sd_bus_slot;
struct sd_bus_message;

namespace reeve::systemd {

inline constexpr std::string_view kSystemd = "org.freedesktop.systemd1";
inline constexpr std::string_view kSystemdPath = "/org/freedesktop/systemd1";
inline constexpr std::string_view kSystemdManager = "org.freedesktop.systemd1.Manager";

struct BusOptions {
  // As D-Bus writes it: "unix:path=/run/dbus/system_bus_socket". "" = what
  // $DBUS_SYSTEM_BUS_ADDRESS says, and without it that one.
  std::string address = {};

  // How long a connection may take until systemd has answered on it.
  Usec connect_limit = std::chrono::seconds(10);

  // The pause after a connection was lost or not made; doubled each time up to the longest.
  Usec first_pause = std::chrono::seconds(1);
  Usec longest_pause = std::chrono::seconds(30);
};

// One method call.
struct BusCall {
  std::string destination = std::string(kSystemd);
  std::string path = std::string(kSystemdPath);
  std::string interface = std::string(kSystemdManager);
  std::string member = {};
  std::string signature = {};             // of the arguments, "" for none
  BusValue::List arguments = {};          // one for each complete type of the signature
  Usec limit = std::chrono::seconds(10);  // how long the answer may take
};

// Which signals are meant; "" = any.
struct BusMatch {
  std::string sender = std::string(kSystemd);
  std::string path = {};
  std::string interface = {};
  std::string member = {};
  std::string first_argument = {};  // where it is a text; sd-bus looks at no others behind a number
};

struct BusSignal {
  std::string path;
  std::string interface;
  std::string member;
  BusValue::List arguments;
};

// A connection to the system bus on our loop, for talking to systemd. It is made, and made again
// after it was lost, by itself: what is asked of it while it is away fails with kBusy, and whoever
// asked comes again when OnChange says so. Nothing here waits.
//
// Not called back any more once it is destroyed; so it must go before those whom it calls back. It
// must not be destroyed in one of its own callbacks.
class Bus {
 public:
  using Reply = std::function<void(Result<BusValue::List>)>;
  using SignalHandler = std::function<void(const BusSignal&)>;

  // Connects as soon as the loop runs.
  static Result<std::unique_ptr<Bus>> Make(Loop& loop, BusOptions options = {});

  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  ~Bus();

  // Whether systemd can be asked: the bus is there, systemd is on it, and it tells of its units
  // (Manager.Subscribe).
  bool ready() const { return phase_ == Phase::kReady; }

  // Why it can not, in words ("the bus at ... : Connection refused"). "" while ready.
  const std::string& away_reason() const { return away_reason_; }

  // Calls back whenever ready() or away_reason() has changed. Signals may have been missed before it
  // says ready: look at everything again.
  void OnChange(std::function<void()> callback) { on_change_.push_back(std::move(callback)); }

  // `reply` is called exactly once, later, with the values of the answer, or with
  //   kBusy   not ready, no answer within the limit, or the bus was lost: it may have been done
  //   others  as BusError
  void Call(BusCall call, Reply reply);

  // Calls back for each signal of this kind, for as long as the Bus lives.
  void OnSignal(BusMatch match, SignalHandler handler);

 private:
  enum class Phase { kWaiting, kConnecting, kReady, kLost };
  struct PendingCall;
  struct Subscription;

  Bus(Loop& loop, BusOptions options);

  static int HandleReply(sd_bus_message* message, void* call, void*) noexcept;
  static int HandleSignal(sd_bus_message* message, void* subscription, void*) noexcept;
  static int HandleLost(sd_bus_message* message, void* bus, void*) noexcept;

  void OnTimer();
  void Connect();
  Result<> Open();
  Result<> Listen(Subscription& subscription);
  Result<> Send(BusCall call, Reply reply);
  void AskForSystemd();
  void Subscribe();
  void Lose(std::string reason);
  void Close(const std::string& reason);
  void Enter(Phase phase, std::string reason);
  void FailLater(Reply reply, Error error);
  void FailDue();

  Loop& loop_;
  BusOptions options_;
  Phase phase_ = Phase::kWaiting;
  std::string away_reason_ = "not connected to the bus yet";
  Usec pause_;
  sd_bus* bus_ = nullptr;
  Source timer_;    // of the phase: end of the pause, limit of the connecting, or now when lost
  Source due_now_;  // calls that fail without having been sent
  std::list<std::unique_ptr<PendingCall>> pending_;
  std::list<std::unique_ptr<Subscription>> subscriptions_;
  std::deque<std::pair<Reply, Error>> failed_;
  std::vector<std::function<void()>> on_change_;
};

}  // namespace reeve::systemd
