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

SourceFiles Joined(const SourceFiles& a, const SourceFiles& b) {
  SourceFiles all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

std::shared_ptr<const Generation> Share(Generation&& generation) {
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
  number_ = kept.generation;
  history_ = std::move(history);
  hold_ = std::move(hold);
  confirmation_ = std::move(confirmation);
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
  GuardQuestion question;
  question.before = in_force_ ? &in_force_->desired : nullptr;
  question.after = &candidate.desired;
  question.plan = &plan;
  question.selves = world.selves;
  question.count_processes = world.count_processes;
  return AskGuards(question, settings_.guards, {});
}

Verdict Generations::Consider(const port::FileSet& read, const Ask& ask, const World& world) {
  candidate_ = nullptr;
  port::FileSet disk = read;
  disk.files = Known(read.files);
  Verdict verdict;
  for (const port::IgnoredName& name : disk.ignored) {
    if (name.error) verdict.refused_names.push_back(name);
  }
  if (!verdict.refused_names.empty()) {
    verdict.kind = Verdict::Kind::kBroken;
    return Stay(DiskState::kBroken, std::move(verdict));
  }

  const Parts on_disk = Split(disk.files);
  const SourceFiles kept = in_force_ ? Split(in_force_->files).lasting : SourceFiles();
  const bool lasting_differs = !SameTexts(on_disk.lasting, kept);
  by_hand_ = on_disk.by_hand;
  if (!in_force_ && disk.files.empty()) return Stay(DiskState::kSame, std::move(verdict));

  const bool empty = in_force_ && on_disk.lasting.empty() && !kept.empty();
  const bool emptied = empty && !(ask.by_hand && ask.accept.contains("empty_set"));
  const bool held = hold_ && in_force_;
  const bool waits = settings_.take_up == TakeUp::kReload && in_force_ && !ask.by_hand;
  const bool take_lasting = !emptied && !held && !waits;

  Generation judged = take_lasting ? JudgeDisk(disk.files, world)
                                   : JudgeInForce(Joined(kept, on_disk.by_hand), world);
  verdict.findings = judged.findings;
  if (!judged.usable()) {
    verdict.kind = Verdict::Kind::kBroken;
    return Stay(DiskState::kBroken, std::move(verdict));
  }
  if (take_lasting && !ask.policy_hash.empty() && ask.policy_hash != judged.desired.policy_hash) {
    verdict.kind = Verdict::Kind::kAnother;
    return verdict;
  }

  const bool same = in_force_ && judged.desired.policy_hash == in_force_->desired.policy_hash;
  if (!same) {
    GuardQuestion question;
    const Plan plan = world.preview ? world.preview(judged.desired) : Plan();
    // What is done by hand is asked for by somebody; only a lock-out is nobody's wish.
    const bool shares = in_force_ && (lasting_differs || !SameTexts(judged.data, in_force_->data));
    question.before = shares && take_lasting && !empty ? &in_force_->desired : nullptr;
    question.after = &judged.desired;
    question.plan = &plan;
    question.selves = world.selves;
    question.count_processes = world.count_processes;
    verdict.guards = AskGuards(question, settings_.guards, ask.accept);
    if (!verdict.guards.empty()) {
      verdict.kind = Verdict::Kind::kGuarded;
      candidate_ = Share(std::move(judged));
      return Stay(DiskState::kGuarded, std::move(verdict));
    }
    const policy::Findings findings = verdict.findings;
    const std::string what =
        in_force_ ? WhatChanged(in_force_->files, judged.files)
                  : fmt::format(
                        "{} {}", judged.files.size(), judged.files.size() == 1 ? "file" : "files");
    verdict = Take(std::move(judged), ask, what, world);
    verdict.findings = findings;
  } else if (judged.desired != in_force_->desired) {
    verdict.kind = Verdict::Kind::kRefreshed;
    in_force_ = Share(std::move(judged));
    verdict.generation = in_force_;
  }

  if (take_lasting || !lasting_differs) {
    Stay(DiskState::kSame, {});
    return verdict;
  }
  // The others wait; a hand verb may have been taken all the same.
  const DiskState state = emptied ? DiskState::kEmptied
                          : held  ? DiskState::kHeld
                                  : DiskState::kWaiting;
  Generation waiting = JudgeDisk(disk.files, world);
  Verdict why;
  why.findings = waiting.findings;
  if (emptied) {
    why.kind = Verdict::Kind::kGuarded;
    why.guards.push_back({"empty_set", "no policy file is left, as if a directory was lost"});
  } else if (!waiting.usable()) {
    why.kind = Verdict::Kind::kBroken;
    Stay(DiskState::kBroken, why);
    return verdict.generation ? verdict : why;
  } else {
    why.kind = held ? Verdict::Kind::kHeld : Verdict::Kind::kWaiting;
  }
  if (waiting.usable()) candidate_ = Share(std::move(waiting));
  Stay(state, why);
  return verdict.generation ? verdict : why;
}

Verdict Generations::Take(Generation generation,
                          const Ask& ask,
                          std::string what,
                          const World& world) {
  const std::uint64_t before = number_;
  // What nobody confirmed is as good as confirmed once something else is put on top of it.
  if (confirmation_) Mark(confirmation_->generation, "replaced before it was confirmed");
  confirmation_.reset();
  ++number_;
  history_.push_back({number_,
                      world.now,
                      ask.origin,
                      std::move(what),
                      ask.confirm_seconds ? "awaits confirmation" : "done",
                      generation.desired.policy_hash});
  if (history_.size() > kHistory) history_.erase(history_.begin());
  if (ask.confirm_seconds && in_force_) {
    confirmation_ = Confirmation{number_, before, world.now + *ask.confirm_seconds, ask.origin};
  }
  Verdict verdict;
  verdict.kind = Verdict::Kind::kTaken;
  in_force_ = Share(std::move(generation));
  verdict.generation = in_force_;
  return verdict;
}

Verdict Generations::Again(const World& world) {
  Verdict verdict;
  if (!in_force_) return verdict;
  Generation judged = JudgeInForce(in_force_->files, world);
  // What can not be judged any more on this host stays as it was.
  if (!judged.usable()) return verdict;
  const bool same = judged.desired == in_force_->desired;
  in_force_ = Share(std::move(judged));
  if (same) return verdict;
  verdict.kind = Verdict::Kind::kRefreshed;
  verdict.generation = in_force_;
  return verdict;
}

Verdict Generations::Undo(const KeptGeneration& to, const Origin& origin, const World& world) {
  KeptData data(to.data, world.data);
  Generation judged =
      Judge(Joined(Split(to.policies).lasting, by_hand_), world.facts, data, world.now, loader_);
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
  verdict = Take(std::move(judged), ask, fmt::format("undo to {}", to.generation), world);
  verdict.findings = findings;
  hold_ = Hold{origin, world.now, std::nullopt};
  disk_state_ = DiskState::kHeld;
  return verdict;
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
