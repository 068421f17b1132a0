// SPDX-License-Identifier: Apache-2.0
#include "core/engine/applier.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/engine/slow_files.h"
#include "core/format/knob_text.h"
#include "core/format/owner_mark.h"

namespace reeve::engine {
namespace {

Outcome Done() {
  return {};
}

Outcome AlreadySo() {
  return {Outcome::Kind::kAlreadySo, std::nullopt, "", 0};
}

Outcome Failed(Error error) {
  return {Outcome::Kind::kFailed, std::move(error), "", 0};
}

bool IsVanished(const Error& error) {
  return error.kind == ErrorKind::kGone || error.kind == ErrorKind::kNotFound;
}

// Processes fork while they are moved, so a pass that found nobody new ends it. A process that dies
// in between is no failure; one that can not be moved is.
constexpr int kMovePasses = 100;

class Doer {
 public:
  Doer(port::CgroupFs& fs, const Action& action, std::uint64_t page_size)
      : fs_(fs), action_(action), page_size_(page_size) {}

  Outcome operator()(const CreateCgroup&) {
    const auto made = fs_.Create(action_.path);
    if (made.has_value()) return Done();
    // One that appeared since we looked is somebody else's, with processes perhaps: what was planned
    // for an empty one of ours, its mark before all, must not be done to it.
    if (made.error().errno_value == EEXIST && fs_.Stat(action_.path).has_value()) {
      return {Outcome::Kind::kStale,
              Error{ErrorKind::kConflict,
                    EEXIST,
                    action_.path.text(),
                    "was made by somebody else since the plan was made"},
              "",
              0};
    }
    return Failed(made.error());
  }

  Outcome operator()(const RemoveCgroup&) {
    const auto removed = fs_.Remove(action_.path);
    if (removed.has_value()) return Done();
    return IsVanished(removed.error()) ? AlreadySo() : Failed(removed.error());
  }

  Outcome operator()(const reeve::WriteMark& write) {
    auto text = format::FormatOwnerMark(write.mark);
    if (!text.has_value()) return Failed(text.error());
    return FromResult(fs_.WriteMark(action_.path, *text));
  }

  Outcome operator()(const EnableControllers& enable) {
    return SubtreeControl(enable.controllers, "+");
  }

  Outcome operator()(const DisableControllers& disable) {
    return SubtreeControl(disable.controllers, "-");
  }

  Outcome operator()(const SetFile& set) {
    return Judge(set, fs_.WriteFile(action_.path, set.file, set.text));
  }

  // What became of a write.
  Outcome Judge(const SetFile& set, Result<std::string> read_back) const {
    if (!read_back.has_value()) {
      Outcome outcome = Failed(std::move(read_back).error());
      if (WasTakenAway(*outcome.error)) outcome.kind = Outcome::Kind::kStale;
      return outcome;
    }
    if (!set.last_line) return Done();
    const std::string_view now = Trim(*read_back);
    if (Holds(set, now)) return Done();
    Outcome outcome;
    outcome.kind = Outcome::Kind::kDiffers;
    outcome.read_back = std::string(now);
    outcome.error = Error{ErrorKind::kConflict,
                          0,
                          action_.path.text() + "/" + set.file,
                          fmt::format("\"{}\" was accepted but the file reads \"{}\"",
                                      EscapeForTerminal(set.text),
                                      EscapeForTerminal(now))};
    return outcome;
  }

  // The file was there when we looked: somebody has removed its cgroup since, or taken its controller.
  bool WasTakenAway(const Error& error) const {
    return action_.id != 0 && (IsVanished(error) || error.errno_value == ENOENT);
  }

  Outcome operator()(const MoveProcesses& move) {
    bool moved = false;
    std::optional<Error> last;
    for (int pass = 0; pass < kMovePasses; ++pass) {
      auto pids = fs_.ReadProcesses(action_.path);
      if (!pids.has_value()) {
        // "Nobody lives here" is what others build on, so it must be true.
        return IsVanished(pids.error()) && IsGone() ? AlreadySo() : Failed(pids.error());
      }
      if (pids->empty()) return moved ? Done() : AlreadySo();
      bool progress = false;
      for (const std::int64_t pid : *pids) {
        const auto added = fs_.AddProcess(move.target, pid);
        if (added.has_value() || added.error().errno_value == ESRCH) {
          progress = true;
        } else {
          last = added.error();
        }
      }
      moved = moved || progress;
      if (!progress && last) return Failed(*last);
    }
    return Failed(last.value_or(Error{ErrorKind::kBusy,
                                      0,
                                      action_.path.text(),
                                      "processes are born as fast as they are moved away"}));
  }

 private:
  bool IsGone() {
    const auto stat = fs_.Stat(action_.path);
    return !stat.has_value() && IsVanished(stat.error());
  }

  static Outcome FromResult(const Result<>& result) {
    return result.has_value() ? Done() : Failed(result.error());
  }

  Outcome SubtreeControl(ControllerSet controllers, std::string_view sign) {
    const auto written =
        fs_.WriteFile(action_.path, "cgroup.subtree_control", controllers.ToString(sign));
    if (!written.has_value()) return Failed(written.error());
    const ControllerSet now = ControllerSet::Parse(*written);
    const bool so = sign == "+" ? (controllers - now).empty() : (controllers & now).empty();
    if (so) return Done();
    Outcome outcome;
    outcome.kind = Outcome::Kind::kDiffers;
    outcome.read_back = now.ToString();
    outcome.error = Error{ErrorKind::kConflict,
                          0,
                          action_.path.text() + "/cgroup.subtree_control",
                          fmt::format("\"{}\" was accepted but the file reads \"{}\"",
                                      controllers.ToString(sign),
                                      now.ToString())};
    return outcome;
  }

  bool Holds(const SetFile& set, std::string_view now) const {
    if (set.knob == nullptr) return now == Trim(std::get<std::string>(set.wanted));
    const auto value = format::ParseKnob(*set.knob, now);
    return value.has_value() && format::SameValue(*set.knob, set.wanted, *value, page_size_);
  }

  port::CgroupFs& fs_;
  const Action& action_;
  std::uint64_t page_size_;
};

// Reclaim may go on for as long as those inside make new use of what is freed. After so long the
// kernel is asked to leave it at that, and a little later the others wait no more.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kGrace{5};

// Whether one lies above the other, or is it.
bool OnOneBranch(const CgroupPath& a, const CgroupPath& b) {
  return a.Contains(b) || b.Contains(a);
}

bool OnBranchOfAny(const CgroupPath& path, const std::set<std::string>& paths) {
  if (paths.empty()) return false;
  if (path.is_root()) return true;
  for (CgroupPath above = path;; above = above.Parent()) {
    if (paths.contains(above.text())) return true;
    if (above.is_root()) break;
  }
  const std::string below = path.text() + "/";
  const auto next = paths.lower_bound(below);
  return next != paths.end() && next->starts_with(below);
}

}  // namespace

Applier::Applier(port::CgroupFs& fs,
                 const Plan& plan,
                 std::uint64_t page_size,
                 std::set<std::size_t> deferred,
                 port::SlowWriter* slow,
                 Slow which)
    : fs_(fs),
      plan_(plan),
      page_size_(page_size),
      deferred_(std::move(deferred)),
      slow_(slow),
      which_(which),
      settled_(plan.actions.size()) {
  report_.outcomes.resize(plan.actions.size());
}

bool Applier::Step(Instant now) {
  if (running_ && CollectWrite()) return true;
  if (slow_ == nullptr || slow_->in_flight() == nullptr) Unpark();
  while (const auto index = Take()) {
    if (MustWait(plan_.actions[*index])) {
      Park(*index);
      continue;
    }
    if (!DoAction(*index, now)) continue;
    MarkMade(*index, now);
    return true;
  }
  return LosePatience(now);
}

// A cgroup and its mark are one step: whoever stops stepping must not leave one that nobody may remove.
void Applier::MarkMade(std::size_t made, Instant now) {
  if (!std::holds_alternative<CreateCgroup>(plan_.actions[made].kind) || !again_.empty()) return;
  if (next_ >= plan_.actions.size()) return;
  const Action& next = plan_.actions[next_];
  if (!std::holds_alternative<reeve::WriteMark>(next.kind) || MustWait(next)) return;
  if (next.path == plan_.actions[made].path) (void)DoAction(next_++, now);
}

std::optional<std::size_t> Applier::Take() {
  if (!again_.empty()) {
    const std::size_t index = again_.front();
    again_.pop_front();
    return index;
  }
  if (next_ < plan_.actions.size()) return next_++;
  return std::nullopt;
}

bool Applier::MustWait(const Action& action) const {
  const port::SlowWriter::Write* write = slow_ == nullptr ? nullptr : slow_->in_flight();
  if (write == nullptr) return false;
  for (const std::size_t need : action.needs) {
    if (!settled_[need]) return true;
  }
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (set != nullptr && (which_ == Slow::kAll || MayBlock(set->file))) return true;
  // Also because the kernel lets nobody remove a cgroup, or take a controller from it, while a
  // write to one of its files runs: whoever tried would wait with the lock of all cgroups in hand
  // (fs/kernfs/dir.c: kernfs_drain).
  // What only adds takes nothing from under it, and may go on above and below.
  const bool adds = std::holds_alternative<CreateCgroup>(action.kind) ||
                    std::holds_alternative<EnableControllers>(action.kind) ||
                    std::holds_alternative<reeve::WriteMark>(action.kind);
  const auto concerned = [&](const CgroupPath& path) {
    return (!adds && OnOneBranch(path, write->path)) || OnBranchOfAny(path, parked_paths_);
  };
  const auto* move = std::get_if<MoveProcesses>(&action.kind);
  return concerned(action.path) || (move != nullptr && concerned(move->target));
}

void Applier::Park(std::size_t index) {
  const Action& action = plan_.actions[index];
  parked_.push_back(index);
  parked_paths_.insert(action.path.text());
  const auto* move = std::get_if<MoveProcesses>(&action.kind);
  if (move != nullptr) parked_paths_.insert(move->target.text());
}

void Applier::Unpark() {
  patience_ends_.reset();
  again_.insert(again_.begin(), parked_.begin(), parked_.end());
  parked_.clear();
  parked_paths_.clear();
}

void Applier::Settle(std::size_t index, Outcome outcome) {
  report_.outcomes[index] = std::move(outcome);
  settled_[index] = true;
  ++settled_count_;
}

// Why an action is not even tried; nullopt when it is.
std::optional<Outcome> Applier::WhyNot(std::size_t index) {
  if (deferred_.contains(index)) {
    return Outcome{Outcome::Kind::kDeferred, std::nullopt, "", index};
  }
  const Action& action = plan_.actions[index];
  for (const std::size_t need : action.needs) {
    const Outcome::Kind kind = report_.outcomes[need].kind;
    if (kind == Outcome::Kind::kDone || kind == Outcome::Kind::kAlreadySo) continue;
    const std::size_t blocker =
        kind == Outcome::Kind::kSkipped ? report_.outcomes[need].blocker : need;
    return Outcome{Outcome::Kind::kSkipped, std::nullopt, "", blocker};
  }
  // A cgroup of the same name with another id is another cgroup: what was planned does not hold for
  // it.
  if (action.id == 0 || action.path == checked_path_) return std::nullopt;
  const auto stat = fs_.Stat(action.path);
  if (!stat.has_value() && !IsVanished(stat.error())) return Failed(stat.error());
  const bool gone = !stat.has_value();
  if (gone && std::holds_alternative<reeve::RemoveCgroup>(action.kind)) return AlreadySo();
  if (gone || stat->id != action.id) {
    return Outcome{Outcome::Kind::kStale,
                   Error{ErrorKind::kConflict,
                         0,
                         action.path.text(),
                         gone ? "was removed since the plan was made"
                              : "is another cgroup than was planned for"},
                   "",
                   0};
  }
  checked_path_ = action.path;
  return std::nullopt;
}

bool Applier::IsSlow(const SetFile& set, CgroupId id) const {
  // What was just made is empty: nothing in it can keep the kernel busy.
  return which_ == Slow::kAll || (id != 0 && MayBlock(set.file));
}

// False: a write was begun that runs on.
bool Applier::DoAction(std::size_t index, Instant now) {
  if (auto outcome = WhyNot(index)) {
    Settle(index, *std::move(outcome));
    return true;
  }
  const Action& action = plan_.actions[index];
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (slow_ == nullptr || set == nullptr || !IsSlow(*set, action.id)) {
    Settle(index, std::visit(Doer(fs_, action, page_size_), action.kind));
    return true;
  }
  slow_->Start({action.path, set->file, set->text});
  running_ = index;
  interrupted_ = false;
  patience_ends_ = now + kPatience;
  return CollectWrite();
}

bool Applier::CollectWrite() {
  auto result = slow_->Poll();
  if (!result) return false;
  const Action& action = plan_.actions[*running_];
  Settle(*running_,
         Doer(fs_, action, page_size_).Judge(std::get<SetFile>(action.kind), *std::move(result)));
  running_.reset();
  patience_ends_.reset();
  return true;
}

// Everything that is left waits for the write in flight. True: something was settled.
bool Applier::LosePatience(Instant now) {
  // Somebody else's write (a slice of a shrink): theirs to break off, ours only to wait for.
  if (!patience_ends_) patience_ends_ = now + kPatience + kGrace;
  if (now < *patience_ends_) return false;
  if (running_ && !interrupted_) {
    interrupted_ = true;
    slow_->Interrupt();
    patience_ends_ = now + kGrace;
    return false;
  }
  const std::size_t blocker = running_.value_or(0);
  if (running_) {
    const auto& set = std::get<SetFile>(plan_.actions[*running_].kind);
    Settle(*running_,
           Failed(Error{ErrorKind::kBusy,
                        0,
                        plan_.actions[*running_].path.text() + "/" + set.file,
                        fmt::format("{} has not come back from writing \"{}\" for {} s; "
                                    "the others go on without",
                                    which_ == Slow::kAll ? "systemd" : "the kernel",
                                    EscapeForTerminal(set.text),
                                    (kPatience + kGrace).count())}));
  }
  for (const std::size_t index : parked_) {
    const Outcome::Kind kind = running_ ? Outcome::Kind::kSkipped : Outcome::Kind::kDeferred;
    Settle(index, {kind, std::nullopt, "", running_ ? blocker : index});
  }
  parked_.clear();
  parked_paths_.clear();
  running_.reset();
  patience_ends_.reset();
  return true;
}

ApplyReport ApplyAll(port::CgroupFs& fs, const Plan& plan, std::uint64_t page_size) {
  Applier applier(fs, plan, page_size);
  while (!applier.done()) applier.Step();
  return applier.report();
}

}  // namespace reeve::engine
