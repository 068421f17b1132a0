// SPDX-License-Identifier: Apache-2.0
#include "core/engine/generations.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/engine/kept_data.h"

namespace reeve::engine {
namespace {

// As many as a person reads; older ones would only make the state directory grow.
constexpr std::size_t kHistory = 200;
constexpr const char* kEmptySet = "empty_set";

GuardHit NoFileLeft() {
  return {kEmptySet, "no policy file is left, as if a directory was lost"};
}

GuardHit NoCgroupLeft() {
  return {kEmptySet, "no cgroup is described any more"};
}

using Names = std::map<std::pair<int, std::string>, const std::string*>;

Names ByName(const SourceFiles& files) {
  Names names;
  for (const auto& file : files) names.emplace(std::pair(file->layer, file->name), &file->text);
  return names;
}

void Count(std::string& text, std::size_t count, std::string_view what) {
  if (count == 0) return;
  fmt::format_to(std::back_inserter(text),
                 "{}{} {} {}",
                 text.empty() ? "" : ", ",
                 count,
                 count == 1 ? "file" : "files",
                 what);
}

// "2 files changed, 1 file added"
std::string WhatChanged(const SourceFiles& before, const SourceFiles& after) {
  const Names old_names = ByName(before);
  const Names new_names = ByName(after);
  std::size_t added = 0;
  std::size_t changed = 0;
  for (const auto& [name, text] : new_names) {
    const auto found = old_names.find(name);
    if (found == old_names.end()) {
      ++added;
    } else if (*found->second != *text) {
      ++changed;
    }
  }
  std::size_t removed = 0;
  for (const auto& entry : old_names) removed += new_names.contains(entry.first) ? 0 : 1;
  std::string text;
  Count(text, changed, "changed");
  Count(text, added, "added");
  Count(text, removed, "removed");
  return text.empty() ? "data files changed" : text;
}

std::string WhatIsNew(const Generation* before, const Generation& after) {
  if (before != nullptr) return WhatChanged(before->files, after.files);
  return fmt::format("{} {}", after.files.size(), after.files.size() == 1 ? "file" : "files");
}

SourceFiles Joined(const SourceFiles& a, const SourceFiles& b) {
  SourceFiles all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

// For longer: without the cgroups before they were resolved, which `desired` says all of again.
std::shared_ptr<const Generation> Share(Generation&& generation) {
  generation.tree.cgroups.clear();
  generation.tree.self.clear();
  generation.tree.observed_only.clear();
  return std::make_shared<const Generation>(std::move(generation));
}

}  // namespace

Generations::Parts Generations::Split(const SourceFiles& files) {
  Parts parts;
  for (const auto& file : files) {
    (file->layer == kByHandLayer ? parts.by_hand : parts.lasting).push_back(file);
  }
  return parts;
}

Generation Generations::JudgeInForce(SourceFiles files, const World& world) const {
  KeptData data(in_force_->data, world.data);
  return Judge(std::move(files), world.facts, data, world.now, loader_);
}

Verdict Generations::Restore(KeptGeneration kept,
                             std::vector<GenerationRecord> history,
                             std::optional<Hold> hold,
                             std::optional<Confirmation> confirmation,
                             const World& world) {
  number_ = std::max(kept.generation, history.empty() ? 0 : history.back().number);
  history_ = std::move(history);
  hold_ = std::move(hold);
  // What was lost needs no way back.
  if (confirmation && confirmation->generation <= kept.generation) {
    confirmation_ = std::move(confirmation);
  }
  by_hand_ = Split(kept.policies).by_hand;
  KeptData data(kept.data, world.data);
  Generation judged = Judge(kept.policies, world.facts, data, world.now, loader_);
  Verdict verdict;
  verdict.findings = judged.findings;
  if (!judged.usable()) {
    verdict.kind = Verdict::Kind::kBroken;
    return verdict;
  }
  verdict.kind = Verdict::Kind::kRefreshed;
  in_force_ = Share(std::move(judged));
  verdict.generation = in_force_;
  return verdict;
}

void Generations::Remember(std::vector<GenerationRecord> history, std::optional<Hold> hold) {
  number_ = history.empty() ? 0 : history.back().number;
  history_ = std::move(history);
  hold_ = std::move(hold);
}

Verdict Generations::Stay(DiskState state, Verdict verdict) {
  disk_state_ = state;
  disk_verdict_ = verdict;
  disk_verdict_.generation.reset();
  return verdict;
}

Generation Generations::JudgeDisk(const SourceFiles& files, const World& world) const {
  if (!in_force_) return Judge(files, world.facts, world.data, world.now, loader_);
  SameData data(in_force_->data, world.data);
  return Judge(files, world.facts, data, world.now, loader_);
}

// Files that say what they said before, as the very same objects: what was judged from them compares equal.
SourceFiles Generations::Known(const SourceFiles& read) const {
  SourceFiles files = read;
  if (!in_force_) return files;
  for (auto& file : files) file = SameAsBefore(std::move(file), in_force_->files);
  return files;
}

Generation Generations::Peek(const port::FileSet& read, const World& world) const {
  return JudgeDisk(Known(read.files), world);
}

std::vector<GuardHit> Generations::GuardsOf(const Generation& candidate,
                                            const Plan& plan,
                                            const World& world) const {
  if (!in_force_) return AskGuardsOf(candidate, false, plan, {}, world);
  const bool no_files = HasNoFiles(Split(candidate.files));
  const bool emptied = no_files || LeavesNothing(candidate, world);
  std::vector<GuardHit> hits = AskGuardsOf(candidate, !emptied, plan, {}, world);
  if (emptied) hits.insert(hits.begin(), no_files ? NoFileLeft() : NoCgroupLeft());
  return hits;
}

// The directories were lost, or emptied.
bool Generations::HasNoFiles(const Parts& parts) const {
  return parts.lasting.empty() && !Split(in_force_->files).lasting.empty();
}

std::vector<GuardHit> Generations::AskGuardsOf(const Generation& judged,
                                               bool shares,
                                               const Plan& plan,
                                               const std::set<std::string>& accept,
                                               const World& world) const {
  GuardQuestion question;
  question.before = shares ? &in_force_->desired : nullptr;
  question.units_before = shares ? &in_force_->units : nullptr;
  question.after = &judged.desired;
  question.units_after = &judged.units;
  question.plan = &plan;
  question.selves = world.selves;
  question.unit_selves = world.unit_selves;
  question.count_processes = world.count_processes;
  return AskGuards(question, settings_.guards, accept);
}

Verdict Generations::Consider(const port::FileSet& read, const Ask& ask, const World& world) {
  candidate_ = nullptr;
  const SourceFiles files = Known(read.files);
  const Parts on_disk = Split(files);
  Verdict refused;
  bool by_hand_is_whole = true;
  for (const port::IgnoredName& name : read.ignored) {
    if (!name.error) continue;
    refused.refused_names.push_back(name);
    by_hand_is_whole = by_hand_is_whole && name.layer != kByHandLayer;
  }
  if (!refused.refused_names.empty()) {
    refused.kind = Verdict::Kind::kBroken;
    Stay(DiskState::kBroken, refused);
    return by_hand_is_whole ? ByHandOr(std::move(refused), on_disk.by_hand, ask, world) : refused;
  }
  if (!in_force_) {
    return files.empty() ? Stay(DiskState::kSame, {}) : ConsiderAll(files, ask, world);
  }
  if (HasNoFiles(on_disk) && !(ask.by_hand && ask.accept.contains(kEmptySet))) {
    return LeaveWaiting(files, DiskState::kEmptied, ask, world);
  }
  if (hold_) return LeaveWaiting(files, DiskState::kHeld, ask, world);
  if (settings_.take_up == TakeUp::kReload && !ask.by_hand) {
    return LeaveWaiting(files, DiskState::kWaiting, ask, world);
  }
  return ConsiderAll(files, ask, world);
}

// Everything that is on disk, to be taken.
Verdict Generations::ConsiderAll(const SourceFiles& files, const Ask& ask, const World& world) {
  const Parts on_disk = Split(files);
  Generation judged = JudgeDisk(files, world);
  Verdict verdict;
  verdict.findings = judged.findings;
  if (!judged.usable()) {
    verdict.kind = Verdict::Kind::kBroken;
    Stay(DiskState::kBroken, verdict);
    return ByHandOr(std::move(verdict), on_disk.by_hand, ask, world);
  }
  if (!ask.policy_hash.empty() && ask.policy_hash != judged.desired.policy_hash) {
    verdict.kind = Verdict::Kind::kAnother;
    return verdict;
  }
  const bool same = in_force_ && judged.desired.policy_hash == in_force_->desired.policy_hash;
  if (!same) {
    const bool lasting_differs =
        in_force_ && (!SameTexts(on_disk.lasting, Split(in_force_->files).lasting) ||
                      !SameTexts(judged.data, in_force_->data));
    const bool nothing_left = lasting_differs && LeavesNothing(judged, world);
    // Whoever accepts that nothing is left need not be asked how much of it goes.
    verdict.guards = Guard(judged, lasting_differs && !nothing_left, ask, world);
    if (nothing_left && !(ask.by_hand && ask.accept.contains(kEmptySet))) {
      verdict.guards.insert(verdict.guards.begin(), NoCgroupLeft());
    }
    if (!verdict.guards.empty()) {
      verdict.kind = Verdict::Kind::kGuarded;
      candidate_ = Share(std::move(judged));
      Stay(nothing_left ? DiskState::kEmptied : DiskState::kGuarded, verdict);
      return ByHandOr(std::move(verdict), on_disk.by_hand, ask, world);
    }
    const policy::Findings findings = verdict.findings;
    verdict = Take(std::move(judged), ask, world);
    verdict.findings = findings;
  } else if (!judged.SameAs(*in_force_)) {
    verdict.kind = Verdict::Kind::kRefreshed;
    in_force_ = Share(std::move(judged));
    verdict.generation = in_force_;
  }
  Stay(DiskState::kSame, {});
  return verdict;
}

// What is on disk waits for somebody; what is done by hand does not.
Verdict Generations::LeaveWaiting(const SourceFiles& files,
                                  DiskState state,
                                  const Ask& ask,
                                  const World& world) {
  Verdict by_hand = ConsiderByHand(Split(files).by_hand, ask, world);
  Generation waiting = JudgeDisk(files, world);
  Verdict why;
  why.findings = waiting.findings;
  if (state == DiskState::kEmptied) {
    why.kind = Verdict::Kind::kGuarded;
    why.guards.push_back(NoFileLeft());
  } else if (!waiting.usable()) {
    why.kind = Verdict::Kind::kBroken;
    state = DiskState::kBroken;
  } else if (by_hand.kind == Verdict::Kind::kGuarded) {
    why = by_hand;
    state = DiskState::kGuarded;
  } else if (waiting.desired.policy_hash == in_force_->desired.policy_hash) {
    Stay(DiskState::kSame, {});
    return by_hand;
  } else {
    why.kind = state == DiskState::kHeld ? Verdict::Kind::kHeld : Verdict::Kind::kWaiting;
  }
  if (waiting.usable()) candidate_ = Share(std::move(waiting));
  Stay(state, why);
  return by_hand.generation ? by_hand : why;
}

Verdict Generations::ConsiderByHand(const SourceFiles& by_hand,
                                    const Ask& ask,
                                    const World& world) {
  Verdict verdict;
  if (!in_force_) return verdict;
  Parts in_force = Split(in_force_->files);
  if (SameTexts(in_force.by_hand, by_hand)) return Again(world);
  Generation judged = JudgeInForce(Joined(in_force.lasting, Known(by_hand)), world);
  verdict.findings = judged.findings;
  if (!judged.usable()) {
    verdict.kind = Verdict::Kind::kBroken;
    return verdict;
  }
  // It is asked for by somebody; only a lock-out is nobody's wish.
  verdict.guards = Guard(judged, false, ask, world);
  if (!verdict.guards.empty()) {
    verdict.kind = Verdict::Kind::kGuarded;
    return verdict;
  }
  const policy::Findings findings = verdict.findings;
  verdict = Take(std::move(judged), ask, world);
  verdict.findings = findings;
  return verdict;
}

Verdict Generations::ByHandOr(Verdict otherwise,
                              const SourceFiles& by_hand,
                              const Ask& ask,
                              const World& world) {
  Verdict verdict = ConsiderByHand(by_hand, ask, world);
  return verdict.generation ? verdict : otherwise;
}

std::vector<GuardHit> Generations::Guard(const Generation& judged,
                                         bool shares,
                                         const Ask& ask,
                                         const World& world) const {
  const Plan plan = world.preview ? world.preview(judged.desired) : Plan();
  return AskGuardsOf(judged, shares, plan, ask.accept, world);
}

// A file that was cut to nothing, or a fact that no document is for any more, unleashes everybody like a directory that
// was lost. The cgroups of clamps do not count: they come and go with what is done by hand.
bool Generations::LeavesNothing(const Generation& judged, const World& world) const {
  if (in_force_->empty()) return false;
  if (judged.empty()) return true;
  const Parts parts = Split(judged.files);
  return !parts.by_hand.empty() && JudgeDisk(parts.lasting, world).empty();
}

Verdict Generations::Take(Generation generation,
                          const Ask& ask,
                          const World& world,
                          std::string what) {
  if (what.empty()) what = WhatIsNew(in_force_.get(), generation);
  const std::uint64_t before = number_++;
  history_.push_back(
      {number_, world.now, ask.origin, std::move(what), "done", generation.desired.policy_hash});
  AwaitConfirmation(ask, before, world.now);
  if (history_.size() > kHistory) history_.erase(history_.begin());
  Verdict verdict;
  verdict.kind = Verdict::Kind::kTaken;
  in_force_ = Share(std::move(generation));
  by_hand_ = Split(in_force_->files).by_hand;
  verdict.generation = in_force_;
  return verdict;
}

// What is put on top of something unconfirmed (a hand, a push) is no more confirmed than that: the way back stays open,
// and leads where it led.
void Generations::AwaitConfirmation(const Ask& ask, std::uint64_t before, std::int64_t now) {
  if (!confirmation_ && !(ask.confirm_seconds && in_force_)) return;
  const auto back = std::find_if(history_.begin(), history_.end(), [&](const auto& record) {
    return confirmation_ && record.number == confirmation_->back_to;
  });
  if (back != history_.end() && back->policy_hash == history_.back().policy_hash) {
    Mark(confirmation_->generation, "undone");
    confirmation_.reset();
    return;
  }
  if (confirmation_) Mark(confirmation_->generation, "replaced before it was confirmed");
  const std::uint64_t back_to = confirmation_ ? confirmation_->back_to : before;
  if (ask.confirm_seconds) {
    confirmation_ = Confirmation{number_, back_to, now + *ask.confirm_seconds, ask.origin};
  } else {
    confirmation_->generation = number_;
  }
  history_.back().result = "awaits confirmation";
}

Verdict Generations::Again(const World& world) {
  Verdict verdict;
  if (!in_force_) return verdict;
  Generation judged = JudgeInForce(in_force_->files, world);
  // What can not be judged any more on this host stays as it was.
  if (!judged.usable()) return verdict;
  const bool same = judged.SameAs(*in_force_);
  in_force_ = Share(std::move(judged));
  if (same) return verdict;
  verdict.kind = Verdict::Kind::kRefreshed;
  verdict.generation = in_force_;
  return verdict;
}

Verdict Generations::Undo(const KeptGeneration& to, const Origin& origin, const World& world) {
  KeptData data(to.data, world.data);
  const SourceFiles lasting = Split(to.policies).lasting;
  Generation judged = Judge(Joined(lasting, by_hand_), world.facts, data, world.now, loader_);
  // A way back must not be barred by what somebody did by hand on top of what is undone.
  if (!judged.usable()) judged = Judge(lasting, world.facts, data, world.now, loader_);
  Verdict verdict;
  verdict.findings = judged.findings;
  if (!judged.usable()) {
    verdict.kind = Verdict::Kind::kBroken;
    return verdict;
  }
  if (confirmation_) Mark(confirmation_->generation, "undone");
  confirmation_.reset();
  Mark(number_, "undone");
  Ask ask;
  ask.origin = origin;
  const policy::Findings findings = judged.findings;
  verdict = Take(std::move(judged), ask, world, fmt::format("undo to {}", to.generation));
  verdict.findings = findings;
  hold_ = Hold{origin, world.now, std::nullopt};
  disk_state_ = DiskState::kHeld;
  return verdict;
}

bool Generations::SaysOtherwise(const KeptGeneration& earlier) const {
  return !in_force_ ||
         !SameTexts(Split(earlier.policies).lasting, Split(in_force_->files).lasting) ||
         !SameTexts(earlier.data, in_force_->data);
}

bool Generations::Release() {
  return std::exchange(hold_, std::nullopt).has_value();
}

bool Generations::Confirm(const std::string& who) {
  if (!confirmation_) return false;
  Mark(confirmation_->generation, "confirmed by " + who);
  confirmation_.reset();
  return true;
}

void Generations::Mark(std::uint64_t number, std::string result) {
  const auto found = std::find_if(history_.rbegin(), history_.rend(), [&](const auto& record) {
    return record.number == number;
  });
  if (found != history_.rend()) found->result = std::move(result);
}

std::optional<std::uint64_t> Generations::EndByClock(std::int64_t now) {
  if (hold_ && hold_->until && *hold_->until <= now) hold_.reset();
  if (!confirmation_ || confirmation_->before > now) return std::nullopt;
  return confirmation_->back_to;
}

std::optional<std::int64_t> Generations::NextEnd() const {
  std::optional<std::int64_t> next = hold_ ? hold_->until : std::nullopt;
  if (confirmation_) next = std::min(next.value_or(confirmation_->before), confirmation_->before);
  return next;
}

void Generations::MoveEnds(std::int64_t seconds) {
  if (hold_ && hold_->until) *hold_->until += seconds;
  if (confirmation_) confirmation_->before += seconds;
}

KeptGeneration Generations::Kept() const {
  KeptGeneration kept;
  kept.generation = number_;
  kept.accepted_at = history_.empty() ? 0 : history_.back().at;
  if (!in_force_) return kept;
  kept.policy_hash = in_force_->desired.policy_hash;
  kept.policies = in_force_->files;
  kept.data = in_force_->data;
  return kept;
}

}  // namespace reeve::engine
