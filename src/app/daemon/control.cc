// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/control.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/daemon/audit.h"
#include "app/daemon/journal_fields.h"
#include "app/show/exit_code.h"
#include "core/base/text.h"
#include "core/engine/words.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/kernel/local_users.h"

namespace reeve::daemon {
namespace {

// How long the changes of one user that are turned away stay one record.
constexpr Usec kBetweenRecords{60'000'000};

constexpr std::size_t kBodyBytes = 64U << 10;  // of any request of ours; policies come as files

}  // namespace

const std::vector<Control::Route>& Control::Routes() {
  static const std::vector<Route> routes = {
      {"GET", "/-/healthy", false, &Control::Healthy},
      {"GET", "/-/ready", false, &Control::Ready},
      {"GET", "/metrics", false, &Control::Metrics},
      {"GET", "/v1/status", false, &Control::Status},
      {"GET", "/v1/plan", false, &Control::ShowPlan},
      {"GET", "/v1/diff", false, &Control::Diff},
      {"GET", "/v1/explain", false, &Control::Explain},
      {"GET", "/v1/generations", false, &Control::History},
      {"GET", "/v1/cgroups", false, &Control::Cgroups},
      {"GET", "/v1/events", false, &Control::Events},
      {"GET", "/v1/facts", false, &Control::Facts},
      {"GET", "/v1/report", false, &Control::Report},
      {"POST", "/v1/apply", true, &Control::Apply},
      {"POST", "/v1/undo", true, &Control::Undo},
      {"POST", "/v1/confirm", true, &Control::Confirm},
      {"POST", "/v1/hold", true, &Control::SetHold},
      {"POST", "/v1/release", true, &Control::Release},
      {"GET", "/v1/overrides", false, &Control::ListByHand},
      {"POST", "/v1/overrides", true, &Control::PutByHand},
      {"POST", "/v1/thaw", true, &Control::Thaw},
      {"POST", "/v1/kill", true, &Control::Kill},
  };
  return routes;
}

Control::Control(Governing governing)
    : governing_(std::move(governing)), access_(Access::OfHost()) {}

// While all that their records need is still there.
Control::~Control() {
  waiting_.clear();
  clamps_.clear();
}

Result<std::unique_ptr<Control>> Control::Make(Governing governing) {
  std::unique_ptr<Control> control(new Control(std::move(governing)));
  REEVE_TRY_VOID(control->Listen());
  return control;
}

Result<> Control::Listen() {
  REEVE_TRY(server_, http::Server::Make({}));
  server_->Handle(
      [this](const http::Request& request, http::Responder responder) {
        Dispatch(request, std::move(responder));
      },
      [](const http::Request& request) { return request.method == "POST" ? kBodyBytes : 0; });
  bool control_passed = false;
  bool metrics_passed = false;
  for (systemd::PassedSocket& socket : std::exchange(governing_.sockets, {})) {
    (socket.name == "metrics" ? metrics_passed : control_passed) = true;
    REEVE_TRY_VOID(server_->Adopt(std::move(socket.fd), {kReaders, kAdmins}));
  }
  if (!control_passed) {
    REEVE_TRY_VOID(ListenOnUnix());
  }
  if (!metrics_passed) ListenOnTcp();
  REEVE_TRY(systemd::Source readable,
            governing_.loop.OnReadable(server_->fd(), [this] { server_->Step(); }));
  sources_.push_back(std::move(readable));
  REEVE_TRY(second_look_, governing_.loop.OnTimer([this] { FinishStatus(); }));
  REEVE_TRY(explain_look_, governing_.loop.OnTimer([this] { FinishExplain(); }));
  REEVE_TRY(plan_patience_, governing_.loop.OnTimer([this] { FinishPlans(); }));
  REEVE_TRY(patience_, governing_.loop.OnTimer([this] { OnRested(); }));
  return {};
}

Result<> Control::ListenOnUnix() {
  const Options& options = governing_.options;
  if (const auto local = server_->ListenOnUnix(options.socket, {kReaders, kAdmins});
      !local.has_value()) {
    // Without root's power the usual place is not ours; limits are kept all the same.
    if (::geteuid() == 0 || local.error().kind != ErrorKind::kDenied) return local.error();
    io::LogWarning("no control socket: {}; say --socket PATH",
                   EscapeForTerminal(local.error().ToString()));
  }
  return {};
}

// Metrics that can not be served are no reason to leave limits unkept.
void Control::ListenOnTcp() {
  const auto port = server_->ListenOnTcp(governing_.options.listen_address);
  if (!port.has_value()) {
    io::LogError("no metrics: {}", EscapeForTerminal(port.error().ToString()));
  }
}

void Control::Dispatch(const http::Request& request, http::Responder responder) {
  std::string allowed;
  for (const Route& route : Routes()) {
    if (route.path != request.path) continue;
    if (route.method != request.method) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
      continue;
    }
    if (route.changes) {
      if (TurnsAway(request, responder)) return;
      Audit(request, responder);
    }
    const bool open = !request.path.starts_with("/v1/");
    if (!open && !access_.MayRead(request.peer)) {
      responder.Send(
          Refuse(403,
                 "only root and members of the groups reeve and reeve-admin may ask this, "
                 "over the control socket",
                 show::kRefused));
      return;
    }
    if (route.changes && !access_.MayChange(request.peer)) {
      responder.Send(Refuse(403,
                            "only root and members of the group reeve-admin may change anything",
                            show::kRefused));
      return;
    }
    (this->*route.handle)(request, std::move(responder));
    return;
  }
  if (!allowed.empty()) {
    responder.Send(http::MethodNotAllowed(allowed));
    return;
  }
  responder.Send(Refuse(404, "there is no such page", show::kNotFound));
}

bool Control::TurnsAway(const http::Request& request, http::Responder& responder) {
  const uid_t uid = request.peer.uid;
  if (uid == 0 && IsWayOut(VerbOf(request))) return false;
  const Usec now = io::BootTime();
  const auto wait = rate_limit_.Take(uid, now);
  // The first is on record, the others are counted: a flood of requests is not to be one of lines.
  auto turned = turned_away_.find(uid);
  if (turned != turned_away_.end() && now >= turned->second.since + kBetweenRecords) {
    if (turned->second.more != 0) {
      io::LogWarning("{} more changes by uid {} were turned away", turned->second.more, uid);
    }
    turned_away_.erase(turned);
    turned = turned_away_.end();
  }
  if (!wait) return false;
  if (turned == turned_away_.end()) {
    turned_away_[uid] = {now, 0};
    Audit(request, responder);
  } else {
    ++turned->second.more;
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  http::Response response = Refuse(
      429,
      fmt::format("too many changes by uid {}: {} at once and {} a second are taken; nothing was "
                  "changed, the same may be asked again in {} s",
                  uid,
                  rate_limit_.rate().burst,
                  rate_limit_.rate().per_second,
                  seconds),
      show::kTryAgain);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  responder.Send(std::move(response));
  return true;
}

void Control::Audit(const http::Request& request, http::Responder& responder) {
  const http::Peer& peer = request.peer;
  auto who = WhoAsks(peer, writers_.Of(peer.pid), kernel::LocalUserName(peer.uid));
  auto audit = BeginAudit(request, governing_.taking_up.generations().number());
  responder.OnAnswer([this, who = std::move(who), audit = std::move(audit)](
                         const http::Response& response) mutable {
    const engine::Generations& generations = governing_.taking_up.generations();
    audit.status = response.status;
    audit.exit_code = ExitCodeOf(response);
    audit.generation_after = generations.number();
    if (generations.has_generation()) {
      audit.policy_hash = generations.in_force().desired.policy_hash;
    }
    engine::Event event;
    event.at = io::BootTime();
    event.kind = engine::Event::Kind::kAudit;
    event.text = DescribeAudit(audit);
    event.by = who;
    event.audit = std::make_shared<const engine::Audit>(std::move(audit));
    // Whatever is to be logged: who changed something always is.
    io::LogWith(io::LogsAt(io::LogLevel::kInfo) ? io::LogLevel::kInfo : io::LogLevel::kError,
                FieldsOf(event),
                fmt::format("audit: {}; by {}", event.text, engine::DescribeWriter(who.get())));
    governing_.engine.events().Add(std::move(event));
    OnEvents();
  });
}

void Control::Healthy(const http::Request& /*request*/, http::Responder responder) {
  http::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::make_shared<const std::string>("reeved is alive\n");
  responder.Send(std::move(response));
}

void Control::Ready(const http::Request& /*request*/, http::Responder responder) {
  http::Response response;
  const bool ready = governing_.ready();
  response.status = ready ? 200 : 503;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::make_shared<const std::string>(ready ? "reeved is ready\n"
                                                            : "the first pass is not done yet\n");
  responder.Send(std::move(response));
}

void Control::Metrics(const http::Request& request, http::Responder responder) {
  governing_.metrics(request, std::move(responder));
}

Origin Control::OriginOf(const http::Request& request, std::string why) const {
  std::replace(why.begin(), why.end(), '\n', ' ');
  // The local user table only: a name service may be slow, and the loop waits for nobody.
  const std::string name = kernel::LocalUserName(request.peer.uid);
  return {name.empty() ? fmt::format("uid {}", request.peer.uid)
                       : fmt::format("{} (uid {})", name, request.peer.uid),
          std::move(why)};
}

}  // namespace reeve::daemon
