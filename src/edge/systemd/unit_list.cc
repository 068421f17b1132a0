// SPDX-License-Identifier: Apache-2.0
#include "edge/systemd/unit_list.h"

#include <algorithm>
#include <utility>

#include "edge/io/clock.h"
#include "edge/systemd/unit_values.h"

namespace reeve::systemd {
namespace {

constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kUnitInterface = "org.freedesktop.systemd1.Unit";

// Units come in swarms: one question for all that come within this time.
constexpr Usec kSwarm{200'000};
// After a question that nobody answered.
constexpr Usec kPause{5'000'000};
// A bus lets one connection wait for 128 answers only.
constexpr std::size_t kAtOnce = 16;

bool IsActive(std::string_view state) {
  return state != "inactive" && state != "failed";
}

// "a-b.slice" lies in "a.slice", and that in -.slice.
std::string SliceAbove(const std::string& slice) {
  const std::size_t dash = slice.rfind('-');
  return dash == std::string::npos || dash == 0 ? "" : slice.substr(0, dash) + ".slice";
}

bool IsSlice(const std::string& unit) {
  return unit.ends_with(".slice");
}

}  // namespace

UnitList::UnitList(Loop& loop, Bus& bus, Listener listener)
    : loop_(loop), bus_(bus), listener_(std::move(listener)) {}

Result<std::unique_ptr<UnitList>> UnitList::Make(Loop& loop, Bus& bus, Listener listener) {
  std::unique_ptr<UnitList> list(new UnitList(loop, bus, std::move(listener)));
  REEVE_TRY_VOID(list->Start());
  return list;
}

Result<> UnitList::Start() {
  REEVE_TRY(soon_, loop_.OnTimer([this] { List(); }));
  Subscribe();
  bus_.OnChange([this] { OnBus(); });
  OnBus();
  return {};
}

void UnitList::Subscribe() {
  const std::string manager(kSystemdManager);
  const auto on = [&](const char* member, Bus::SignalHandler handler) {
    bus_.OnSignal({.interface = manager, .member = member}, std::move(handler));
  };
  const auto text = [](const BusSignal& signal, std::size_t at) {
    const std::string* found = at < signal.arguments.size() ? signal.arguments[at].text() : nullptr;
    return found == nullptr ? std::string() : *found;
  };
  on("UnitNew", [this, text](const BusSignal& signal) {
    const std::string unit = text(signal, 0);
    if (HasCgroup(unit) && !units_.contains(unit)) ListSoon();
  });
  on("UnitRemoved", [this, text](const BusSignal& signal) {
    const std::string unit = text(signal, 0);
    kept_.erase(unit);
    if (units_.contains(unit)) ListSoon();
  });
  const auto on_job = [this, text](const BusSignal& signal) {
    const std::string unit = text(signal, 2);
    if (!HasCgroup(unit)) return;
    // Somebody starts what was not there: it may be now.
    if (wanted_.contains(unit) && !units_.contains(unit)) Probe(unit);
    listener_.on_unit(unit);
  };
  on("JobNew", on_job);
  on("JobRemoved", on_job);
  on("UnitFilesChanged", [this](const BusSignal&) { ProbeAll(); });
  on("Reloading", [this](const BusSignal& signal) {
    const bool begins = !signal.arguments.empty() && signal.arguments[0].yes().value_or(false);
    if (!begins) OnReloaded();
  });
  bus_.OnSignal({.interface = kProperties, .member = "PropertiesChanged"},
                [this](const BusSignal& signal) { OnProperties(signal); });
}

void UnitList::OnBus() {
  if (bus_.ready()) {
    kept_.clear();  // references go with the connection
    OnReloaded();
    return;
  }
  questions_.clear();
  why_not_ = bus_.away_reason();
  if (!std::exchange(known_, false)) return;
  listener_.on_list();
}

// Files may say something else now, so everything is asked anew.
void UnitList::OnReloaded() {
  detailed_.clear();
  changed_ = true;
  List();
  ProbeAll();
  listener_.on_all();
}

void UnitList::OnProperties(const BusSignal& signal) {
  const std::string unit = UnitOf(signal.path);
  const auto listed = units_.find(unit);
  if (listed == units_.end()) return;
  const BusValue* state =
      signal.arguments.size() < 2 ? nullptr : signal.arguments[1].Find("ActiveState");
  if (state != nullptr && state->text() != nullptr) {
    const bool active = IsActive(*state->text());
    if (active != std::exchange(listed->second.active, active)) {
      changed_ = true;
      ListSoon();
    }
  }
  listener_.on_unit(unit);
}

void UnitList::ListSoon() {
  (void)soon_.FireAt(io::BootTime() + kSwarm);
}

void UnitList::List() {
  if (!bus_.ready()) return;
  if (listing_) {
    list_again_ = true;
    return;
  }
  listing_ = true;
  bus_.Call({.member = "ListUnits"}, [this](Result<BusValue::List> answer) {
    listing_ = false;
    if (std::exchange(list_again_, false)) return List();
    if (!answer.has_value() || answer->empty()) {
      why_not_ = answer.has_value() ? "systemd gave no list of units" : answer.error().message;
      (void)soon_.FireAt(io::BootTime() + kPause);
      return;
    }
    Take(answer->front());
  });
}

// A row: name, description, load state, active state, ...
void UnitList::Take(const BusValue& answer) {
  std::map<std::string, ListedUnit> now;
  if (answer.list() == nullptr) return;
  for (const BusValue& row : *answer.list()) {
    const auto* cells = row.list();
    if (cells == nullptr || cells->size() < 4) continue;
    const std::string* name = (*cells)[0].text();
    const std::string* load = (*cells)[2].text();
    const std::string* state = (*cells)[3].text();
    if (name == nullptr || load == nullptr || state == nullptr) continue;
    if (*load != "loaded" || !HasCgroup(*name)) continue;
    const auto before = units_.find(*name);
    ListedUnit unit = before == units_.end() ? ListedUnit() : before->second;
    unit.active = IsActive(*state);
    if (IsSlice(*name)) unit.slice = SliceAbove(*name);
    now.emplace(*name, std::move(unit));
  }
  std::erase_if(detailed_, [&](const std::string& unit) { return !now.contains(unit); });
  changed_ = changed_ || now != units_;
  units_ = std::move(now);
  questions_.clear();
  for (const auto& entry : units_) {
    const std::string& unit = entry.first;
    if (IsSlice(unit) || detailed_.contains(unit)) continue;
    questions_.emplace_back(unit, "Slice");
    if (unit.ends_with(".service")) questions_.emplace_back(unit, "User");
  }
  AskDetails();
}

void UnitList::AskDetails() {
  while (asking_ < kAtOnce && !questions_.empty()) {
    const auto question = std::move(questions_.front());
    questions_.pop_front();
    AskDetail(question.first, question.second);
  }
  if (asking_ == 0) Settle();
}

void UnitList::AskDetail(const std::string& unit, const std::string& property) {
  ++asking_;
  bus_.Call({.path = ObjectOf(unit),
             .interface = kProperties,
             .member = "Get",
             .signature = "ss",
             .arguments = {InterfaceOf(unit), property}},
            [this, unit, property](Result<BusValue::List> answer) {
              --asking_;
              if (answer.has_value() && !answer->empty()) {
                TakeDetail(unit, property, answer->front());
              }
              AskDetails();
            });
}

void UnitList::TakeDetail(const std::string& unit,
                          const std::string& property,
                          const BusValue& value) {
  const auto found = units_.find(unit);
  const std::string* text = value.text();
  if (found == units_.end() || text == nullptr) return;
  detailed_.insert(unit);
  std::string said = property == "Slice" && *text == "-.slice" ? "" : *text;
  std::string& place = property == "Slice" ? found->second.slice : found->second.user;
  changed_ = changed_ || place != said;
  place = std::move(said);
}

void UnitList::Settle() {
  if (!bus_.ready() || listing_ || !questions_.empty()) return;
  const bool was_known = std::exchange(known_, true);
  why_not_.clear();
  if (!std::exchange(changed_, false) && was_known) return;
  listener_.on_list();
}

void UnitList::Want(std::set<std::string> units) {
  std::swap(wanted_, units);
  for (const std::string& unit : wanted_) {
    if (!units.contains(unit) && !units_.contains(unit)) Probe(unit);
  }
}

void UnitList::ProbeAll() {
  for (const std::string& unit : wanted_) {
    if (!units_.contains(unit)) Probe(unit);
  }
}

// A call of a unit's object loads the unit; without a reference systemd forgets it again at once.
void UnitList::Probe(const std::string& unit) {
  if (!bus_.ready() || !HasCgroup(unit) || kept_.contains(unit)) return;
  bus_.Call({.path = ObjectOf(unit), .interface = kUnitInterface, .member = "Ref"},
            [this, unit](Result<BusValue::List> answer) {
              if (!answer.has_value()) return;
              kept_.insert(unit);
              AskWhetherLoaded(unit);
            });
}

void UnitList::AskWhetherLoaded(const std::string& unit) {
  bus_.Call({.path = ObjectOf(unit),
             .interface = kProperties,
             .member = "Get",
             .signature = "ss",
             .arguments = {kUnitInterface, "LoadState"}},
            [this, unit](Result<BusValue::List> answer) {
              const std::string* state =
                  answer.has_value() && !answer->empty() ? answer->front().text() : nullptr;
              if (state != nullptr && *state == "loaded") return ListSoon();
              // A name without a unit is not worth being remembered by systemd.
              if (kept_.erase(unit) == 0) return;
              bus_.Call({.path = ObjectOf(unit), .interface = kUnitInterface, .member = "Unref"},
                        [](const Result<BusValue::List>&) {});
            });
}

}  // namespace reeve::systemd
