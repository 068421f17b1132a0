// SPDX-License-Identifier: Apache-2.0
#include "core/engine/drift.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/engine/words.h"

namespace reeve::engine {
namespace {

constexpr std::string_view kSubtreeControl = "cgroup.subtree_control";
// One `-memory` at the top of a large tree moves thousands of keys; the first lines tell the story
// and the event log has the rest.
constexpr std::size_t kLinesAPass = 20;
constexpr std::chrono::minutes kMovesSaidAgain{1};
constexpr std::size_t kMovesKept = 1000;

bool IsMembership(std::string_view file) {
  return file == "cgroup.procs" || file == "cgroup.threads";
}

// Written to make something happen or to watch, not to hold a value.
bool IsVerb(std::string_view file) {
  return file == "memory.reclaim" || file == "cgroup.kill" || file == "memory.peak" ||
         file == "memory.swap.peak" || (file.ends_with(".pressure") && file != "cgroup.pressure");
}

std::string Subject(const plan::Key& key) {
  const std::string name =
      key.first.is_root() ? "the managed root" : EscapeForTerminal(key.first.text());
  return key.second.empty() ? name : name + " " + EscapeForTerminal(key.second);
}

std::string SideName(const Writer* by) {
  return by == nullptr ? "somebody" : DescribeWriter(by);
}

}  // namespace

bool IsRepair(const Action& action) {
  const Reason& reason = action.reason;
  return reason.drift &&
         (!reason.bookkeeping || std::holds_alternative<EnableControllers>(action.kind));
}

plan::Key KeyOf(const Action& action) {
  if (const auto* set = std::get_if<SetFile>(&action.kind)) return {action.path, set->file};
  const bool controllers = std::holds_alternative<EnableControllers>(action.kind) ||
                           std::holds_alternative<DisableControllers>(action.kind);
  return {action.path, controllers ? std::string(kSubtreeControl) : ""};
}

bool Drift::Heard(const Touch& touch) {
  if (IsVerb(touch.file)) return false;
  if (!IsMembership(touch.file)) {
    writers_.Note(touch);
    return true;
  }
  if (touch.by == nullptr) return false;
  // Moves come in bursts; once a minute says who fills the cgroup.
  if (moves_.size() >= kMovesKept) moves_.clear();
  const auto [said, fresh] = moves_.try_emplace({touch.path, touch.by->Side()}, touch.heard);
  if (!fresh && touch.heard < said->second + kMovesSaidAgain) return false;
  said->second = touch.heard;
  Event event;
  event.at = touch.heard;
  event.kind = Event::Kind::kMove;
  event.path = touch.path;
  event.file = touch.file;
  event.by = touch.by;
  event.text = "processes were moved into it";
  events_.Add(std::move(event));
  return false;
}

const Touch* Drift::Explain(const plan::Key& key) const {
  if (const Touch* touch = writers_.Find(key.first, key.second)) return touch;
  // One file can move another (cpu.weight.nice, cpu.idle), and taking a controller or the cgroup
  // away moves them all.
  if (const Touch* touch = writers_.FindLast(key.first)) return touch;
  for (CgroupPath above = key.first; !above.is_root();) {
    above = above.Parent();
    if (const Touch* touch = writers_.Find(above, std::string(kSubtreeControl))) return touch;
    if (const Touch* touch = writers_.Find(above, "")) return touch;
  }
  return nullptr;
}

void Drift::Found(Plan& plan, Instant now, std::vector<Note>& notes) {
  std::map<plan::Key, Open> still;
  std::set<plan::Key> touches;
  const auto look = [&](const plan::Key& key,
                        const std::string& text) -> std::pair<const Touch*, bool> {
    const Touch* touch = writers_.size() == 0 ? nullptr : Explain(key);
    if (touch != nullptr) touches.insert({touch->path, touch->file});
    const auto known = open_.find(key);
    const bool fresh = known == open_.end();
    Open open = fresh ? Open{text, touch != nullptr ? touch->heard : now} : known->second;
    const bool moved = fresh || open.now != text;
    open.now = text;
    still.insert_or_assign(key, std::move(open));
    return {touch, moved};
  };
  const auto event = [&](Event::Kind kind,
                         const plan::Key& key,
                         const std::string& from,
                         const std::string& to,
                         const std::shared_ptr<const Writer>& by,
                         const SourceMark& mark) {
    Event one;
    one.at = now;
    one.kind = kind;
    one.path = key.first;
    one.file = key.second;
    one.from = from;
    one.to = to;
    one.by = by;
    one.mark = mark;
    events_.Add(one);
    return one;
  };
  for (Action& action : plan.actions) {
    if (!action.reason.drift) continue;
    const plan::Key key = KeyOf(action);
    const bool first = !still.contains(key);
    const bool fresh = !open_.contains(key);
    const Touch* touch = look(key, action.reason.now).first;
    if (touch != nullptr) action.reason.by = touch->by;
    if (!first || !IsRepair(action)) continue;
    fights_.Drifted(key, now);
    if (fresh) {
      event(Event::Kind::kDrift,
            key,
            action.reason.wanted,
            action.reason.now,
            action.reason.by,
            action.reason.mark);
    }
  }
  for (Held& held : plan.held) {
    if (!held.drift) continue;
    const plan::Key key(held.path, held.file);
    const bool fresh = !open_.contains(key);
    const Touch* touch = look(key, held.now).first;
    if (touch != nullptr) held.by = touch->by;
    if (fresh) event(Event::Kind::kDrift, key, held.wanted, held.now, held.by, held.mark);
  }
  for (Drifted& drifted : plan.drifted) {
    const plan::Key key(drifted.path, drifted.file);
    const auto [touch, moved] = look(key, drifted.now);
    if (touch != nullptr) drifted.by = touch->by;
    if (!moved) continue;
    const Event report =
        event(Event::Kind::kReport, key, drifted.wanted, drifted.now, drifted.by, drifted.mark);
    Say(notes, "drift: " + DescribeDrifted(drifted, false), report);
  }
  open_ = std::move(still);
  writers_.KeepOnly(touches);
  EndPass(notes);
}

std::shared_ptr<const Writer> Drift::WhoMoved(const plan::Key& key) const {
  const Touch* touch = Explain(key);
  return touch == nullptr ? nullptr : touch->by;
}

void Drift::Adopted(const Drifted& drifted,
                    const std::shared_ptr<const Writer>& by,
                    Instant now,
                    std::vector<Note>& notes) {
  Event event;
  event.at = now;
  event.kind = Event::Kind::kAdopt;
  event.path = drifted.path;
  event.file = drifted.file;
  event.from = drifted.wanted;
  event.to = drifted.now;
  event.by = by;
  event.mark = drifted.mark;
  events_.Add(event);
  Drifted said = drifted;
  said.by = by;
  Say(notes, "drift: " + DescribeDrifted(said, true), event);
}

std::set<std::size_t> Drift::PutOff(const Plan& plan, Instant now) {
  std::set<std::size_t> indices;
  put_off_.clear();
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    if (!plan.actions[i].reason.drift) continue;
    const Fights::Fight* fight = fights_.Of(KeyOf(plan.actions[i]));
    if (fight == nullptr || fight->next <= now) continue;
    indices.insert(i);
    const auto [until, fresh] = put_off_.try_emplace(plan.actions[i].path, fight->next);
    if (!fresh) until->second = std::min(until->second, fight->next);
  }
  return indices;
}

void Drift::Repaired(const Action& action, Instant now, std::vector<Note>& notes) {
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (!IsRepair(action) || (set != nullptr && !set->last_line)) return;
  const plan::Key key = KeyOf(action);
  const Reason& reason = action.reason;
  Event event;
  event.at = now;
  event.path = key.first;
  event.file = key.second;
  event.from = reason.now;
  event.to = reason.wanted;
  event.by = reason.by;
  event.mark = reason.mark;
  const auto open = open_.find(key);
  if (open != open_.end()) {
    event.took = now - open->second.since;
    open_.erase(open);
  }
  event.kind = Event::Kind::kRepair;
  const bool fighting = fights_.Of(key) != nullptr;
  events_.Add(event);
  if (!fighting) Say(notes, "drift: " + DescribeRepair(action), event);
  if (!repaired_.insert(key).second) return;
  if (!fights_.Repaired(key, reason.by ? reason.by->Side() : "", now)) return;
  event.kind = Event::Kind::kFlapping;
  event.took.reset();
  event.text = fmt::format(
      "{} and reeve disagree: it was put back {} times within {} minutes, from now on once a "
      "minute "
      "until it is quiet for {}",
      SideName(reason.by.get()),
      Fights::kRounds,
      Fights::kWindow.count(),
      Fights::kWindow.count());
  const std::string place = reason.mark.known() ? EscapeForTerminal(reason.mark.FileLine()) : "";
  const bool value = set != nullptr;
  notes.push_back(
      {Note::Level::kWarning,
       fmt::format(
           "FLAPPING {}: {}{}{}; {}",
           Subject(key),
           value ? fmt::format("reeve wants {}", EscapeForTerminal(reason.wanted))
                 : "reeve wants it",
           place.empty() ? "" : " (" + place + ")",
           value ? fmt::format(
                       ", {} writes {}", SideName(reason.by.get()), EscapeForTerminal(reason.now))
                 : fmt::format(", {} takes it away", SideName(reason.by.get())),
           event.text),
       std::make_shared<const Event>(event)});
  events_.Add(std::move(event));
}

void Drift::Say(std::vector<Note>& notes, std::string text, const Event& event) {
  if (said_ == kLinesAPass) {
    ++unsaid_;
    return;
  }
  ++said_;
  notes.push_back({Note::Level::kWarning, std::move(text), std::make_shared<const Event>(event)});
}

void Drift::EndPass(std::vector<Note>& notes) {
  if (unsaid_ != 0) {
    notes.push_back({Note::Level::kWarning, fmt::format("drift: and {} more keys", unsaid_)});
  }
  said_ = unsaid_ = 0;
  repaired_.clear();
}

std::optional<Instant> Drift::NextWake() const {
  std::optional<Instant> next = fights_.NextEnd();
  for (const auto& entry : put_off_) next = next ? std::min(*next, entry.second) : entry.second;
  return next;
}

std::set<CgroupPath> Drift::Tick(Instant now, std::vector<Note>& notes) {
  for (const plan::Key& key : fights_.EndQuiet(now)) {
    notes.push_back({Note::Level::kInfo,
                     fmt::format("{}: quiet for {} minutes, put back at once again from now on",
                                 Subject(key),
                                 Fights::kWindow.count())});
    Event event;
    event.at = now;
    event.kind = Event::Kind::kQuiet;
    event.path = key.first;
    event.file = key.second;
    events_.Add(std::move(event));
  }
  std::set<CgroupPath> due;
  for (auto it = put_off_.begin(); it != put_off_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    due.insert(it->first);
    it = put_off_.erase(it);
  }
  return due;
}

}  // namespace reeve::engine
