// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/engine/adoption.h"
#include "core/engine/planning.h"
#include "core/engine/words.h"

namespace reeve::engine {
namespace {

constexpr std::size_t kRoundsKept = 3;
constexpr std::chrono::seconds kFirstRetry{2};
constexpr std::chrono::seconds kLongestRetry{60};
constexpr std::chrono::seconds kLookAgain{30};
// Every watch can be lost in ways nobody tells us of; ten minutes bounds what that costs, and is
// rare enough to leave an idle host idle.
constexpr std::chrono::minutes kSafetyPass{10};

}  // namespace

Engine::Engine(port::CgroupFs& fs, std::uint64_t page_size)
    : fs_(fs), page_size_(page_size), observer_(fs) {}

void Engine::UseSlowWriter(port::SlowWriter& slow) {
  slow_ = &slow;
  shrinker_ = std::make_unique<Shrinker>(fs_, slow, page_size_);
}

void Engine::SetDesired(Desired desired) {
  if (in_force_) before_ = std::move(desired_);
  in_force_ = false;
  desired_ = std::move(desired);
  LayAdopted(standing_.adopted, desired_);
  if (shrinker_) shrinker_->ForgetBrakes();
  have_desired_ = true;
  planned_ = false;
  applier_.reset();
  deferred_.clear();
  rounds_.clear();
  drift_.ForgetFights();
  last_trouble_.clear();
  whole_look_due_ = true;
  MarkDirty();
}

void Engine::AssumeInForce(Desired desired) {
  std::vector<Adopted> adopted = standing_.adopted;
  LayAdopted(adopted, desired);
  before_ = std::move(desired);
}

void Engine::RestoreAdopted(std::vector<Adopted> adopted) {
  std::sort(adopted.begin(), adopted.end(), [](const Adopted& a, const Adopted& b) {
    return std::tie(a.path, a.file) < std::tie(b.path, b.file);
  });
  standing_.adopted = std::move(adopted);
}

bool Engine::MarkDirty(const Touch& touch) {
  if (!drift_.Heard(touch)) return false;
  // Others live on this file system too: what is neither wanted nor ours is not looked at.
  const auto seen = observed_.cgroups.find(touch.path);
  const bool ours = touch.path.is_root() || desired_.cgroups.contains(touch.path) ||
                    desired_.observed_only.contains(touch.path) ||
                    (seen != observed_.cgroups.end() && seen->second.owner) || !looked_;
  if (ours) MarkDirty(touch.path);
  return ours;
}

bool Engine::Step(Instant now) {
  if (!have_desired_) return false;
  CollectLostWrite();
  if (applier_) {
    if (!applier_->Step(now)) return Shrink(now);
    if (applier_->done()) Finish(now);
    return true;
  }
  for (const CgroupPath& path : drift_.Tick(now, notes_)) MarkDirty(path);
  const std::optional<Instant> due = LookDue();
  if (due && *due <= now) MarkDirty();
  if (safety_at_ <= now) whole_look_due_ = true;
  if (!dirty_) return Shrink(now);
  if (RestsAsBefore()) {
    dirty_ = all_dirty_ = false;
    dirty_paths_.clear();
    return Shrink(now);
  }
  Look(now);
  Start(now);
  return true;
}

std::optional<Instant> Engine::NextWake() const {
  std::optional<Instant> next = LookDue();
  const auto sooner = [&](std::optional<Instant> at) {
    if (at) next = next ? std::min(*next, *at) : *at;
  };
  if (applier_) sooner(applier_->NextWake());
  if (shrinker_) sooner(shrinker_->NextWake());
  return next;
}

std::optional<Instant> Engine::LookDue() const {
  if (!have_desired_) return std::nullopt;
  Instant next = safety_at_;
  if (look_again_at_) next = std::min(next, *look_again_at_);
  if (const auto at = drift_.NextWake()) next = std::min(next, *at);
  for (const auto& entry : deferred_) next = std::min(next, entry.second.until);
  return next;
}

// One step of what shrinks; true when there is more to do now.
bool Engine::Shrink(Instant now) {
  if (!shrinker_) return false;
  const bool did = shrinker_->Step(now);
  MarkShrinksDirty();
  return did;
}

void Engine::MarkShrinksDirty() {
  for (const CgroupPath& path : shrinker_->TakeDirty()) MarkDirty(path);
}

// The result of a write that its plan did not wait for (it hung, or another policy came) tells
// nothing but that the cgroup has another value now.
void Engine::CollectLostWrite() {
  if (slow_ == nullptr || slow_->in_flight() == nullptr || shrinker_->owns_write()) return;
  if (applier_ && applier_->owns_write()) return;
  const CgroupPath path = slow_->in_flight()->path;
  if (slow_->Poll()) MarkDirty(path);
}

// A pass over a tree that was as described, for a policy that is the same: if everything reads as it did, so is
// the plan, which was empty.
bool Engine::RestsAsBefore() {
  return all_dirty_ && !whole_look_due_ && looked_ && observed_.complete && deferred_.empty() &&
         plan_.actions.empty() && plan_.held.empty() && plan_.refusals.empty() &&
         observer_.Unchanged(observed_);
}

void Engine::Look(Instant now) {
  dirty_ = whole_look_due_ = false;
  look_again_at_.reset();
  safety_at_ = now + kSafetyPass;
  if (shrinker_) {
    for (plan::Key& key : shrinker_->PutBrakes(desired_)) not_yet_.insert(std::move(key));
  }
  if (all_dirty_ || !looked_ || !observed_.complete) {
    observed_ = observer_.Observe(desired_);
  } else {
    observer_.Refresh(desired_, dirty_paths_, observed_);
  }
  all_dirty_ = false;
  dirty_paths_.clear();
  PlanAgain();
  if (TakeOver(now)) PlanAgain();
  drift_.Found(plan_, now, notes_);
  looked_ = planned_ = true;
}

void Engine::PlanAgain() {
  plan::PlanOptions options;
  options.page_size = page_size_;
  options.previous = in_force_ ? &desired_ : before_ ? &*before_ : nullptr;
  options.not_yet = &not_yet_;
  plan_ = PlanOn(observer_, desired_, options, observed_);
}

// Values that others wrote and that the policy lets them have. True: the plan is another now.
bool Engine::TakeOver(Instant now) {
  bool any = false;
  for (const Drifted& drifted : plan_.drifted) {
    if (drifted.on_drift != OnDrift::kAdopt) continue;
    const std::shared_ptr<const Writer> by = drift_.WhoMoved({drifted.path, drifted.file});
    if (!Adopt(drifted, DescribeWriter(by.get()), standing_.adopted, desired_)) continue;
    any = true;
    drift_.Adopted(drifted, by, now, notes_);
  }
  return any;
}

void Engine::Start(Instant now) {
  std::map<std::string, Deferred> still;
  std::set<std::size_t> not_yet;
  for (std::size_t i = 0; i < plan_.actions.size() && !deferred_.empty(); ++i) {
    const auto found = deferred_.find(ActionKey(plan_.actions[i]));
    if (found == deferred_.end()) continue;
    if (found->second.until > now) not_yet.insert(i);
    still.insert(*found);
  }
  deferred_ = std::move(still);  // what is no longer planned needs no further try
  not_yet.merge(drift_.PutOff(plan_, now));
  if (plan_.actions.size() == not_yet.size()) {
    Finish(now);
    return;
  }
  applier_ = std::make_unique<Applier>(fs_, plan_, page_size_, std::move(not_yet), slow_);
  applying_since_ = now;
}

void Engine::Settle(const Action& action, const Outcome& outcome, Instant now) {
  switch (outcome.kind) {
    case Outcome::Kind::kDone:
    case Outcome::Kind::kAlreadySo:
      deferred_.erase(ActionKey(action));
      // Looked at once more: the last word on what we did is the kernel's.
      MarkDirty(action.path);
      if (std::holds_alternative<CreateCgroup>(action.kind) ||
          std::holds_alternative<reeve::RemoveCgroup>(action.kind)) {
        MarkDirty(action.path.Parent());
      }
      if (std::holds_alternative<CreateCgroup>(action.kind) &&
          outcome.kind == Outcome::Kind::kDone) {
        created_.push_back(action.path);
      }
      // A mark is remembered by the observer; this one has just become another.
      if (std::holds_alternative<reeve::WriteMark>(action.kind)) observer_.Forget(action.path);
      if (std::holds_alternative<CreateCgroup>(action.kind)) ++made_;
      if (IsRepair(action)) {
        ++repaired_;
        drift_.Repaired(action, now, notes_);
      }
      return;
    case Outcome::Kind::kStale:
      MarkDirty();
      return;
    case Outcome::Kind::kFailed:
    case Outcome::Kind::kDiffers: {
      Deferred& entry = deferred_[ActionKey(action)];
      entry.backoff =
          entry.backoff.count() == 0 ? kFirstRetry : std::min(entry.backoff * 2, kLongestRetry);
      entry.until = now + entry.backoff;
      entry.why = DescribeFailure(action, outcome);
      return;
    }
    case Outcome::Kind::kSkipped:
    case Outcome::Kind::kDeferred:
      return;
  }
}

void Engine::Finish(Instant now) {
  last_report_ = {};
  if (applier_) {
    last_report_ = applier_->report();
    if (rounds_.size() < kRoundsKept) rounds_.push_back({plan_, last_report_});
    applier_.reset();
    for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
      Settle(plan_.actions[i], last_report_.outcomes[i], now);
    }
    drift_.EndPass(notes_);
    const bool silent = shrinker_ && last_report_.ok() && shrinker_->OnlyBrakes(plan_);
    if (!silent) NoteApply(now);
  }
  NoteNotYet();
  in_force_ = true;
  before_.reset();
  standing_.in_force = desired_.policy_hash;
  if (shrinker_) {
    shrinker_->Consider(plan_, desired_, observed_, now);
    MarkShrinksDirty();
  }
  // What waits for the world (memory in use, a stranger's cgroup) has no event that ends it.
  if (!plan_.held.empty() || !plan_.refusals.empty() || !observed_.complete) {
    look_again_at_ = now + kLookAgain;
  }
  std::string key = TroubleKey();
  if (!key.empty() && key != last_trouble_) {
    Say(Note::Level::kError, "not as described:" + Trouble());
  }
  last_trouble_ = std::move(key);
}

void Engine::NoteApply(Instant now) {
  Say(Note::Level::kInfo, DescribeReport(plan_, last_report_));
  Event event;
  event.at = now;
  event.kind = Event::Kind::kApply;
  event.took = now - applying_since_;
  event.text = DescribeReport(plan_, last_report_);
  events_.Add(std::move(event));
}

// What the policy wants and never had is no drift when it is still missing at the next look.
void Engine::NoteNotYet() {
  not_yet_.clear();
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
    const Action& action = plan_.actions[i];
    const bool done = i < last_report_.outcomes.size() &&
                      (last_report_.outcomes[i].kind == Outcome::Kind::kDone ||
                       last_report_.outcomes[i].kind == Outcome::Kind::kAlreadySo);
    if (!done && !action.reason.drift) not_yet_.insert(KeyOf(action));
  }
  for (const Held& held : plan_.held) {
    if (!held.drift) not_yet_.insert({held.path, held.file});
  }
  for (const Refusal& refusal : plan_.refusals) not_yet_.insert({refusal.path, refusal.file});
}

// Which things are wrong, without figures that move: what stays wrong is said once.
std::string Engine::TroubleKey() const {
  std::string key = observed_.complete ? "" : "incomplete;";
  for (const auto& entry : deferred_) key += entry.first + ";";
  for (const Held& held : plan_.held) {
    if (shrinker_ && shrinker_->Handles(held)) continue;
    key += held.path.text() + " " + held.file + "=" + held.wanted + ";";
  }
  for (const Refusal& refusal : plan_.refusals) {
    key += refusal.path.text() + " " + refusal.file + " " + refusal.errno_name + ";";
  }
  return key;
}

std::string Engine::Trouble() const {
  std::string text;
  if (!observed_.complete) {
    text += "\n  the tree could not be read whole; nothing is removed until it can";
    for (const Error& error : observed_.errors)
      text += "\n  " + EscapeForTerminal(error.ToString());
  }
  for (const auto& entry : deferred_) text += "\n  " + entry.second.why;
  for (const Held& held : plan_.held) {
    if (shrinker_ && shrinker_->Handles(held)) continue;
    text += "\n  " + DescribeHeld(held);
  }
  for (const Refusal& refusal : plan_.refusals) text += "\n  " + DescribeRefusal(refusal);
  return text;
}

void Engine::Say(Note::Level level, std::string text) {
  notes_.push_back({level, std::move(text)});
}

std::vector<ShrinkProgress> Engine::shrinks() const {
  return shrinker_ ? shrinker_->Progress() : std::vector<ShrinkProgress>();
}

std::vector<Note> Engine::TakeNotes() {
  std::vector<Note> notes = std::exchange(notes_, {});
  if (shrinker_) {
    for (Note& note : shrinker_->TakeNotes()) notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace reeve::engine
