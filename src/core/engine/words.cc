// SPDX-License-Identifier: Apache-2.0
#include "core/engine/words.h"

#include <variant>

#include <fmt/format.h>

#include "core/base/text.h"

namespace reeve::engine {
namespace {

std::string Name(const CgroupPath& path) {
  return path.is_root() ? "the managed root" : EscapeForTerminal(path.text());
}

std::string Place(const SourceMark& mark) {
  return mark.known() ? ", " + EscapeForTerminal(mark.FileLine()) : "";
}

struct Words {
  const Action& action;

  std::string operator()(const CreateCgroup&) const { return "create " + Name(action.path); }

  std::string operator()(const RemoveCgroup&) const { return "remove " + Name(action.path); }

  std::string operator()(const reeve::WriteMark&) const { return "mark " + Name(action.path); }

  std::string operator()(const EnableControllers& enable) const {
    return fmt::format("enable {} in {}", enable.controllers.ToString(), Name(action.path));
  }

  std::string operator()(const DisableControllers& disable) const {
    return fmt::format("disable {} in {}", disable.controllers.ToString(), Name(action.path));
  }

  std::string operator()(const SetFile& set) const {
    return fmt::format("set {} {}", Name(action.path), EscapeForTerminal(set.file));
  }

  std::string operator()(const MoveProcesses& move) const {
    return fmt::format("move the processes of {} to {}", Name(action.path), Name(move.target));
  }
};

}  // namespace

std::string DescribeAction(const Action& action) {
  return std::visit(Words{action}, action.kind);
}

std::string ActionKey(const Action& action) {
  const auto* set = std::get_if<SetFile>(&action.kind);
  return DescribeAction(action) + (set == nullptr ? "" : "=" + set->text);
}

std::string DescribeRepair(const Action& action) {
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (std::holds_alternative<CreateCgroup>(action.kind)) {
    return fmt::format("{} was removed by somebody else, made again{}",
                       Name(action.path),
                       Place(action.reason.mark));
  }
  if (set == nullptr) return DescribeAction(action);
  return fmt::format("{} {} back to {} (was {}){}",
                     Name(action.path),
                     EscapeForTerminal(set->file),
                     EscapeForTerminal(action.reason.wanted),
                     EscapeForTerminal(action.reason.now),
                     Place(action.reason.mark));
}

std::string DescribeFailure(const Action& action, const Outcome& outcome) {
  return fmt::format("{}: {}{}",
                     DescribeAction(action),
                     outcome.error ? EscapeForTerminal(outcome.error->ToString()) : "failed",
                     Place(action.reason.mark));
}

std::string DescribeHeld(const Held& held) {
  return fmt::format("{} {} stays {}, wanted {}: held back, {}{}",
                     Name(held.path),
                     held.file,
                     EscapeForTerminal(held.now),
                     held.wanted,
                     held.reason,
                     Place(held.mark));
}

std::string DescribeRefusal(const Refusal& refusal) {
  return fmt::format("{}{}{}: {}: {}; {}{}",
                     Name(refusal.path),
                     refusal.file.empty() ? "" : " ",
                     refusal.file,
                     refusal.errno_name,
                     refusal.which_means,
                     refusal.what_now,
                     Place(refusal.mark));
}

std::string DescribeReport(const Plan& plan, const ApplyReport& report) {
  const std::size_t failed = report.Count(Outcome::Kind::kFailed) +
                             report.Count(Outcome::Kind::kDiffers) +
                             report.Count(Outcome::Kind::kStale);
  std::string text = fmt::format("{} actions: {} done, {} already so, {} skipped, {} failed",
                                 plan.actions.size(),
                                 report.Count(Outcome::Kind::kDone),
                                 report.Count(Outcome::Kind::kAlreadySo),
                                 report.Count(Outcome::Kind::kSkipped),
                                 failed);
  if (!plan.held.empty()) text += fmt::format(", {} held back", plan.held.size());
  return text;
}

}  // namespace reeve::engine
