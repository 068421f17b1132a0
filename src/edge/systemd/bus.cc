// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/bus.h"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "edge/io/clock.h"
#include "edge/systemd/bus_error.h"
#include "edge/systemd/bus_message.h"

namespace reeve::systemd {
namespace {

constexpr std::string_view kDaemon = "org.freedesktop.DBus";
constexpr std::string_view kDaemonPath = "/org/freedesktop/DBus";

Result<> Check(int result, const char* what) {
  if (result < 0) return ErrnoError(-result, "D-Bus", what);
  return {};
}

std::string AddressOf(const BusOptions& options) {
  if (!options.address.empty()) return options.address;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables while the loop runs
  const char* said = ::secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
  if (said != nullptr && *said != '\0') return said;
  return "unix:path=/run/dbus/system_bus_socket";
}

// As D-Bus writes it: "type='signal',sender='org.freedesktop.systemd1',...".
std::string RuleOf(const BusMatch& match) {
  std::string rule = "type='signal'";
  const auto add = [&rule](std::string_view key, const std::string& value) {
    if (!value.empty()) rule += fmt::format(",{}='{}'", key, value);
  };
  add("sender", match.sender);
  add("path", match.path);
  add("interface", match.interface);
  add("member", match.member);
  add("arg0", match.first_argument);
  return rule;
}

}  // namespace

struct Bus::PendingCall {
  Bus* bus = nullptr;
  std::string subject;
  Reply reply;
  sd_bus_slot* slot = nullptr;

  PendingCall() = default;
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  ~PendingCall() { sd_bus_slot_unref(slot); }
};

struct Bus::Subscription {
  BusMatch match;
  SignalHandler handler;
  sd_bus_slot* slot = nullptr;

  Subscription() = default;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  ~Subscription() { sd_bus_slot_unref(slot); }
};

Bus::Bus(Loop& loop, BusOptions options)
    : loop_(loop), options_(std::move(options)), pause_(options_.first_pause) {}

Result<std::unique_ptr<Bus>> Bus::Make(Loop& loop, BusOptions options) {
  std::unique_ptr<Bus> bus(new Bus(loop, std::move(options)));
  Bus* self = bus.get();
  REEVE_TRY(bus->timer_, loop.OnTimer([self] { self->OnTimer(); }));
  REEVE_TRY(bus->due_now_, loop.OnTimer([self] { self->FailDue(); }));
  REEVE_TRY_VOID(bus->timer_.FireAt(io::BootTime()));

  // A systemd that executes itself anew, or a bus that goes on without it.
  bus->OnSignal({.sender = std::string(kDaemon),
                 .path = std::string(kDaemonPath),
                 .interface = std::string(kDaemon),
                 .member = "NameOwnerChanged",
                 .first_argument = std::string(kSystemd)},
                [self](const BusSignal& signal) {
                  if (signal.arguments.size() != 3) return;
                  const std::string* owner = signal.arguments[2].text();
                  if (owner == nullptr || self->phase_ == Phase::kLost) return;
                  if (owner->empty()) {
                    self->Enter(Phase::kConnecting, "systemd is not on the bus");
                  } else {
                    self->Subscribe();
                  }
                });
  return bus;
}

Bus::~Bus() {
  pending_.clear();
  subscriptions_.clear();
  sd_bus_close_unref(bus_);
}

void Bus::OnTimer() {
  switch (phase_) {
    case Phase::kWaiting:
      return Connect();
    case Phase::kConnecting:
      return Close(away_reason_);
    case Phase::kLost:
      return Close(away_reason_);
    case Phase::kReady:
      return;
  }
}

void Bus::Connect() {
  if (auto opened = Open(); !opened.has_value()) return Close(opened.error().ToString());
  Enter(Phase::kConnecting, fmt::format("the bus at {} does not answer", AddressOf(options_)));
  AskForSystemd();
}

Result<> Bus::Open() {
  const std::string address = AddressOf(options_);
  REEVE_TRY_VOID(Check(sd_bus_new(&bus_), "making a connection"));
  REEVE_TRY_VOID(Check(sd_bus_set_address(bus_, address.c_str()), address.c_str()));
  REEVE_TRY_VOID(Check(sd_bus_set_bus_client(bus_, 1), "making a connection"));
  // It would wait for what is still to be sent when the loop ends.
  REEVE_TRY_VOID(Check(sd_bus_set_close_on_exit(bus_, 0), "making a connection"));
  REEVE_TRY_VOID(Check(sd_bus_start(bus_), address.c_str()));
  REEVE_TRY_VOID(Check(sd_bus_attach_event(bus_, loop_.event(), 0), "joining the loop"));
  // Told by sd-bus itself, after it has failed every call that waits for an answer.
  REEVE_TRY_VOID(Check(sd_bus_match_signal_async(
                           bus_,
                           nullptr,
                           "org.freedesktop.DBus.Local",
                           nullptr,
                           "org.freedesktop.DBus.Local",
                           "Disconnected",
                           [](sd_bus_message* message, void* bus, sd_bus_error* error) noexcept {
                             return HandleLost(message, bus, error);
                           },
                           nullptr,
                           this),
                       "listening"));
  for (auto& subscription : subscriptions_) {
    REEVE_TRY_VOID(Listen(*subscription));
  }
  return {};
}

Result<> Bus::Listen(Subscription& subscription) {
  subscription.slot = sd_bus_slot_unref(subscription.slot);
  // A bus that refuses ends the connection.
  return Check(sd_bus_add_match_async(
                   bus_,
                   &subscription.slot,
                   RuleOf(subscription.match).c_str(),
                   [](sd_bus_message* message, void* told, sd_bus_error* error) noexcept {
                     return HandleSignal(message, told, error);
                   },
                   nullptr,
                   &subscription),
               "listening");
}

void Bus::OnSignal(BusMatch match, SignalHandler handler) {
  auto subscription = std::make_unique<Subscription>();
  subscription->match = std::move(match);
  subscription->handler = std::move(handler);
  subscriptions_.push_back(std::move(subscription));
  if (bus_ == nullptr || phase_ == Phase::kLost) return;
  if (auto heard = Listen(*subscriptions_.back()); !heard.has_value()) {
    Lose(heard.error().ToString());
  }
}

// Answered by the bus itself, after it has let us in.
void Bus::AskForSystemd() {
  BusCall call = {.destination = std::string(kDaemon),
                  .path = std::string(kDaemonPath),
                  .interface = std::string(kDaemon),
                  .member = "GetNameOwner",
                  .signature = "s",
                  .arguments = {kSystemd},
                  .limit = options_.connect_limit};
  auto sent = Send(std::move(call), [this](Result<BusValue::List> owner) {
    if (phase_ != Phase::kConnecting) return;
    if (owner.has_value()) return Subscribe();
    if (owner.error().kind == ErrorKind::kBusy) {  // comes with NameOwnerChanged, or in vain
      return Enter(Phase::kConnecting, "systemd is not on the bus");
    }
    Lose(owner.error().ToString());
  });
  if (!sent.has_value()) Lose(sent.error().ToString());
}

void Bus::Subscribe() {
  Enter(Phase::kConnecting, "systemd does not answer on the bus");
  auto sent =
      Send({.member = "Subscribe", .limit = options_.connect_limit},
           [this](Result<BusValue::List> done) {
             if (phase_ != Phase::kConnecting) return;
             if (!done.has_value() && !done.error().message.ends_with("AlreadySubscribed)")) {
               return Lose("systemd does not tell of its units: " + done.error().ToString());
             }
             pause_ = options_.first_pause;
             Enter(Phase::kReady, "");
           });
  if (!sent.has_value()) Lose(sent.error().ToString());
}

void Bus::Call(BusCall call, Reply reply) {
  const std::string subject = call.member;
  if (phase_ != Phase::kReady) {
    return FailLater(std::move(reply), {ErrorKind::kBusy, 0, subject, away_reason_});
  }
  auto shared = std::make_shared<Reply>(std::move(reply));
  auto sent = Send(std::move(call),
                   [shared](Result<BusValue::List> answer) { (*shared)(std::move(answer)); });
  if (!sent.has_value()) FailLater(std::move(*shared), std::move(sent).error());
}

// Without an error `reply` will be called; with one it was dropped.
Result<> Bus::Send(BusCall call, Reply reply) {
  sd_bus_message* message = nullptr;
  REEVE_TRY_VOID(Check(sd_bus_message_new_method_call(bus_,
                                                      &message,
                                                      call.destination.c_str(),
                                                      call.path.c_str(),
                                                      call.interface.c_str(),
                                                      call.member.c_str()),
                       "making a message"));
  const std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)> owned(
      message, &sd_bus_message_unref);
  REEVE_TRY_VOID(AppendBody(message, call.signature, call.arguments));
  auto pending = std::make_unique<PendingCall>();
  pending->bus = this;
  pending->subject = std::move(call.member);
  pending->reply = std::move(reply);
  // 0 would mean without a limit.
  const auto limit = static_cast<std::uint64_t>(std::max<std::int64_t>(call.limit.count(), 1));
  const int sent = sd_bus_call_async(
      bus_,
      &pending->slot,
      message,
      [](sd_bus_message* answer, void* told, sd_bus_error* error) noexcept {
        return HandleReply(answer, told, error);
      },
      pending.get(),
      limit);
  if (sent < 0) {
    return Error{ErrorKind::kBusy, -sent, pending->subject, "the bus takes no message"};
  }
  pending_.push_back(std::move(pending));
  return {};
}

int Bus::HandleReply(sd_bus_message* message, void* call, void* /*unused*/) noexcept {
  Bus& bus = *static_cast<PendingCall*>(call)->bus;
  const auto found = std::ranges::find(
      bus.pending_, call, [](const auto& pending) { return static_cast<void*>(pending.get()); });
  REEVE_CHECK(found != bus.pending_.end());
  const std::unique_ptr<PendingCall> pending = std::move(*found);
  bus.pending_.erase(found);
  if (const sd_bus_error* error = sd_bus_message_get_error(message)) {
    pending->reply(BusError(error->name == nullptr ? "" : error->name,
                            error->message == nullptr ? "" : error->message,
                            pending->subject));
  } else {
    pending->reply(ReadBody(message));
  }
  return 0;
}

int Bus::HandleSignal(sd_bus_message* message, void* subscription, void* /*unused*/) noexcept {
  const auto text = [](const char* said) { return std::string(said == nullptr ? "" : said); };
  auto arguments = ReadBody(message);
  if (!arguments.has_value()) return 0;  // nothing that we would know how to use
  static_cast<Subscription*>(subscription)
      ->handler({.path = text(sd_bus_message_get_path(message)),
                 .interface = text(sd_bus_message_get_interface(message)),
                 .member = text(sd_bus_message_get_member(message)),
                 .arguments = *std::move(arguments)});
  return 0;
}

int Bus::HandleLost(sd_bus_message* /*unused*/, void* bus, void* /*unused*/) noexcept {
  static_cast<Bus*>(bus)->Lose("the bus has closed the connection");
  return 0;
}

// May be called while sd-bus is at work on this connection; so it is put away later.
void Bus::Lose(std::string reason) {
  Enter(Phase::kLost, std::move(reason));
}

void Bus::Close(const std::string& reason) {
  for (auto& subscription : subscriptions_) {
    subscription->slot = sd_bus_slot_unref(subscription->slot);
  }
  for (auto& pending : std::exchange(pending_, {})) {
    FailLater(std::move(pending->reply), {ErrorKind::kBusy, 0, pending->subject, reason});
  }
  bus_ = sd_bus_close_unref(bus_);
  Enter(Phase::kWaiting, reason);
}

void Bus::Enter(Phase phase, std::string reason) {
  const bool was_ready = ready();
  const bool changed = was_ready != (phase == Phase::kReady) || away_reason_ != reason;
  const bool same_phase = phase_ == phase;
  phase_ = phase;
  away_reason_ = std::move(reason);
  Usec at = io::BootTime();
  if (phase == Phase::kConnecting) at += options_.connect_limit;
  if (phase == Phase::kWaiting) {
    at += pause_;
    pause_ = std::min(pause_ * 2, options_.longest_pause);
  }
  // The limit is for all of the connecting; without its timer nothing would go on.
  if (phase == Phase::kReady) {
    REEVE_CHECK(timer_.Enable(false).has_value());
  } else if (!same_phase || phase != Phase::kConnecting) {
    REEVE_CHECK(timer_.FireAt(at).has_value());
  }
  if (!changed) return;
  for (const auto& told : on_change_) told();
}

void Bus::FailLater(Reply reply, Error error) {
  failed_.emplace_back(std::move(reply), std::move(error));
  REEVE_CHECK(due_now_.FireAt(io::BootTime()).has_value());
}

void Bus::FailDue() {
  for (auto& [reply, error] : std::exchange(failed_, {})) reply(std::move(error));
}

}  // namespace reeve::systemd
