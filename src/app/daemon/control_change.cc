// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/daemon/held_back.h"
#include "app/daemon/whole.h"
#include "app/show/exit_code.h"
#include "app/show/render_apply.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/engine/joined.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/systemd/notify.h"

// Routes that change which generation is in force.
namespace reeve::daemon {
namespace {

using Kind = engine::Verdict::Kind;

// An apply that takes longer is answered with what is done so far: it goes on all the same. A cgroup for a clamp is made
// in milliseconds.
constexpr Usec kPatience{20'000'000};

constexpr std::int64_t kLongestConfirm = 86'400;

// What was done to the tree and to units, as if by one.
std::vector<show::AppliedRound> RoundsOf(engine::Engine& engine, Units& units) {
  static const std::vector<engine::Engine::Round> none;
  const auto& of_tree = engine.rounds();
  const auto& of_units = units.needed() ? units.engine().rounds() : none;
  std::vector<show::AppliedRound> rounds;
  for (std::size_t i = 0; i < std::max(of_tree.size(), of_units.size()); ++i) {
    engine::Engine::Round tree = i < of_tree.size() ? of_tree[i] : engine::Engine::Round();
    if (i < of_units.size()) {
      tree = {engine::Joined(tree.plan, of_units[i].plan),
              engine::Joined(tree.report, of_units[i].report)};
    }
    rounds.push_back({std::move(tree.plan), std::move(tree.report)});
  }
  return rounds;
}

}  // namespace

void Control::Apply(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  engine::Ask ask;
  ask.by_hand = true;
  ask.accept = body.Names("accept");
  ask.policy_hash = body.Text("policy_hash");
  ask.confirm_seconds = body.MaybeNumber("confirm_seconds");
  ask.origin = OriginOf(request, body.Text("why"));
  std::string wrong = body.wrong();
  if (wrong.empty() && ask.confirm_seconds &&
      (*ask.confirm_seconds < 1 || *ask.confirm_seconds > kLongestConfirm)) {
    wrong = "`confirm_seconds` must be 1 to 86400";
  }
  const auto& known = engine::GuardNames();
  for (const std::string& name : ask.accept) {
    if (wrong.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      wrong = fmt::format("there is no guard {}; there are {}", name, fmt::join(known, ", "));
    }
  }
  if (!wrong.empty()) {
    responder.Send(Refuse(400, wrong, show::kUsage));
    return;
  }

  TakingUp& taking_up = governing_.taking_up;
  const std::uint64_t previous = taking_up.generations().number();
  taking_up.FactsAreStale();
  taking_up.ProtectProcess(request.peer.pid);
  systemd::NotifyReloading();
  const engine::Verdict verdict = taking_up.Look(ask);
  taking_up.ForgetProtected();
  systemd::NotifyReady("applied");
  const std::string& host = taking_up.facts().host;
  switch (verdict.kind) {
    case Kind::kTaken:
    case Kind::kRefreshed:
    case Kind::kSame:
      waiting_.push_back({request, std::move(responder), previous, io::BootTime()});
      AwaitRest();
      return;
    case Kind::kBroken: {
      const auto& findings = verdict.findings.all();
      std::string text = findings.empty() ? taking_up.trouble().text + "\n"
                                          : show::RenderFindings(findings, PaintFor(request)) +
                                                "\n" + show::CountFindings(findings) + ".\n";
      text += fmt::format("Nothing was changed; generation {} stays in force.\n", previous);
      show::Json json = show::NotAppliedJson(host, "load-failed", taking_up.trouble().text);
      json["findings"] = show::FindingsJson(findings);
      responder.Send(Answer(request, text, json, show::kFailed));
      return;
    }
    case Kind::kGuarded: {
      show::Json json = show::NotAppliedJson(host, "held-back", HeldBackText(verdict.guards));
      json["held_back"] = GuardsJson(verdict.guards);
      responder.Send(Answer(request,
                            HeldBackText(verdict.guards) + AcceptHint(verdict.guards),
                            json,
                            show::kRefused));
      return;
    }
    case Kind::kHeld: {
      const Hold& hold = *taking_up.generations().hold();
      const std::string text =
          fmt::format("HELD at generation {} by {}{}; `reevectl release` ends it",
                      previous,
                      EscapeForTerminal(hold.origin.who),
                      hold.origin.why.empty() ? "" : ": " + EscapeForTerminal(hold.origin.why));
      responder.Send(Answer(
          request, text + "\n", show::NotAppliedJson(host, "refused", text), show::kRefused));
      return;
    }
    case Kind::kAnother: {
      const std::string text =
          "the files on disk are not those that were planned; plan again and look at what is new";
      responder.Send(Answer(
          request, text + "\n", show::NotAppliedJson(host, "refused", text), show::kRefused, 409));
      return;
    }
    case Kind::kWaiting:
      break;
  }
  responder.Send(Refuse(500, "an apply does not wait", show::kFailed));
}

void Control::AwaitRest() {
  (void)patience_.FireAt(io::BootTime() + kPatience);
  governing_.wake();
}

bool Control::HasRested(engine::Instant since) const {
  const bool resting = governing_.engine.resting() && governing_.units.resting();
  return resting || io::BootTime() - since >= kPatience;
}

void Control::OnRested() {
  FinishPlans();
  BeginClamps();
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    if (!HasRested(waiting->since)) {
      ++waiting;
      continue;
    }
    waiting->responder.Send(ApplyAnswer(*waiting));
    waiting = waiting_.erase(waiting);
  }
}

http::Response Control::ApplyAnswer(const Waiting& waiting) {
  const engine::Generations& generations = governing_.taking_up.generations();
  const std::uint64_t number = generations.number();
  const bool changed = number != waiting.previous;
  show::ApplyPaper paper;
  paper.host = governing_.taking_up.facts().host;
  paper.root = governing_.fs.root();
  if (generations.has_generation()) {
    paper.policy_hash = generations.in_force().desired.policy_hash;
  }
  // What was done for an older generation is not this apply's.
  if (changed) paper.rounds = RoundsOf(governing_.engine, governing_.units);
  paper.left = *WholePlan(governing_.engine, governing_.units);
  if (paper.rounds.empty()) paper.rounds.emplace_back();
  paper.seconds = std::chrono::duration<double>(io::BootTime() - waiting.since).count();
  const int code = show::ExitCodeOf(show::ResultOf(paper));
  std::string text = show::RenderApply(paper, PaintFor(waiting.request));
  text += changed ? fmt::format("Generation {} -> {}.\n", waiting.previous, number)
                  : fmt::format("Generation {} stays: the files say the same.\n", number);
  if (!governing_.engine.resting() || !governing_.units.resting())
    text += "Not all is done yet; `reevectl status` shows the rest.\n";
  const show::Governed governed = Governed();
  text += show::RenderGoverned(governed, PaintFor(waiting.request));
  show::Json json = show::ApplyJson(paper);
  json["generation"] = number;
  json["previous"] = waiting.previous;
  json["confirm_before"] =
      governed.confirmation ? show::Json(governed.confirmation->before) : show::Json();
  return Answer(waiting.request, text, json, code);
}

void Control::Undo(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const engine::Generations& generations = governing_.taking_up.generations();
  const std::uint64_t previous = generations.number();
  const auto wanted = body.MaybeNumber("to");
  const std::string why = body.Text("why");
  if (!body.wrong().empty()) {
    responder.Send(Refuse(400, body.wrong(), show::kUsage));
    return;
  }
  const auto before = governing_.taking_up.GenerationBefore();
  if (wanted ? *wanted < 1 : !before.has_value()) {
    responder.Send(Refuse(409, "there is no earlier generation to go back to", show::kNotFound));
    return;
  }
  const std::int64_t to = wanted ? *wanted : static_cast<std::int64_t>(*before);
  const auto undone =
      governing_.taking_up.Undo(static_cast<std::uint64_t>(to), OriginOf(request, why));
  if (!undone.has_value()) {
    const bool missing = undone.error().kind == ErrorKind::kNotFound;
    responder.Send(Refuse(missing ? 404 : 409,
                          missing ? fmt::format("generation {} is not kept (any more); `reevectl "
                                                "history` lists them",
                                                to)
                                  : undone.error().ToString(),
                          missing ? show::kNotFound : show::kFailed));
    return;
  }
  waiting_.push_back({request, std::move(responder), previous, io::BootTime()});
  AwaitRest();
}

void Control::Confirm(const http::Request& request, http::Responder responder) {
  const std::uint64_t number = governing_.taking_up.generations().number();
  if (!governing_.taking_up.Confirm(OriginOf(request, ""))) {
    const std::string text = "nothing waits for a confirmation\n";
    responder.Send(Answer(request, text, {{"confirmed", nullptr}}, show::kNotFound));
    return;
  }
  responder.Send(Answer(request,
                        fmt::format("generation {} is confirmed\n", number),
                        {{"confirmed", number}},
                        show::kDone));
}

void Control::SetHold(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const auto seconds = body.MaybeNumber("for_seconds");
  const std::string why = body.Text("why");
  std::string wrong = body.wrong();
  if (wrong.empty() && why.empty())
    wrong = "`why` is needed: whoever meets this hold wants to know";
  if (wrong.empty() && !seconds) wrong = "`for_seconds` is needed: a hold has an end";
  if (wrong.empty() && (*seconds < 1 || *seconds > 366LL * 86'400)) {
    wrong = "`for_seconds` must be 1 second to 366 days";
  }
  if (!wrong.empty()) {
    responder.Send(Refuse(400, wrong, show::kUsage));
    return;
  }
  if (!governing_.taking_up.generations().has_generation()) {
    responder.Send(Refuse(409, "nothing is in force that could be held", show::kNotFound));
    return;
  }
  const std::int64_t now = io::EpochSeconds();
  governing_.taking_up.Hold({OriginOf(request, why), now, now + *seconds});
  governing_.wake();
  const show::Governed governed = Governed();
  show::Json json = show::Json::object();
  show::AddGoverned(governed, json);
  responder.Send(
      Answer(request, show::RenderGoverned(governed, PaintFor(request)), json, show::kDone));
}

void Control::Release(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const std::string name = body.Text("name");
  if (!body.wrong().empty()) {
    responder.Send(Refuse(400, body.wrong(), show::kUsage));
    return;
  }
  if (!name.empty() && name != "hold") {
    ReleaseByHand(request, std::move(responder), name);
    return;
  }
  if (!governing_.taking_up.Release()) {
    responder.Send(Answer(request, "nothing is held\n", {{"released", nullptr}}, show::kNotFound));
    return;
  }
  governing_.wake();
  const TakingUp::Trouble trouble = governing_.taking_up.trouble();
  std::string text = fmt::format("released; generation {} is in force\n",
                                 governing_.taking_up.generations().number());
  if (!trouble.word.empty()) {
    text += show::Hanging(trouble.word + ": ", EscapeForTerminal(trouble.text));
  }
  responder.Send(Answer(request, text, {{"released", "hold"}}, show::kDone));
}

}  // namespace reeve::daemon
