// SPDX-License-Identifier: Apache-2.0
#include "core/engine/applier.h"

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"
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
    auto read_back = fs_.WriteFile(action_.path, set.file, set.text);
    if (!read_back.has_value()) return Failed(std::move(read_back).error());
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

}  // namespace

void Applier::Step() {
  const std::size_t index = report_.outcomes.size();
  const Action& action = plan_.actions[index];
  if (deferred_.contains(index)) {
    report_.outcomes.push_back({Outcome::Kind::kDeferred, std::nullopt, "", index});
    return;
  }
  for (const std::size_t need : action.needs) {
    const Outcome::Kind kind = report_.outcomes[need].kind;
    if (kind == Outcome::Kind::kDone || kind == Outcome::Kind::kAlreadySo) continue;
    const std::size_t blocker =
        kind == Outcome::Kind::kSkipped ? report_.outcomes[need].blocker : need;
    report_.outcomes.push_back({Outcome::Kind::kSkipped, std::nullopt, "", blocker});
    return;
  }
  report_.outcomes.push_back(Do(action));
}

Outcome Applier::Do(const Action& action) {
  // A cgroup of the same name with another id is another cgroup: what was planned does not hold for
  // it.
  if (action.id != 0 && action.path != checked_path_) {
    const auto stat = fs_.Stat(action.path);
    if (!stat.has_value() && !IsVanished(stat.error())) return Failed(stat.error());
    const bool gone = !stat.has_value();
    if (gone && std::holds_alternative<reeve::RemoveCgroup>(action.kind)) return AlreadySo();
    if (gone || stat->id != action.id) {
      return {Outcome::Kind::kStale,
              Error{ErrorKind::kConflict,
                    0,
                    action.path.text(),
                    gone ? "was removed since the plan was made"
                         : "is another cgroup than was planned for"},
              "",
              0};
    }
    checked_path_ = action.path;
  }
  return std::visit(Doer(fs_, action, page_size_), action.kind);
}

ApplyReport ApplyAll(port::CgroupFs& fs, const Plan& plan, std::uint64_t page_size) {
  Applier applier(fs, plan, page_size);
  while (!applier.done()) applier.Step();
  return applier.report();
}

}  // namespace reeve::engine
