// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/control.h"
#include "app/show/exit_code.h"
#include "core/base/text.h"
#include "edge/io/clock.h"

// What happened, and what happens next.
namespace reeve::daemon {
namespace {

bool IsDrift(engine::Event::Kind kind) {
  using Kind = engine::Event::Kind;
  return kind == Kind::kDrift || kind == Kind::kRepair || kind == Kind::kReport ||
         kind == Kind::kAdopt || kind == Kind::kFlapping || kind == Kind::kQuiet;
}

std::string LineOf(const engine::Event& event, const show::ClockPair& clock, bool text) {
  return text ? show::EventLine(event, clock) : show::EventJsonLine(event, clock);
}

}  // namespace

// At one and the same moment, as nearly as two calls can be.
show::ClockPair Control::ClocksNow() {
  return {io::BootTime(), io::EpochMicroseconds()};
}

void Control::Events(const http::Request& request, http::Responder responder) {
  const std::string since_text = Value(request, "since");
  const auto since = ParseDecimal(since_text);
  if (!since_text.empty() && !since) {
    responder.Send(Refuse(400, "`since` must be a number of seconds", show::kUsage));
    return;
  }
  const bool text = WantsText(request);
  const bool drift = Flag(request, "drift");
  const show::ClockPair clock = ClocksNow();
  std::vector<std::string> lines;
  for (const engine::Event& event : governing_.engine.events().all()) {
    if (drift && !IsDrift(event.kind)) continue;
    if (since && clock.engine - event.at > std::chrono::seconds(*since)) continue;
    lines.push_back(LineOf(event, clock, text));
  }
  if (Flag(request, "follow")) {
    auto stream = text ? std::make_shared<http::Stream>("... this terminal reads too slowly")
                       : std::make_shared<http::Stream>();
    for (const std::string& line : lines) stream->Push(line);
    followers_.push_back({stream, text, drift, governing_.engine.events().last()});
    responder.Send(http::Lines(std::move(stream)));
    return;
  }
  std::string body;
  for (const std::string& line : lines) body += line + "\n";
  http::Response response;
  response.content_type = text ? "text/plain; charset=utf-8" : "application/jsonl";
  response.body = std::make_shared<const std::string>(std::move(body));
  response.headers.emplace_back("Reeve-Exit-Status", "0");
  responder.Send(std::move(response));
}

void Control::OnEvents() {
  if (followers_.empty()) return;
  const show::ClockPair clock = ClocksNow();
  engine::EventLog& log = governing_.engine.events();
  std::erase_if(followers_, [&](Follower& follower) {
    for (const engine::Event* event : log.After(follower.seen)) {
      if (follower.drift && !IsDrift(event->kind)) continue;
      if (!follower.stream->Push(LineOf(*event, clock, follower.text))) return true;
    }
    follower.seen = log.last();
    return !follower.stream->open();
  });
}

}  // namespace reeve::daemon
