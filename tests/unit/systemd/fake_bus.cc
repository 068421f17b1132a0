// SPDX-License-Identifier: Apache-2.0
#include "unit/systemd/fake_bus.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "edge/systemd/bus_message.h"

namespace reeve::systemd {
namespace {

constexpr const char* kDaemon = "org.freedesktop.DBus";
constexpr const char* kOwner = ":1.0";  // systemd's own name on this bus

void Must(int result) {
  if (result < 0) std::abort();
}

}  // namespace

FakeBus::FakeBus(Loop& loop) : loop_(loop) {
  On("Subscribe", [](const auto&) { return Answer{}; });
  Start();
}

FakeBus::~FakeBus() {
  Stop();
}

BusOptions FakeBus::Options() const {
  using std::chrono::milliseconds;
  return {.address = "unix:path=" + (dir_ / "bus"),
          .connect_limit = milliseconds(200),
          .first_pause = milliseconds(5),
          .longest_pause = milliseconds(20)};
}

void FakeBus::Start() {
  listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = dir_ / "bus";
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  Must(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
  Must(::listen(listener_.get(), 8));
  accept_ = *loop_.OnReadable(listener_.get(), [this] { Accept(); });
}

void FakeBus::Stop() {
  accept_ = Source();
  listener_.reset();
  ::unlink((dir_ / "bus").c_str());
  for (auto& [client, message] : kept_) sd_bus_message_unref(message);
  kept_.clear();
  for (Client& client : clients_) sd_bus_close_unref(client.bus);
  clients_.clear();
}

void FakeBus::Accept() {
  UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd.valid()) return;
  ++accepted;
  Client& client = clients_.emplace_back();
  client.owner = this;
  sd_id128_t id = {};
  Must(sd_id128_randomize(&id));
  Must(sd_bus_new(&client.bus));
  const int raw = fd.release();
  Must(sd_bus_set_fd(client.bus, raw, raw));
  Must(sd_bus_set_server(client.bus, 1, id));
  Must(sd_bus_set_close_on_exit(client.bus, 0));
  Must(sd_bus_start(client.bus));
  Must(sd_bus_attach_event(client.bus, loop_.event(), 0));
  Must(sd_bus_add_filter(
      client.bus,
      nullptr,
      [](sd_bus_message* message, void* told, sd_bus_error*) noexcept {
        Client& from = *static_cast<Client*>(told);
        if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
        from.owner->Serve(from, message);
        return 1;
      },
      &client));
}

void FakeBus::Serve(Client& client, sd_bus_message* message) {
  const std::string destination = sd_bus_message_get_destination(message);
  if (destination == kSystemd) calls.emplace_back(sd_bus_message_get_member(message));
  if (hanging_) {
    kept_.emplace_back(&client, sd_bus_message_ref(message));
    return;
  }
  const Reaction reaction = React(message);
  sd_bus_message* reply = nullptr;
  if (const auto* answer = std::get_if<Answer>(&reaction)) {
    Must(sd_bus_message_new_method_return(message, &reply));
    if (!AppendBody(reply, answer->signature, answer->values).has_value()) std::abort();
  } else if (const auto* refusal = std::get_if<Refusal>(&reaction)) {
    const sd_bus_error error = {refusal->name.c_str(), refusal->words.c_str(), 0};
    Must(sd_bus_message_new_method_error(message, &reply, &error));
  } else {
    return;
  }
  Must(sd_bus_message_set_sender(reply, destination == kSystemd ? kOwner : kDaemon));
  (void)sd_bus_send(client.bus, reply, nullptr);  // a client may be gone meanwhile
  sd_bus_message_unref(reply);
}

FakeBus::Reaction FakeBus::React(sd_bus_message* message) {
  const std::string destination = sd_bus_message_get_destination(message);
  const std::string member = sd_bus_message_get_member(message);
  if (destination == kDaemon) {
    if (member == "Hello") return Answer{"s", {":1.7"}};
    if (member != "GetNameOwner") return Answer{};
    if (systemd_is_there_) return Answer{"s", {kOwner}};
    return Refusal{"org.freedesktop.DBus.Error.NameHasNoOwner", "no such name"};
  }
  if (!systemd_is_there_) return Refusal{"org.freedesktop.DBus.Error.ServiceUnknown", "not here"};
  const auto method = methods_.find(member);
  if (method == methods_.end()) {
    return Refusal{"org.freedesktop.DBus.Error.UnknownMethod", "Unknown method " + member};
  }
  object = sd_bus_message_get_path(message);
  auto arguments = ReadBody(message);
  if (!arguments.has_value()) std::abort();
  return method->second(*arguments);
}

void FakeBus::GoOn() {
  hanging_ = false;
  for (auto& [client, message] : std::exchange(kept_, {})) {
    Serve(*client, message);
    sd_bus_message_unref(message);
  }
}

void FakeBus::LeaveSystemd() {
  systemd_is_there_ = false;
  Emit({"/org/freedesktop/DBus", kDaemon, "NameOwnerChanged", {kSystemd, kOwner, ""}}, "sss");
}

void FakeBus::EnterSystemd() {
  systemd_is_there_ = true;
  Emit({"/org/freedesktop/DBus", kDaemon, "NameOwnerChanged", {kSystemd, "", kOwner}}, "sss");
}

void FakeBus::Emit(const BusSignal& signal, const std::string& signature) {
  for (Client& client : clients_) {
    sd_bus_message* message = nullptr;
    Must(sd_bus_message_new_signal(client.bus,
                                   &message,
                                   signal.path.c_str(),
                                   signal.interface.c_str(),
                                   signal.member.c_str()));
    Must(sd_bus_message_set_sender(message, signal.interface == kDaemon ? kDaemon : kOwner));
    if (!AppendBody(message, signature, signal.arguments).has_value()) std::abort();
    (void)sd_bus_send(client.bus, message, nullptr);
    sd_bus_message_unref(message);
  }
}

}  // namespace reeve::systemd
