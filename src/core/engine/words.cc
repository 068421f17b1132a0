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

std::string DescribeWriter(const Writer* writer) {
  if (writer == nullptr) return "";
  if (writer->pid == 0) return "a process of another pid namespace";
  if (writer->gone) {
    return EscapeForTerminal(fmt::format("pid {}, gone since{}",
                                         writer->pid,
                                         !writer->uid ? ""
                                         : writer->user.empty()
                                             ? fmt::format(" (uid {})", *writer->uid)
                                             : " (" + writer->user + ")"));
  }
  std::string program = writer->program;
  // What runs a script is the other half of its name.
  const std::string_view file =
      std::string_view(writer->exe).substr(writer->exe.find_last_of('/') + 1);
  if (!file.empty() && !file.starts_with(program)) program += fmt::format(" [{}]", file);
  const auto name = [](const std::string& known, std::uint32_t id) {
    return known.empty() ? fmt::format("uid {}", id) : known;
  };
  std::string people;
  if (writer->uid) people = name(writer->user, *writer->uid);
  if (writer->login && writer->login != writer->uid) {
    people += (people.empty() ? "login " : ", login ") + name(writer->login_name, *writer->login);
  }
  return EscapeForTerminal(
      fmt::format("pid {} {}{}", writer->pid, program, people.empty() ? "" : " (" + people + ")"));
}

std::string DescribeRepair(const Action& action) {
  const Reason& reason = action.reason;
  const std::string who = DescribeWriter(reason.by.get());
  const std::string by = who.empty() ? "" : " by " + who;
  const std::string place = Place(reason.mark);
  if (std::holds_alternative<CreateCgroup>(action.kind)) {
    return fmt::format("{} was removed{}, made again{}",
                       Name(action.path),
                       by.empty() ? " by somebody else" : by,
                       place);
  }
  if (const auto* enable = std::get_if<EnableControllers>(&action.kind)) {
    return fmt::format("{} handed {} down no more{}, it does again{}",
                       Name(action.path),
                       enable->controllers.ToString(),
                       by,
                       place);
  }
  const auto* set = std::get_if<SetFile>(&action.kind);
  if (set == nullptr) return DescribeAction(action);
  return fmt::format("{} {} back to {} (was {}{}){}",
                     Name(action.path),
                     EscapeForTerminal(set->file),
                     EscapeForTerminal(reason.wanted),
                     reason.now == "-" ? "lost" : EscapeForTerminal(reason.now),
                     by.empty() ? "" : "," + by,
                     place);
}

std::string DescribeDrifted(const Drifted& drifted, bool adopted) {
  const std::string who = DescribeWriter(drifted.by.get());
  const std::string tail = fmt::format(": {} (on_drift: {}){}{}",
                                       adopted ? "adopted" : "left so",
                                       drifted.on_drift == OnDrift::kAdopt ? "adopt" : "report",
                                       who.empty() ? "" : ", by " + who,
                                       Place(drifted.mark));
  if (drifted.file.empty()) return Name(drifted.path) + " was removed" + tail;
  return fmt::format("{} {} is {}, wanted {}{}",
                     Name(drifted.path),
                     EscapeForTerminal(drifted.file),
                     EscapeForTerminal(drifted.now),
                     EscapeForTerminal(drifted.wanted),
                     tail);
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
  return fmt::format("{}{}{}: {}{}{}; {}{}",
                     Name(refusal.path),
                     refusal.file.empty() ? "" : " ",
                     refusal.file,
                     refusal.errno_name,
                     refusal.errno_name.empty() ? "" : ": ",
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
