// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/hand_files.h"
#include "app/daemon/log_findings.h"
#include "app/daemon/taking_up.h"
#include "core/base/text.h"
#include "core/policy/by_hand.h"
#include "core/policy/by_hand_clock.h"
#include "core/policy/load.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

// The part of taking up that keeps books: what was in force before, undo, holds, confirmations, and what the clock ends.
namespace reeve::daemon {
namespace {

using engine::Event;

// A policy that depends on the time is judged again this often, in seconds.
constexpr std::int64_t kClockStep = 60;

// One life of the managed root: another boot or a root made anew has another name.
std::string NameOfTree(kernel::CgroupFsKernel& fs) {
  const auto stat = fs.Stat(CgroupPath());
  return stat.has_value() ? fmt::format("{} {}", io::BootId(), stat->id) : "";
}

}  // namespace

void TakingUp::Start() {
  (void)ReadFacts().has_value();  // the first look asks again and says it
  store::Books books = LoadBooks();
  kept_books_ = books;
  standing_ = books.engine;
  tree_ = NameOfTree(fs_);
  if (standing_.tree != tree_) standing_.in_force.clear();
  const bool another_boot = !standing_.tree.starts_with(io::BootId() + " ");
  if (another_boot) standing_.units_in_force.clear();
  if (auto kept = LoadKept(books)) {
    if (!own_facts_known_) TakeFacts(kept->facts);
    files_->WasThere(kept->policies);
    Restore(*std::move(kept), std::move(books));
  } else {
    generations_.Remember(std::move(books.history), std::move(books.hold));
  }
  EndByClock();
  Look();
}

std::optional<KeptGeneration> TakingUp::LoadKept(const store::Books& books) {
  auto kept = store_.Load(books);
  if (!kept.has_value() && kept.error().kind != ErrorKind::kNotFound) {
    io::LogError("{}", EscapeForTerminal(kept.error().ToString()));
    SetAside(store::GenerationStore::kInForce);
    kept = store_.LoadNewest();
  }
  if (!kept.has_value()) return std::nullopt;
  return *std::move(kept);
}

void TakingUp::Restore(KeptGeneration kept, store::Books books) {
  const std::int64_t accepted_at = kept.accepted_at;
  const auto next_moment = books.next_moment;
  const engine::Verdict verdict = generations_.Restore(std::move(kept),
                                                       std::move(books.history),
                                                       std::move(books.hold),
                                                       std::move(books.confirmation),
                                                       MakeWorld());
  if (!verdict.generation) {
    LogFindings(verdict.findings);
    io::LogError("generation {} of {} can not be used on this host any more",
                 generations_.number(),
                 io::FormatUtc(accepted_at));
    return;
  }
  io::LogInfo("generation {} of {} is in force again: {} files, {} cgroups",
              generations_.number(),
              io::FormatUtc(accepted_at),
              verdict.generation->files.size(),
              verdict.generation->desired.cgroups.size());
  // Where the clock has moved on meanwhile, a value that is not as it should be is no drift.
  const bool as_it_was = verdict.generation->tree.judge_again_at == next_moment;
  remember_(standing_, as_it_was ? verdict.generation : nullptr);
  put_(verdict.generation);
}

// What can not be read (damaged, or written by a later reeve) is kept beside rather than written over.
store::Books TakingUp::LoadBooks() {
  auto books = store_.LoadBooks();
  if (books.has_value()) return *std::move(books);
  io::LogError("{}; history and holds begin anew", EscapeForTerminal(books.error().ToString()));
  SetAside(store::GenerationStore::kBooks);
  return {};
}

void TakingUp::SetAside(const std::string& name) {
  const auto kept_as = store_.SetAside(name);
  if (kept_as.has_value()) {
    io::LogWarning("{} is kept as {}", name, *kept_as);
  } else {
    io::LogError("{}", EscapeForTerminal(kept_as.error().ToString()));
  }
}

void TakingUp::Again() {
  const engine::Verdict verdict = generations_.Again(MakeWorld());
  if (verdict.generation) put_(verdict.generation);
}

Result<std::uint64_t> TakingUp::GenerationBefore() {
  for (std::uint64_t number = generations_.number(); number > 1;) {
    const auto kept = store_.Load(--number);
    if (kept.has_value() && generations_.SaysOtherwise(*kept)) return number;
  }
  return Error{ErrorKind::kNotFound, 0, "", "there is no earlier generation to go back to"};
}

Result<> TakingUp::Undo(std::uint64_t to, const Origin& origin) {
  REEVE_TRY(const KeptGeneration kept, store_.Load(to));
  const engine::Verdict verdict = generations_.Undo(kept, origin, MakeWorld());
  if (!verdict.generation) {
    LogFindings(verdict.findings);
    return Error{ErrorKind::kInvalid,
                 0,
                 fmt::format("generation {}", to),
                 "it can not be used on this host any more; the log says why"};
  }
  Say(Event::Kind::kGeneration,
      fmt::format("generation {}: undo to {} by {} ({}); held until `reevectl release`",
                  generations_.number(),
                  to,
                  EscapeForTerminal(origin.who),
                  EscapeForTerminal(origin.why)));
  Keep();
  put_(verdict.generation);
  return {};
}

void TakingUp::Hold(reeve::Hold hold) {
  Say(Event::Kind::kHold,
      fmt::format("generation {} is held by {}: {}",
                  generations_.number(),
                  EscapeForTerminal(hold.origin.who),
                  EscapeForTerminal(hold.origin.why)));
  generations_.SetHold(std::move(hold));
  KeepBooks();
}

bool TakingUp::Release() {
  if (!generations_.Release()) return false;
  Say(Event::Kind::kHold, "the hold is over");
  KeepBooks();
  Look();
  return true;
}

bool TakingUp::Confirm(const Origin& origin) {
  if (!generations_.Confirm(origin.who)) return false;
  Say(Event::Kind::kHold,
      fmt::format("generation {} is confirmed by {}",
                  generations_.number(),
                  EscapeForTerminal(origin.who)));
  KeepBooks();
  return true;
}

std::vector<policy::HandInForce> TakingUp::Hands() const {
  if (!generations_.has_generation()) return {};
  policy::Findings findings;  // none: these files are in force
  return policy::HandsIn(policy::LoadPolicy(ByHand(generations_.in_force().files), findings));
}

// What was done by hand and is over would only be read for ever.
void TakingUp::RemoveExpired() {
  HandFiles files(by_hand_);
  bool removed = false;
  for (const policy::HandInForce& hand : Hands()) {
    if (!hand.expires || *hand.expires > io::EpochSeconds()) continue;
    Say(Event::Kind::kByHand, fmt::format("{} is over", EscapeForTerminal(hand.name)));
    const auto gone = files.Remove(hand.file_name);
    if (!gone.has_value()) io::LogWarning("{}", EscapeForTerminal(gone.error().ToString()));
    removed = removed || gone.has_value();
  }
  if (removed) LookByHand({false, {}, {"reeve", "its time is over"}, "", std::nullopt});
}

void TakingUp::EndByClock() {
  RemoveExpired();
  const bool held = generations_.hold().has_value();
  const auto back_to = generations_.EndByClock(io::EpochSeconds());
  if (held && !generations_.hold()) {
    Say(Event::Kind::kHold, "the hold is over");
    KeepBooks();
    Look();
  }
  if (!back_to) return;
  io::LogWarning("generation {} was not confirmed in time", generations_.number());
  const auto undone = Undo(*back_to, {"reeve", "not confirmed in time"});
  if (undone.has_value()) return;
  io::LogError("{}; generation {} stays in force",
               EscapeForTerminal(undone.error().ToString()),
               generations_.number());
  // It would be asked again at once, and for ever.
  (void)generations_.Confirm("reeve, because there is nothing to go back to");
  KeepBooks();
}

void TakingUp::ClockWasSet(std::int64_t seconds) {
  io::LogWarning(
      "the wall clock was set {} s {}; what waits for a confirmation, is held or was done by hand "
      "ends in its own time",
      std::abs(seconds),
      seconds < 0 ? "back" : "forward");
  generations_.MoveEnds(seconds);
  KeepBooks();
  if (!generations_.has_generation()) return;
  policy::Findings findings;  // none: these files are in force
  HandFiles files(by_hand_);
  bool moved = false;
  for (policy::MovedHand& hand : policy::MoveHands(
           policy::LoadPolicy(ByHand(generations_.in_force().files), findings), seconds)) {
    policy::HandDocument document;
    document.file_name = hand.file_name;
    document.text = std::move(hand.text);
    const auto written = files.Write(document);
    if (!written.has_value()) io::LogWarning("{}", EscapeForTerminal(written.error().ToString()));
    moved = moved || written.has_value();
  }
  // A date is no limit: nobody is locked out by it who was not before.
  if (moved) {
    LookByHand({false, {"self_lockout"}, {"reeve", "the wall clock was set"}, "", std::nullopt});
  }
}

std::optional<std::int64_t> TakingUp::NextMoment() const {
  std::optional<std::int64_t> next = generations_.NextEnd();
  if (!generations_.has_generation()) return next;
  const engine::Generation& generation = generations_.in_force();
  if (const auto again = generation.tree.judge_again_at) {
    // A moment that is over and changed nothing (it could not be judged) must not come again at once.
    const std::int64_t now = io::EpochSeconds();
    const std::int64_t then = *again > now ? *again : now + kClockStep;
    next = std::min(next.value_or(then), then);
  }
  return next;
}

Result<engine::Generation> TakingUp::Earlier(std::uint64_t number) {
  if (generations_.has_generation() && number == generations_.number()) {
    return generations_.in_force();
  }
  REEVE_TRY(const KeptGeneration kept, store_.Load(number));
  const engine::World world = MakeWorld();
  return engine::Judge(kept.policies, world.facts, *data_, world.now);
}

void TakingUp::Keep() {
  KeptGeneration kept = generations_.Kept();
  kept.facts = fact_files_;
  kept_books_ = Books();
  const auto saved = store_.Save(kept, kept_books_);
  if (!saved.has_value()) {
    io::LogError("{}; after a restart the set before this one, its history or its hold may be back",
                 EscapeForTerminal(saved.error().ToString()));
  }
}

void TakingUp::KeepStanding(Standing standing) {
  standing.tree = tree_;
  standing_ = std::move(standing);
  if (Books() != kept_books_) KeepBooks();
}

store::Books TakingUp::Books() const {
  store::Books books{generations_.history(),
                     generations_.hold(),
                     generations_.confirmation(),
                     standing_,
                     std::nullopt};
  if (generations_.has_generation()) {
    books.next_moment = generations_.in_force().tree.judge_again_at;
  }
  return books;
}

void TakingUp::KeepBooks() {
  kept_books_ = Books();
  const auto saved = store_.SaveBooks(kept_books_);
  if (!saved.has_value()) {
    io::LogError("{}; history and holds would not survive a restart",
                 EscapeForTerminal(saved.error().ToString()));
  }
}

}  // namespace reeve::daemon
