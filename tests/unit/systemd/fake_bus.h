// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "edge/io/unique_fd.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/loop.h"
#include "support/temp_dir.h"

struct sd_bus;
struct sd_bus_message;

namespace reeve::systemd {

// A bus with a systemd on it, in the loop of the test: lets clients in, answers what it was told to
// answer, remembers what it was asked. Everything that reeve does over the bus can be tried on it.
class FakeBus {
 public:
  struct Answer {
    std::string signature;
    BusValue::List values;
  };

  struct Refusal {
    std::string name;
    std::string words;
  };

  // What a method of systemd does; none = it does not answer.
  using Reaction = std::variant<Answer, Refusal, std::monostate>;
  using Method = std::function<Reaction(const BusValue::List& arguments)>;

  explicit FakeBus(Loop& loop);
  ~FakeBus();

  // Options of a client that finds this bus, with pauses and limits that tests can wait for.
  BusOptions Options() const;

  // What systemd does when it is asked for this method (of any object).
  void On(const std::string& member, Method method) { methods_[member] = std::move(method); }

  // From here on nobody answers, not even the bus itself.
  void Hang() { hanging_ = true; }

  void GoOn();  // answers what came while it hung, and goes on

  // systemd leaves the bus and comes back, as at daemon-reexec.
  void LeaveSystemd();
  void EnterSystemd();

  // Throws out all clients, and takes new ones only after Start.
  void Stop();
  void Start();

  void Emit(const BusSignal& signal, const std::string& signature);

  // Methods that were called, in order, without those of the bus itself.
  std::vector<std::string> calls;

  int accepted = 0;  // connections

  std::string object;  // that is asked now, for a Method

 private:
  struct Client {
    FakeBus* owner = nullptr;
    sd_bus* bus = nullptr;
  };

  void Accept();
  void Serve(Client& client, sd_bus_message* message);
  Reaction React(sd_bus_message* message);

  Loop& loop_;
  support::TempDir dir_;
  UniqueFd listener_;
  Source accept_;
  std::list<Client> clients_;
  std::map<std::string, Method> methods_;
  bool hanging_ = false;
  bool systemd_is_there_ = true;
  std::vector<std::pair<Client*, sd_bus_message*>> kept_;
};

}  // namespace reeve::systemd
