// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/engine/planning.h"
#include "core/engine/words.h"

namespace reeve::engine {
namespace {

constexpr std::chrono::seconds kFirstRetry{2};
constexpr std::chrono::seconds kLongestRetry{60};
// Every watch can be lost in ways nobody tells us of; ten minutes bounds what that costs, and is
// rare enough to leave an idle host idle.
constexpr std::chrono::minutes kSafetyPass{10};

bool IsTrouble(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::kFailed || outcome.kind == Outcome::Kind::kDiffers;
}

}  // namespace

Engine::Engine(port::CgroupFs& fs, std::uint64_t page_size)
    : fs_(fs), page_size_(page_size), observer_(fs), backoff_(kFirstRetry) {}

void Engine::SetDesired(Desired desired) {
  desired_ = std::move(desired);
  have_desired_ = true;
  applier_.reset();
  dirty_ = true;
  backoff_ = kFirstRetry;
  last_trouble_.clear();
}

bool Engine::Step(Instant now) {
  if (!have_desired_) return false;
  if (applier_) {
    applier_->Step();
    if (applier_->done()) Finish(now);
    return true;
  }
  if ((retry_at_ && *retry_at_ <= now) || safety_at_ <= now) dirty_ = true;
  if (!dirty_) return false;
  Look(now);
  return true;
}

std::optional<Instant> Engine::NextWake() const {
  if (!have_desired_) return std::nullopt;
  return retry_at_ ? std::min(*retry_at_, safety_at_) : safety_at_;
}

void Engine::Look(Instant now) {
  dirty_ = false;
  retry_at_.reset();
  safety_at_ = now + kSafetyPass;
  plan::PlanOptions options;
  options.page_size = page_size_;
  options.previous = in_force_ ? &*in_force_ : nullptr;
  Planned planned = ObserveAndPlan(observer_, desired_, options);
  plan_ = std::move(planned.plan);
  looked_ = true;
  if (!planned.observed.complete) {
    std::string trouble = "the tree could not be read whole; nothing is removed until it can";
    for (const Error& error : planned.observed.errors) trouble += "\n  " + error.ToString();
    if (trouble != last_trouble_) Say(Note::Level::kWarning, trouble);
    last_trouble_ = std::move(trouble);
    retry_at_ = now + backoff_;
    backoff_ = std::min(backoff_ * 2, kLongestRetry);
  }
  if (plan_.actions.empty()) {
    last_report_ = {};
    Finish(now);
    return;
  }
  applier_ = std::make_unique<Applier>(fs_, plan_, page_size_);
}

void Engine::Finish(Instant now) {
  std::string trouble;
  bool stale = false;
  if (applier_) {
    last_report_ = applier_->report();
    applier_.reset();
    for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
      const Action& action = plan_.actions[i];
      const Outcome& outcome = last_report_.outcomes[i];
      // What we wrote is not to be remembered as it was read before.
      if (std::holds_alternative<reeve::WriteMark>(action.kind)) observer_.Forget(action.path);
      if (outcome.kind == Outcome::Kind::kStale) stale = true;
      if (IsTrouble(outcome)) trouble += "\n  " + DescribeFailure(action, outcome);
      if (outcome.kind == Outcome::Kind::kDone && action.reason.drift) {
        ++repaired_;
        Say(Note::Level::kWarning, "drift: " + DescribeRepair(action));
      }
    }
    Say(Note::Level::kInfo, DescribeReport(plan_, last_report_));
  }
  for (const Held& held : plan_.held) trouble += "\n  " + DescribeHeld(held);
  for (const Refusal& refusal : plan_.refusals) trouble += "\n  " + DescribeRefusal(refusal);
  in_force_ = desired_;
  if (stale) dirty_ = true;
  if (trouble.empty()) {
    if (!retry_at_) {
      backoff_ = kFirstRetry;
      last_trouble_.clear();
    }
    return;
  }
  if (trouble != last_trouble_) Say(Note::Level::kError, "not as described:" + trouble);
  last_trouble_ = std::move(trouble);
  retry_at_ = now + backoff_;
  backoff_ = std::min(backoff_ * 2, kLongestRetry);
}

void Engine::Say(Note::Level level, std::string text) {
  notes_.push_back({level, std::move(text)});
}

std::vector<Note> Engine::TakeNotes() {
  return std::exchange(notes_, {});
}

}  // namespace reeve::engine
