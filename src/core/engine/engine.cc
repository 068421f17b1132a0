// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <algorithm>
#include <iterator>
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
// A plan that the world has overtaken is made anew at once. What is overtaken again and again with nothing done is a
// world that we do not see as it is (descriptors have run out, somebody is always quicker): that can wait.
constexpr std::size_t kOvertakenAtOnce = 3;
// What a log shows of what is wrong; the rest is counted.
constexpr std::size_t kTroubleLines = 12;
constexpr std::chrono::seconds kFirstRetry{2};
constexpr std::chrono::seconds kLongestRetry{60};
constexpr std::chrono::seconds kLookAgain{30};
// Every watch can be lost in ways nobody tells us of; ten minutes bounds what that costs, and is
// rare enough to leave an idle host idle.
constexpr std::chrono::minutes kSafetyPass{10};

// Whether what the file holds matters to no other cgroup: neither to the tree's form, nor to what is
// handed down, nor to the CPUs and nodes that are left for a partition beside it.
bool StandsAlone(std::string_view file) {
  return !file.empty() && file != "cgroup.subtree_control" && file != "cgroup.type" &&
         !file.starts_with("cpuset.");
}

}  // namespace

Engine::Engine(port::CgroupFs& fs, std::uint64_t page_size, plan::Ground ground, EventLog* events)
    : fs_(fs),
      page_size_(page_size),
      ground_(ground),
      observer_(fs),
      events_(events == nullptr ? &own_events_ : events),
      drift_(*events_) {}

void Engine::UseSlowWriter(port::SlowWriter& slow) {
  slow_ = &slow;
  if (ground_ == plan::Ground::kUnits) return;
  shrinker_ = std::make_unique<Shrinker>(fs_, slow, page_size_);
}

void Engine::SetDesired(std::shared_ptr<const Desired> desired) {
  if (in_force_) before_ = std::move(desired_).Give();
  in_force_ = false;
  desired_ = SharedDesired(std::move(desired));
  if (!standing_.adopted.empty()) LayAdopted(standing_.adopted, desired_.Own());
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

void Engine::AssumeInForce(std::shared_ptr<const Desired> desired) {
  SharedDesired tree(std::move(desired));
  std::vector<Adopted> adopted = standing_.adopted;
  if (!adopted.empty()) LayAdopted(adopted, tree.Own());
  before_ = std::move(tree).Give();
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
  const bool ours = touch.path.is_root() || desired_->cgroups.contains(touch.path) ||
                    desired_->observed_only.contains(touch.path) ||
                    (seen != observed_.cgroups.end() && seen->second.owner) || !looked_;
  if (ours) MarkFileDirty(touch.path, touch.file);
  return ours;
}

void Engine::MarkFileDirty(const CgroupPath& path, std::string_view file) {
  dirty_ = true;
  const bool alone = StandsAlone(file) && desired_->cgroups.contains(path);
  (alone ? dirty_values_ : dirty_paths_).insert(path);
}

void Engine::ForgetDirt() {
  dirty_ = all_dirty_ = whole_look_due_ = false;
  dirty_paths_.clear();
  dirty_values_.clear();
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
    ForgetDirt();
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
  if (slow_ == nullptr || slow_->in_flight() == nullptr) return;
  if (shrinker_ && shrinker_->owns_write()) return;
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

// Whether files of `dirty_values_` are all that can have moved since a plan that had nothing to do
// beside them. Then they are looked at, and everything else stays as it was observed and planned.
Plan Engine::PlanFor(const Desired& desired, const Desired* previous) {
  plan::PlanOptions options;
  options.page_size = page_size_;
  options.previous = previous;
  if (standing_.adopted.empty()) return ObserveAndPlan(observer_, desired, options).plan;
  Desired with_adopted = desired;
  std::vector<Adopted> adopted = standing_.adopted;
  LayAdopted(adopted, with_adopted);
  return ObserveAndPlan(observer_, with_adopted, options).plan;
}

bool Engine::LookAtValues() {
  const bool only_they_moved = looked_ && !all_dirty_ && !whole_look_due_ && dirty_paths_.empty();
  const bool nothing_open = in_force_ && observed_.complete && deferred_.empty() &&
                            plan_.held.empty() && plan_.drifted.empty() && plan_.refusals.empty() &&
                            plan_.gaps.size() == desired_->gaps.size();
  if (!only_they_moved || !nothing_open || !desired_->observed_only.empty()) return false;
  const auto about_them = [this](const auto& item) { return dirty_values_.contains(item.path); };
  const auto sets = [&](const Action& action) {
    return std::holds_alternative<SetFile>(action.kind) && about_them(action);
  };
  return std::all_of(plan_.actions.begin(), plan_.actions.end(), sets) &&
         std::all_of(plan_.care.begin(), plan_.care.end(), about_them) &&
         observer_.Reread(*desired_, dirty_values_, observed_);
}

void Engine::Look(Instant now) {
  std::vector<plan::Key> braked;
  if (shrinker_ && shrinker_->brakes()) braked = shrinker_->PutBrakes(desired_.Own());
  const std::set<CgroupPath>* only = braked.empty() && LookAtValues() ? &dirty_values_ : nullptr;
  for (plan::Key& key : braked) not_yet_.insert(std::move(key));
  if (only == nullptr) {
    dirty_paths_.merge(dirty_values_);
    if (all_dirty_ || !looked_ || !observed_.complete) {
      observed_ = observer_.Observe(*desired_);
      safety_at_ = now + kSafetyPass;  // a look at a part is none, however often it comes
    } else {
      observer_.Refresh(*desired_, dirty_paths_, observed_);
    }
  }
  look_again_at_.reset();
  PlanAgain(only);
  if (TakeOver(now)) PlanAgain(only);
  ForgetDirt();
  drift_.Found(plan_, now, notes_);
  looked_ = planned_ = true;
  ++looks_;
}

//   only   cgroups of which nothing but values can have moved; nullptr: anything, anywhere
void Engine::PlanAgain(const std::set<CgroupPath>* only) {
  plan::PlanOptions options;
  options.ground = ground_;
  options.page_size = page_size_;
  options.previous = in_force_ ? &*desired_ : before_.get();
  options.not_yet = &not_yet_;
  options.only_values_of = only;
  Plan plan = PlanOn(observer_, *desired_, options, observed_);
  if (only == nullptr) {
    plan_ = std::move(plan);
    return;
  }
  plan_.actions = std::move(plan.actions);
  plan_.care = std::move(plan.care);
  plan_.held = std::move(plan.held);
  plan_.drifted = std::move(plan.drifted);
  plan_.gaps.resize(desired_->gaps.size());  // those of the policy stay as they were
  plan_.gaps.insert(plan_.gaps.end(),
                    std::make_move_iterator(plan.gaps.begin()),
                    std::make_move_iterator(plan.gaps.end()));
}

// Values that others wrote and that the policy lets them have. True: the plan is another now.
bool Engine::TakeOver(Instant now) {
  bool any = false;
  for (const Drifted& drifted : plan_.drifted) {
    if (drifted.on_drift != OnDrift::kAdopt) continue;
    const std::shared_ptr<const Writer> by = drift_.WhoMoved({drifted.path, drifted.file});
    if (!Adopt(drifted, DescribeWriter(by.get()), standing_.adopted, desired_.Own())) {
      continue;
    }
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
  const Slow which = ground_ == plan::Ground::kUnits ? Slow::kAll : Slow::kMayBlock;
  applier_ = std::make_unique<Applier>(fs_, plan_, page_size_, std::move(not_yet), slow_, which);
  applying_since_ = now;
}

void Engine::Settle(const Action& action, const Outcome& outcome, Instant now) {
  switch (outcome.kind) {
    case Outcome::Kind::kDone:
    case Outcome::Kind::kAlreadySo:
      deferred_.erase(ActionKey(action));
      // Looked at once more: the last word on what we did is the kernel's.
      MarkFileDirty(action.path, KeyOf(action).second);
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
      if (overtaken_ < kOvertakenAtOnce) {
        MarkDirty();
        return;
      }
      [[fallthrough]];
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
    const bool stale = last_report_.Count(Outcome::Kind::kStale) != 0;
    overtaken_ = stale && last_report_.Count(Outcome::Kind::kDone) == 0 ? overtaken_ + 1 : 0;
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
  standing_.in_force = desired_->policy_hash;
  if (shrinker_) {
    shrinker_->Consider(plan_, *desired_, observed_, now);
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
  event.of_units = ground_ == plan::Ground::kUnits;
  event.text = DescribeReport(plan_, last_report_);
  events_->Add(std::move(event));
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
  std::size_t lines = 0;
  const auto add = [&](const std::string& line) {
    if (++lines <= kTroubleLines) text += "\n  " + line;
  };
  if (!observed_.complete) {
    add("the tree could not be read whole; nothing is removed until it can");
    for (const Error& error : observed_.errors) add(EscapeForTerminal(error.ToString()));
  }
  for (const auto& entry : deferred_) add(entry.second.why);
  for (const Held& held : plan_.held) {
    if (shrinker_ && shrinker_->Handles(held)) continue;
    add(DescribeHeld(held));
  }
  for (const Refusal& refusal : plan_.refusals) add(DescribeRefusal(refusal));
  if (lines > kTroubleLines) {
    text += fmt::format("\n  and {} more; `reevectl diff` shows all", lines - kTroubleLines);
  }
  return text;
}

void Engine::Say(Note::Level level, std::string text) {
  notes_.push_back({level, std::move(text)});
}

std::vector<ShrinkProgress> Engine::shrinks() const {
  return shrinker_ ? shrinker_->Progress() : std::vector<ShrinkProgress>();
}

std::vector<std::string> Engine::failures() const {
  std::vector<std::string> all;
  for (const auto& entry : deferred_) all.push_back(entry.second.why);
  return all;
}

std::vector<Note> Engine::TakeNotes() {
  std::vector<Note> notes = std::exchange(notes_, {});
  if (shrinker_) {
    for (Note& note : shrinker_->TakeNotes()) notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace reeve::engine
