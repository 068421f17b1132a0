// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/daemon/hand_files.h"
#include "app/daemon/kill_cgroup.h"
#include "app/show/exit_code.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "edge/io/clock.h"

// A clamp: the policy by hand first, as with every other verb; then, when its cgroup stands with its limits, the
// processes.
namespace reeve::daemon {
namespace {

// Why the limits of a cgroup are not in force; "" when nothing is left to do.
std::string WhyNot(const Plan& plan, const CgroupPath& path) {
  for (const Refusal& refusal : plan.refusals) {
    if (refusal.path == path) return fmt::format("{} {}", refusal.file, refusal.which_means);
  }
  return "";
}

std::string Names(const std::vector<CgroupPath>& paths) {
  std::string text;
  for (const CgroupPath& path : paths) {
    text += (text.empty() ? "/" : ", /") + EscapeForTerminal(path.text());
  }
  return text;
}

}  // namespace

http::Response Control::RefuseClamp(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kGone:
    case ErrorKind::kNotFound:
      return Refuse(404, error.ToString() + "; nothing was changed", show::kNotFound);
    case ErrorKind::kDenied:
      return Refuse(403, error.ToString() + "; nothing was changed", show::kRefused);
    default:
      return Refuse(500, error.ToString() + "; nobody was moved", show::kFailed);
  }
}

engine::ClampWish Control::WishFor(const http::Request& request, std::int64_t pid, bool tree) {
  engine::ClampWish wish;
  wish.name = policy::HandName(policy::HandVerb::kClamp, std::to_string(pid));
  wish.pid = pid;
  wish.tree = tree;
  wish.may_escape = request.peer.uid == 0;
  wish.self = ::getpid();
  return wish;
}

void Control::AwaitClamp(PendingClamp clamp) {
  clamp.since = io::BootTime();
  clamps_.push_back(std::move(clamp));
  AwaitRest();
}

void Control::TakeBack(const PendingClamp& clamp) {
  HandFiles files(governing_.taking_up.by_hand_directory());
  (void)files.Remove(clamp.document.file_name);
  governing_.taking_up.LookByHand({});
  governing_.wake();
}

void Control::BeginClamps() {
  for (auto clamp = clamps_.begin(); clamp != clamps_.end();) {
    if (!HasRested(clamp->since)) {
      ++clamp;
      continue;
    }
    PendingClamp ready = std::move(*clamp);
    clamp = clamps_.erase(clamp);
    BeginClamp(std::move(ready));
  }
}

void Control::BeginClamp(PendingClamp pending) {
  const CgroupPath path = CgroupPath().Child(pending.wish.name);
  std::string why = WhyNot(governing_.engine.plan(), path);
  if (why.empty() && !governing_.fs.Stat(path).has_value()) why = "it was not made";
  if (!why.empty()) {
    TakeBack(pending);
    pending.responder.Send(Refuse(
        409,
        fmt::format(
            "the cgroup {} is not as it must be: {}; nobody was moved", pending.wish.name, why),
        show::kFailed));
    return;
  }
  const auto begun = governing_.clamping.Begin(pending.wish);
  if (!begun.has_value()) {
    TakeBack(pending);
    pending.responder.Send(RefuseClamp(begun.error()));
    return;
  }
  const std::size_t inside = ProcessesIn(governing_.fs, path);
  Record(fmt::format("{} until {} by {}: {} ({})",
                     pending.document.name,
                     io::FormatUtc(pending.document.expires),
                     OriginOf(pending.request, "").who,
                     pending.asked.why,
                     show::Count(inside, "process", "processes")));
  AnswerClamp(pending, inside);
}

void Control::AnswerClamp(PendingClamp& pending, std::size_t inside) {
  const std::string& name = pending.document.name;
  const std::string until = show::Moment(pending.document.expires, io::EpochSeconds());
  std::string limits;
  bool memory = false;
  for (const auto& [key, value] : pending.asked.settings) {
    limits += fmt::format("{}{} {}", limits.empty() ? "" : ", ", key, value);
    memory = memory || key.starts_with("memory.");
  }
  const std::string program =
      pending.view.processes.empty()
          ? ""
          : fmt::format(" ({})", EscapeForTerminal(pending.view.processes.front().comm));
  std::string text = show::Hanging(
      fmt::format(
          "{}{} -> {}: ", show::Count(inside, "process", "processes"), program, pending.wish.name),
      EscapeForTerminal(limits));
  show::Json escapes = show::Json::array();
  for (const CgroupPath& from : pending.view.escapes)
    escapes.push_back(show::JsonString("/" + from.text()));
  if (!pending.view.escapes.empty()) {
    text += show::Hanging(
        "!escape ",
        fmt::format("They leave {} and go back there {}.", Names(pending.view.escapes), until));
  }
  if (memory) {
    text += show::Hanging(
        "!lost   ",
        "The memory they hold stays charged where they were; the limit here counts what comes from "
        "now on.");
  }
  const std::string path =
      HandFiles(governing_.taking_up.by_hand_directory()).PathOf(pending.document.file_name);
  text +=
      fmt::format("Ends {}.\nUndo now: `reevectl release {}`   Written: {}\n", until, name, path);
  pending.responder.Send(Answer(pending.request,
                                text,
                                {{"name", name},
                                 {"file", path},
                                 {"until", pending.document.expires},
                                 {"processes", inside},
                                 {"escapes", std::move(escapes)},
                                 {"generation", governing_.taking_up.generations().number()}},
                                show::kDone));
}

}  // namespace reeve::daemon
