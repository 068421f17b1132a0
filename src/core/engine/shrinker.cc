// SPDX-License-Identifier: Apache-2.0
#include "core/engine/shrinker.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/format/flat_keyed.h"
#include "core/format/nested_keyed.h"

namespace reeve::engine {
namespace {

constexpr std::string_view kMax = "memory.max";
constexpr std::string_view kHigh = "memory.high";
constexpr std::string_view kReclaim = "memory.reclaim";
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
// A slice that takes longer is broken off: by then it is old news whether anybody misses it.
constexpr std::chrono::seconds kSlicePatience{10};

std::uint64_t LimitOf(std::string_view text) {
  return ParseDecimal(Trim(text)).value_or(kNoLimit);
}

std::string Amount(std::uint64_t bytes) {
  return fmt::format("{} MiB", (bytes + (1U << 19)) >> 20);
}

std::string Place(const SourceMark& mark) {
  return mark.known() ? ", " + EscapeForTerminal(mark.FileLine()) : "";
}

// COMPAT(kernel 5.9): before it there is one workingset_refault for both.
std::uint64_t RefaultedPages(std::string_view stat) {
  std::uint64_t pages = 0;
  for (const char* key :
       {"workingset_refault", "workingset_refault_anon", "workingset_refault_file"}) {
    pages += format::FindFlatValue(stat, key).value_or(0);
  }
  return pages;
}

}  // namespace

void Shrinker::Consider(const Plan& plan,
                        const Desired& desired,
                        const Observed& observed,
                        Instant now) {
  std::set<CgroupPath> held_now;
  for (const Held& held : plan.held) {
    const auto wanted = desired.cgroups.find(held.path);
    const auto seen = observed.cgroups.find(held.path);
    if (held.file != kMax || wanted == desired.cgroups.end() || seen == observed.cgroups.end()) {
      continue;
    }
    const Shrink mode = wanted->second.shrink;
    const std::uint64_t target = LimitOf(held.wanted);
    held_now.insert(held.path);
    auto found = courses_.find(held.path);
    if (found != courses_.end() && found->second.id == seen->second.id) {
      Shrinking& going = found->second;
      if (going.course.state() == ShrinkCourse::State::kFits) going.course.FitsNot(now);
      going.course.Retarget(mode, target, now);
      going.held = held;
      continue;
    }
    if (found != courses_.end()) courses_.erase(found);
    Shrinking fresh{
        seen->second.id, ShrinkCourse(mode, target, now), held, {}, false, {}, {}, {}, "", now};
    // What an earlier course left standing is still ours to give back.
    if (const auto old = ended_.find(held.path);
        old != ended_.end() && old->second.id == fresh.id) {
      fresh.high_before = old->second.high_before;
      fresh.braked = old->second.braked;
      fresh.policy_high = old->second.policy_high;
      fresh.brake_put = old->second.brake_put;
      fresh.high_put = old->second.high_put;
      ended_.erase(old);
    }
    courses_.emplace(held.path, std::move(fresh));
    Say(Note::Level::kInfo,
        fmt::format("{} memory.max goes down from {} to {} in slices, because {}: nothing is "
                    "killed{}",
                    EscapeForTerminal(held.path.text()),
                    EscapeForTerminal(held.now),
                    held.wanted,
                    held.reason,
                    Place(held.mark)));
  }
  for (auto it = courses_.begin(); it != courses_.end();) {
    if (held_now.contains(it->first)) {
      ++it;
      continue;
    }
    End(it->first, it->second, desired, now);
    it = courses_.erase(it);
  }
}

void Shrinker::End(const CgroupPath& path,
                   Shrinking& shrinking,
                   const Desired& desired,
                   Instant now) {
  const auto cgroup = desired.cgroups.find(path);
  const auto limit = fs_.ReadFile(path, kMax);
  const bool reached = cgroup != desired.cgroups.end() && limit.has_value() &&
                       LimitOf(*limit) <= shrinking.course.target();
  if (reached) {
    Say(Note::Level::kInfo,
        fmt::format("{} memory.max is down at {}, from {} in use, after {} s{}",
                    EscapeForTerminal(path.text()),
                    shrinking.held.wanted,
                    Amount(shrinking.course.from()),
                    std::chrono::duration_cast<std::chrono::seconds>(now - shrinking.begun).count(),
                    Place(shrinking.held.mark)));
  }
  if (!shrinking.braked) return;
  dirty_.insert(path);
  ended_.insert_or_assign(path, std::move(shrinking));
}

bool Shrinker::Step(Instant now) {
  if (Collect(now)) return true;
  for (auto& [path, shrinking] : courses_) {
    switch (shrinking.course.Next(now)) {
      case ShrinkCourse::Need::kNothing:
        continue;
      case ShrinkCourse::Need::kSample:
        Sample(path, shrinking, now);
        return true;
      case ShrinkCourse::Need::kSlice:
        if (slow_.in_flight() != nullptr) continue;
        BeginSlice(path, shrinking, now);
        return true;
    }
  }
  return false;
}

bool Shrinker::Collect(Instant now) {
  if (!reclaiming_) return false;
  auto result = slow_.Poll();
  if (!result) {
    if (now >= patience_ends_) {
      patience_ends_ = now + kSlicePatience;
      slow_.Interrupt();
    }
    return false;
  }
  const auto found = courses_.find(*reclaiming_);
  reclaiming_.reset();
  if (found == courses_.end()) return true;
  ShrinkCourse::Slice outcome = ShrinkCourse::Slice::kDone;
  if (!result->has_value()) {
    const ErrorKind kind = result->error().kind;
    const bool fell_short = kind == ErrorKind::kBusy;  // EAGAIN; EINTR is our own doing
    if (kind == ErrorKind::kUnsupported) outcome = ShrinkCourse::Slice::kUnsupported;
    if (kind != ErrorKind::kUnsupported && !fell_short && result->error().errno_value != EINTR) {
      outcome = ShrinkCourse::Slice::kFailed;
    }
  }
  found->second.course.OnSlice(outcome, now);
  Report(found->first, found->second);
  return true;
}

void Shrinker::Sample(const CgroupPath& path, Shrinking& shrinking, Instant now) {
  ShrinkSample sample;
  sample.at = now;
  const auto current = fs_.ReadFile(path, "memory.current");
  const auto bytes = current.has_value() ? ParseDecimal(Trim(*current)) : std::nullopt;
  if (!bytes) {
    // Gone, or no longer under the memory controller: the next look says what that means.
    shrinking.course.FitsNot(now + kSlicePatience);
    dirty_.insert(path);
    return;
  }
  sample.current = *bytes;
  if (const auto stat = fs_.ReadFile(path, "memory.stat"); stat.has_value()) {
    sample.refaulted = RefaultedPages(*stat) * page_size_;
  }
  if (const auto text = fs_.ReadFile(path, "memory.pressure"); text.has_value()) {
    if (const auto pressure = format::ParsePressure(*text); pressure.has_value()) {
      sample.some_usec = pressure->some.total;
      if (pressure->full) sample.full_usec = pressure->full->total;
    }
  }
  if (!shrinking.high_before) {
    const auto high = fs_.ReadFile(path, kHigh);
    shrinking.high_before = high.has_value() ? LimitOf(*high) : kNoLimit;
  }
  shrinking.course.OnSample(sample);
  Report(path, shrinking);
}

void Shrinker::BeginSlice(const CgroupPath& path, Shrinking& shrinking, Instant now) {
  const auto stat = fs_.Stat(path);
  if (!stat.has_value() || stat->id != shrinking.id) {
    shrinking.course.FitsNot(now + kSlicePatience);
    dirty_.insert(path);
    return;
  }
  shrinking.course.OnSliceBegun();
  reclaiming_ = path;
  patience_ends_ = now + kSlicePatience;
  slow_.Start({path, std::string(kReclaim), std::to_string(shrinking.course.slice())});
}

// What changed for others: a brake to put, a limit to write, a reason to say once.
void Shrinker::Report(const CgroupPath& path, Shrinking& shrinking) {
  const ShrinkCourse& course = shrinking.course;
  if (course.brake() != shrinking.brake_put || course.state() == ShrinkCourse::State::kFits) {
    dirty_.insert(path);
  }
  if (course.state() != ShrinkCourse::State::kWaiting || course.reason() == shrinking.said) return;
  // The figures in the reason move; that it waits is said once a course.
  const bool first = shrinking.said.empty();
  shrinking.said = course.reason();
  if (!first) return;
  Say(Note::Level::kWarning,
      fmt::format("{} memory.max waits at {}, wanted {}: {} of {} in use are left, {}; tried again "
                  "by and by{}",
                  EscapeForTerminal(path.text()),
                  EscapeForTerminal(shrinking.held.now),
                  shrinking.held.wanted,
                  Amount(course.now()),
                  Amount(course.from()),
                  course.reason(),
                  Place(shrinking.held.mark)));
}

std::optional<Instant> Shrinker::NextWake() const {
  std::optional<Instant> next;
  const auto sooner = [&](Instant at) { next = next ? std::min(*next, at) : at; };
  if (reclaiming_) sooner(patience_ends_);
  for (const auto& entry : courses_) {
    const ShrinkCourse& course = entry.second.course;
    const bool runs = reclaiming_ && *reclaiming_ == entry.first;
    if (course.state() == ShrinkCourse::State::kFits || runs) continue;
    // One that wants a slice while the writer is busy is called when the writer is done.
    if (course.Next(course.wake()) == ShrinkCourse::Need::kSlice && slow_.in_flight() != nullptr) {
      continue;
    }
    sooner(course.wake());
  }
  return next;
}

// The memory.high that there is without the brake. A lower one that came with the lower memory.max waits with it.
Shrinker::Unbraked Shrinker::Without(std::uint64_t before, const DesiredKnob* policy) {
  std::uint64_t policy_high = kNoLimit;
  if (policy != nullptr) {
    const auto* limit = std::get_if<Limit>(&policy->value);
    if (limit != nullptr && !limit->is_max()) policy_high = limit->value();
  }
  const bool waits_too = policy != nullptr && policy_high < before;
  return {policy == nullptr || waits_too ? before : policy_high, waits_too};
}

// The memory.high that the desired tree shall hold; nullopt: the policy's own.
std::optional<std::uint64_t> Shrinker::Brake(const Shrinking& shrinking,
                                             const DesiredKnob* policy) const {
  if (!shrinking.high_before) return std::nullopt;
  const Unbraked without = Without(*shrinking.high_before, policy);
  const std::uint64_t brake = shrinking.course.brake().value_or(kNoLimit);
  if (brake < without.high) return brake / page_size_ * page_size_;
  if (without.waits_too) return without.high;
  return std::nullopt;
}

void Shrinker::LetGo() {
  for (const auto* all : {&courses_, &ended_}) {
    for (const auto& [path, shrinking] : *all) {
      const auto stat = fs_.Stat(path);
      if (!shrinking.braked || !shrinking.high_before) continue;
      if (!stat.has_value() || stat->id != shrinking.id) continue;
      const DesiredKnob* policy = shrinking.policy_high ? &*shrinking.policy_high : nullptr;
      const std::uint64_t high = Without(*shrinking.high_before, policy).high;
      const auto written =
          fs_.WriteFile(path, kHigh, high == kNoLimit ? std::string("max") : std::to_string(high));
      if (written.has_value()) continue;
      Say(Note::Level::kError,
          fmt::format("the brake on {} stays until the next reeved lets it go: {}",
                      EscapeForTerminal(path.text()),
                      EscapeForTerminal(written.error().ToString())));
    }
  }
}

void Shrinker::Release(DesiredCgroup& cgroup, Shrinking& shrinking) {
  if (shrinking.policy_high) {
    cgroup.knobs.insert_or_assign(std::string(kHigh), *std::move(shrinking.policy_high));
  } else {
    cgroup.knobs.erase(std::string(kHigh));
  }
  shrinking.policy_high.reset();
  shrinking.high_put.reset();
  shrinking.braked = false;
}

std::vector<plan::Key> Shrinker::PutBrakes(Desired& desired) {
  std::vector<plan::Key> changed;
  for (auto& [path, shrinking] : ended_) {
    const auto cgroup = desired.cgroups.find(path);
    if (!shrinking.braked || cgroup == desired.cgroups.end()) continue;
    Release(cgroup->second, shrinking);
    changed.push_back({path, std::string(kHigh)});
  }
  ended_.clear();
  for (auto& [path, shrinking] : courses_) {
    const auto cgroup = desired.cgroups.find(path);
    if (cgroup == desired.cgroups.end()) continue;
    if (PutBrake(cgroup->second, shrinking)) changed.push_back({path, std::string(kHigh)});
  }
  return changed;
}

// True: another memory.high is wanted than before.
bool Shrinker::PutBrake(DesiredCgroup& cgroup, Shrinking& shrinking) {
  shrinking.brake_put = shrinking.course.brake();
  const auto high = cgroup.knobs.find(std::string(kHigh));
  if (!shrinking.braked && high != cgroup.knobs.end()) shrinking.policy_high = high->second;
  const DesiredKnob* policy = shrinking.policy_high ? &*shrinking.policy_high : nullptr;
  const auto brake = Brake(shrinking, policy);
  if (!brake) {
    const bool braked = shrinking.braked;
    if (braked) Release(cgroup, shrinking);
    shrinking.policy_high.reset();
    return braked;
  }
  // Raw, so that the mark remembers what stood there before us and a reset gives that back.
  DesiredKnob knob;
  knob.value = *brake == kNoLimit ? std::string("max") : std::to_string(*brake);
  knob.note = "while memory.max goes down";
  knob.mark = shrinking.held.mark;
  shrinking.braked = true;
  shrinking.high_put = *brake == kNoLimit ? Limit::Max() : Limit(*brake);
  if (high != cgroup.knobs.end() && high->second == knob) return false;
  cgroup.knobs.insert_or_assign(std::string(kHigh), std::move(knob));
  return true;
}

void Shrinker::ForgetBrakes() {
  ended_.clear();
  for (auto& entry : courses_) {
    entry.second.braked = false;
    entry.second.policy_high.reset();
    entry.second.brake_put.reset();
    entry.second.high_put.reset();
  }
}

bool Shrinker::Handles(const Held& held) const {
  return (held.file == kMax || held.file == kHigh) && courses_.contains(held.path);
}

bool Shrinker::OnlyBrakes(const Plan& plan) const {
  return !plan.actions.empty() &&
         std::all_of(plan.actions.begin(), plan.actions.end(), [this](const Action& action) {
           const auto* set = std::get_if<SetFile>(&action.kind);
           const bool brake = set != nullptr && set->knob == nullptr && set->file == kHigh;
           const bool mark = std::holds_alternative<WriteMark>(action.kind);
           return (brake || mark) && (courses_.contains(action.path) || action.reason.reset);
         });
}

std::vector<ShrinkProgress> Shrinker::Progress() const {
  std::vector<ShrinkProgress> all;
  for (const auto& [path, shrinking] : courses_) {
    const ShrinkCourse& course = shrinking.course;
    all.push_back({path,
                   std::string(kMax),
                   course.from(),
                   course.now(),
                   course.target(),
                   course.state(),
                   course.reason(),
                   shrinking.high_put});
  }
  return all;
}

std::set<CgroupPath> Shrinker::TakeDirty() {
  return std::exchange(dirty_, {});
}

std::vector<Note> Shrinker::TakeNotes() {
  return std::exchange(notes_, {});
}

void Shrinker::Say(Note::Level level, std::string text) {
  notes_.push_back({level, std::move(text)});
}

}  // namespace reeve::engine
