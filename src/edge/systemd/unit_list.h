// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "edge/systemd/bus.h"
#include "edge/systemd/loop.h"

namespace reeve::systemd {

// A loaded unit that has a cgroup.
struct ListedUnit {
  std::string slice;    // "" for -.slice and for what is in no slice
  std::string user;     // of a service: User= as it stands; "" for none
  bool active = false;  // it has processes, or may have: also while it starts, reloads or stops

  bool operator==(const ListedUnit&) const = default;
};

// Which units systemd has loaded, as it tells: all of them when the bus is there, and then by its
// signals. Nothing here makes systemd load a unit that it would not keep anyway, or two of these would
// keep each other busy for ever.
class UnitList {
 public:
  struct Listener {
    // units() is another one now, or known() is. Comes at most a few times a second.
    std::function<void()> on_list;
    // Something about this unit may not be as it was.
    std::function<void(const std::string& unit)> on_unit;
    // The same for all: systemd has read its files anew, or signals were missed.
    std::function<void()> on_all;
  };

  // Both must outlive it, and the bus must not call back any more once it is gone.
  static Result<std::unique_ptr<UnitList>> Make(Loop& loop, Bus& bus, Listener listener);

  // Units that a policy names: one that is not loaded although it could be is loaded, and kept so for as
  // long as our connection lives.
  void Want(std::set<std::string> units);

  // Whether units() is what systemd has now. False while the bus is away, and until the first answer.
  bool known() const { return known_; }

  // Stays as it was while the bus is away.
  const std::map<std::string, ListedUnit>& units() const { return units_; }

  // Why it is not known, in words.
  const std::string& why_not() const { return why_not_; }

 private:
  UnitList(Loop& loop, Bus& bus, Listener listener);

  Result<> Start();
  void Subscribe();
  void OnBus();
  void ListSoon();
  void List();
  void Take(const BusValue& answer);
  void AskDetails();
  void AskDetail(const std::string& unit, const std::string& property);
  void TakeDetail(const std::string& unit, const std::string& property, const BusValue& value);
  void Settle();
  void Probe(const std::string& unit);
  void ProbeAll();
  void AskWhetherLoaded(const std::string& unit);
  void OnProperties(const BusSignal& signal);
  void OnReloaded();

  Loop& loop_;
  Bus& bus_;
  Listener listener_;
  std::map<std::string, ListedUnit> units_;
  bool known_ = false;
  std::string why_not_ = "systemd was not asked yet";
  bool changed_ = true;  // since on_list was told
  std::set<std::string> wanted_;
  std::set<std::string> kept_;                                 // loaded by us, with a reference
  std::set<std::string> detailed_;                             // slice and user are known
  std::deque<std::pair<std::string, std::string>> questions_;  // unit, property
  std::size_t asking_ = 0;
  bool listing_ = false;
  bool list_again_ = false;
  Source soon_;
};

}  // namespace reeve::systemd
