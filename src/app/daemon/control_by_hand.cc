// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/daemon/hand_files.h"
#include "app/daemon/held_back.h"
#include "app/daemon/kill_cgroup.h"
#include "app/show/exit_code.h"
#include "app/show/render_diagnostic.h"
#include "app/show/screen.h"
#include "core/base/text.h"
#include "core/policy/by_hand.h"
#include "core/policy/load.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

// Routes for what people do by hand, with an end and a reason.
namespace reeve::daemon {
namespace {

using policy::HandVerb;

policy::HandRequest RequestOf(Body& body, HandVerb verb, std::string owner) {
  policy::HandRequest request;
  request.verb = verb;
  request.cgroup = body.Text("cgroup");
  request.all = body.Flag("all");
  request.settings = body.Pairs("settings");
  request.pid = body.Number("pid");
  request.for_seconds = body.Number("for_seconds");
  request.long_time = body.Flag("long");
  request.why = body.Text("why");
  request.owner = std::move(owner);
  return request;
}

show::Json HandJson(const policy::HandInForce& hand) {
  show::Json cgroups = show::Json::array();
  for (const CgroupPath& path : hand.cgroups) cgroups.push_back(show::JsonString(path.text()));
  return {{"name", hand.name},
          {"verb", policy::HandVerbName(hand.verb)},
          {"cgroups", std::move(cgroups)},
          {"until", hand.expires ? show::Json(*hand.expires) : show::Json()},
          {"by", show::JsonString(hand.owner)},
          {"why", show::JsonString(hand.why)}};
}

std::string SayDone(const policy::HandDocument& document,
                    HandVerb verb,
                    const policy::HandRequest& asked,
                    const std::string& path) {
  const std::string until = show::Moment(document.expires, io::EpochSeconds());
  const std::string what =
      verb == HandVerb::kLift ? fmt::format("LIFTED {}, {} to their loosest; accounting goes on.",
                                            show::Count(document.cgroups, "cgroup"),
                                            show::Count(document.values, "value"))
      : verb == HandVerb::kPause
          ? fmt::format("PAUSED {}: what others write there is reported, not put back.",
                        show::Count(document.cgroups, "cgroup"))
      : verb == HandVerb::kFreeze
          ? fmt::format("FROZEN: {} and all below.", EscapeForTerminal(asked.cgroup))
          : fmt::format("SET {} in {}.",
                        show::Count(document.values, "value"),
                        EscapeForTerminal(asked.cgroup));
  return fmt::format("{} Ends {}.\nUndo now: `reevectl release {}`   Written: {}\n",
                     what,
                     until,
                     document.name,
                     path);
}

// One line on a set that can not be used.
std::string WhyBroken(const engine::Verdict& verdict) {
  if (!verdict.refused_names.empty()) {
    return verdict.refused_names.front().name + ": " + verdict.refused_names.front().reason;
  }
  if (verdict.findings.all().empty()) return "no reason is known";
  const policy::Diagnostic& first = verdict.findings.all().front();
  return first.mark.FileLine() + ": " + first.message;
}

}  // namespace

// The audit record: what somebody did stands in the journal and in the event log.
void Control::Record(const std::string& text) {
  io::LogWarning("by hand: {}", EscapeForTerminal(text));
  engine::Event event;
  event.at = io::BootTime();
  event.kind = engine::Event::Kind::kByHand;
  event.text = text;
  governing_.engine.events().Add(std::move(event));
  OnEvents();
}

// Those whose time is not over.
std::vector<policy::HandInForce> Control::Hands() const {
  std::vector<policy::HandInForce> hands = governing_.taking_up.Hands();
  const std::int64_t now = io::EpochSeconds();
  std::erase_if(hands, [&](const auto& hand) { return hand.expires && *hand.expires <= now; });
  return hands;
}

void Control::ListByHand(const http::Request& request, http::Responder responder) {
  std::string text;
  show::Json all = show::Json::array();
  for (const policy::HandInForce& hand : Hands()) {
    text += DescribeHand(hand) + "\n";
    all.push_back(HandJson(hand));
  }
  if (text.empty()) text = "nothing is done by hand\n";
  responder.Send(Answer(request, text, {{"overrides", std::move(all)}}, show::kDone));
}

std::string Control::DescribeHand(const policy::HandInForce& hand) {
  return fmt::format("{} until {} by {}: {}",
                     EscapeForTerminal(hand.name),
                     hand.expires ? show::Moment(*hand.expires, io::EpochSeconds()) : "released",
                     EscapeForTerminal(hand.owner),
                     EscapeForTerminal(hand.why));
}

void Control::PutByHand(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const std::string verb_name = body.Text("verb");
  const auto verb = policy::HandVerbByName(verb_name);
  const policy::HandRequest asked =
      RequestOf(body, verb.value_or(HandVerb::kSet), OriginOf(request, "").who);
  const bool tree = body.Flag("tree");
  if (!body.wrong().empty() || !verb) {
    responder.Send(Refuse(
        400,
        !body.wrong().empty() ? body.wrong() : "`verb` must be set, pause, lift, freeze or clamp",
        show::kUsage));
    return;
  }
  TakingUp& taking_up = governing_.taking_up;
  if (!taking_up.generations().has_generation()) {
    responder.Send(Refuse(
        409, "no policies are in force, so there is no cgroup to do it to", show::kNotFound));
    return;
  }
  const engine::ClampWish wish = WishFor(request, asked.pid, tree);
  engine::ClampView clamped;
  if (*verb == HandVerb::kClamp && asked.pid > 0) {
    auto view = governing_.clamping.Look(wish);
    if (!view.has_value()) {
      responder.Send(RefuseClamp(view.error()));
      return;
    }
    clamped = *std::move(view);
  }
  const engine::Generation& in_force = taking_up.generations().in_force();
  policy::Findings findings;
  const Policy policy = policy::LoadPolicy(in_force.files, findings);
  policy::Findings wrong;
  const auto document = policy::WriteByHand(
      asked, policy, in_force.desired, taking_up.facts(), io::EpochSeconds(), wrong);
  const auto refuse = [&](const policy::Findings& found) {
    const std::string text = show::RenderFindings(found.all(), PaintFor(request)) +
                             show::CountFindings(found.all()) + "; nothing was changed.\n";
    responder.Send(Answer(request,
                          text,
                          {{"result", "refused"}, {"findings", show::FindingsJson(found.all())}},
                          show::kFailed,
                          422));
  };
  if (!document) {
    refuse(wrong);
    return;
  }
  // What only the whole set can tell is judged before anything is written.
  const engine::Generation tried =
      taking_up.Try(policy::FilesWith(in_force.files, *document, kByHandLayer));
  if (!tried.usable()) {
    refuse(tried.findings);
    return;
  }
  engine::Ask ask;
  ask.origin = OriginOf(request, asked.why);
  ask.accept = body.Names("accept");
  const auto lockout = [&]() -> std::optional<std::string> {
    for (const engine::GuardHit& hit : taking_up.AskGuards(tried, {})) {
      if (hit.name == "self_lockout" && !ask.accept.contains(hit.name)) return hit.message;
    }
    return std::nullopt;
  };
  taking_up.ProtectProcess(request.peer.pid);
  const auto locked_out = lockout();
  taking_up.ForgetProtected();
  if (locked_out) {
    responder.Send(
        Refuse(409, *locked_out + "; say --accept self_lockout if that is meant", show::kRefused));
    return;
  }
  HandFiles files(taking_up.by_hand_directory());
  if (const auto written = files.Write(*document); !written.has_value()) {
    responder.Send(Refuse(500, written.error().ToString(), show::kFailed));
    return;
  }
  ask.accept.insert("self_lockout");  // asked just now
  const engine::Verdict verdict = taking_up.LookByHand(ask);
  if (verdict.kind == engine::Verdict::Kind::kBroken) {
    (void)files.Remove(document->file_name);
    responder.Send(Refuse(
        409,
        "what else is done by hand can not be read, so nothing was changed: " + WhyBroken(verdict),
        show::kFailed));
    return;
  }
  if (*verb == HandVerb::kClamp) {
    AwaitClamp({request, std::move(responder), asked, *document, wish, std::move(clamped)});
    return;
  }
  Record(fmt::format("{} until {} by {}: {}",
                     document->name,
                     io::FormatUtc(document->expires),
                     ask.origin.who,
                     asked.why));
  governing_.wake();
  const std::string path = files.PathOf(document->file_name);
  responder.Send(Answer(request,
                        SayDone(*document, *verb, asked, path),
                        {{"name", document->name},
                         {"file", path},
                         {"until", document->expires},
                         {"cgroups", document->cgroups},
                         {"values", document->values},
                         {"generation", taking_up.generations().number()}},
                        show::kDone));
}

void Control::ReleaseByHand(const http::Request& request,
                            http::Responder responder,
                            const std::string& name) {
  HandFiles files(governing_.taking_up.by_hand_directory());
  for (const policy::HandInForce& hand : Hands()) {
    if (hand.name != name) continue;
    if (const auto removed = files.Remove(hand.file_name); !removed.has_value()) {
      responder.Send(Refuse(500, removed.error().ToString(), show::kFailed));
      return;
    }
    engine::Ask ask;
    ask.origin = OriginOf(request, "release " + name);
    governing_.taking_up.ProtectProcess(request.peer.pid);
    const engine::Verdict verdict = governing_.taking_up.LookByHand(ask);
    governing_.taking_up.ForgetProtected();
    governing_.wake();
    if (verdict.kind == engine::Verdict::Kind::kGuarded) {
      responder.Send(Answer(
          request,
          fmt::format("{} stays in force, although its file is removed: what would come after it "
                      "is held back.\n",
                      EscapeForTerminal(name)) +
              HeldBackText(verdict.guards) + AcceptHint(verdict.guards),
          {{"released", nullptr}, {"held_back", GuardsJson(verdict.guards)}},
          show::kRefused));
      return;
    }
    if (verdict.kind == engine::Verdict::Kind::kBroken) {
      responder.Send(Refuse(409,
                            fmt::format("{} is removed, but what is left by hand can not be used, "
                                        "so nothing has changed yet: {}",
                                        name,
                                        WhyBroken(verdict)),
                            show::kFailed));
      return;
    }
    Record(fmt::format("{} is released by {}", name, ask.origin.who));
    responder.Send(Answer(request,
                          fmt::format("{} is released\n", EscapeForTerminal(name)),
                          {{"released", show::JsonString(name)}},
                          show::kDone));
    return;
  }
  responder.Send(
      Refuse(404,
             fmt::format("nothing by hand is called {}; `reevectl status` lists all", name),
             show::kNotFound));
}

// Ends a freeze of the very cgroup, whatever it is called.
void Control::Thaw(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const std::string cgroup = body.Text("cgroup");
  if (!body.wrong().empty()) {
    responder.Send(Refuse(400, body.wrong(), show::kUsage));
    return;
  }
  for (const policy::HandInForce& hand : Hands()) {
    if (hand.verb != HandVerb::kFreeze || hand.cgroups.empty() ||
        hand.cgroups.front().text() != cgroup) {
      continue;
    }
    ReleaseByHand(request, std::move(responder), hand.name);
    return;
  }
  responder.Send(
      Refuse(404,
             fmt::format("{} was not frozen by hand; a policy that freezes it is changed "
                         "with `reevectl set {} cgroup.freeze=false`",
                         cgroup,
                         cgroup),
             show::kNotFound));
}

void Control::Kill(const http::Request& request, http::Responder responder) {
  Body body(request.body);
  const std::string name = body.Text("cgroup");
  const auto expected = body.MaybeNumber("expect");
  const auto path = CgroupPath::Parse(name);
  if (!body.wrong().empty() || !path.has_value() || path->is_root()) {
    responder.Send(Refuse(
        400, !body.wrong().empty() ? body.wrong() : "`cgroup` must name a cgroup", show::kUsage));
    return;
  }
  const engine::Generations& generations = governing_.taking_up.generations();
  if (!generations.has_generation() || !generations.in_force().desired.cgroups.contains(*path)) {
    responder.Send(Refuse(404, fmt::format("{} is no cgroup of ours", name), show::kNotFound));
    return;
  }
  for (const auto& [pid, who] : {std::pair<std::int64_t, const char*>(::getpid(), "reeved itself"),
                                 {request.peer.pid, "whoever asks"}}) {
    if (!governing_.taking_up.IsIn(pid, *path)) continue;
    responder.Send(Refuse(409,
                          fmt::format("{} is in {} (pid {}); nothing was killed", who, name, pid),
                          show::kRefused));
    return;
  }
  const std::size_t count = ProcessesIn(governing_.fs, *path);
  if (expected && static_cast<std::int64_t>(count) > *expected) {
    responder.Send(Answer(request,
                          fmt::format("{} are in {} now, more than the {} that were meant\n",
                                      show::Count(count, "process", "processes"),
                                      EscapeForTerminal(name),
                                      *expected),
                          {{"killed", 0}, {"processes", count}},
                          show::kRefused,
                          409));
    return;
  }
  Record(fmt::format("{} killed in {} by {}",
                     show::Count(count, "process is", "processes are"),
                     name,
                     OriginOf(request, "").who));
  if (const auto killed = KillCgroup(governing_.fs, *path); !killed.has_value()) {
    responder.Send(Refuse(500, killed.error().ToString(), show::kFailed));
    return;
  }
  responder.Send(Answer(
      request,
      fmt::format(
          "{} killed in {}\n", show::Count(count, "process", "processes"), EscapeForTerminal(name)),
      {{"killed", count}},
      show::kDone));
}

}  // namespace reeve::daemon
