// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/waiting_room.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "app/daemon/access.h"
#include "app/daemon/reply.h"
#include "app/show/exit_code.h"
#include "core/base/text.h"
#include "edge/http/server.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"
#include "edge/systemd/notify.h"

namespace reeve::daemon {
namespace {

// Most of the time it is there in well under a second, and nobody need hear of it.
constexpr Usec kUntilSaid = std::chrono::seconds(2);
constexpr Usec kOnceLimit = std::chrono::seconds(30);

std::string WaitingLine(const Home& home) {
  return "PENDING: no tree yet: " + EscapeForTerminal(home.pending());
}

// Answers every question with what is waited for.
class Desk {
 public:
  static Result<std::unique_ptr<Desk>> Open(systemd::Loop& loop,
                                            const Home& home,
                                            const Options& options,
                                            const std::vector<systemd::PassedSocket>& sockets) {
    std::unique_ptr<Desk> desk(new Desk(home));
    REEVE_TRY_VOID(desk->Listen(options, sockets));
    http::Server* server = desk->server_.get();
    REEVE_TRY(desk->readable_, loop.OnReadable(server->fd(), [server] { server->Step(); }));
    return desk;
  }

 private:
  explicit Desk(const Home& home) : home_(home) {}

  Result<> Listen(const Options& options, const std::vector<systemd::PassedSocket>& sockets) {
    REEVE_TRY(server_, http::Server::Make({}));
    server_->Handle([this](const http::Request& request,
                           http::Responder responder) { responder.Send(Answer(request)); },
                    [](const http::Request&) -> std::size_t { return 0; });
    bool control_passed = false;
    bool metrics_passed = false;
    for (const systemd::PassedSocket& socket : sockets) {
      (socket.name == "metrics" ? metrics_passed : control_passed) = true;
      UniqueFd ours(::fcntl(socket.fd.get(), F_DUPFD_CLOEXEC, 0));
      if (!ours.valid()) return ErrnoError(errno, socket.name, "listening on it");
      REEVE_TRY_VOID(server_->Adopt(std::move(ours), {kReaders, kAdmins}));
    }
    // A port that somebody else has is complained of by who serves metrics.
    if (!metrics_passed) static_cast<void>(server_->ListenOnTcp(options.listen_address));
    if (control_passed) return {};
    return server_->ListenOnUnix(options.socket, {kReaders, kAdmins});
  }

  http::Response Answer(const http::Request& request) const {
    if (request.path == "/-/healthy") {
      http::Response alive;
      alive.content_type = "text/plain; charset=utf-8";
      alive.body = std::make_shared<const std::string>("reeved is alive\n");
      return alive;
    }
    return Refuse(503, WaitingLine(home_), show::kTryAgain);
  }

  const Home& home_;
  std::unique_ptr<http::Server> server_;
  systemd::Source readable_;
};

}  // namespace

Result<Waited> WaitForHome(systemd::Loop& loop,
                           Home& home,
                           const Options& options,
                           const std::vector<systemd::PassedSocket>& sockets,
                           bool once) {
  bool told_to_end = false;
  bool too_long = false;
  bool said = false;
  std::vector<systemd::Source> sources;
  REEVE_TRY_VOID(loop.KeepWatchdog());
  for (const int signal : {SIGTERM, SIGINT}) {
    REEVE_TRY(auto source, loop.OnSignal(signal, [&] { told_to_end = true; }));
    sources.push_back(std::move(source));
  }
  const auto say = [&] {
    if (home.there() || told_to_end) return;
    io::LogWarning("{}", WaitingLine(home));
    systemd::NotifyReady(WaitingLine(home));
    said = true;
  };
  REEVE_TRY(auto patience, loop.OnTimer([&] { once ? void(too_long = true) : say(); }));
  REEVE_TRY_VOID(patience.FireAt(io::BootTime() + (once ? kOnceLimit : kUntilSaid)));
  std::unique_ptr<Desk> desk;
  if (!once) {
    REEVE_TRY(desk, Desk::Open(loop, home, options, sockets));
  }
  std::string last = home.pending();
  REEVE_TRY_VOID(loop.RunUntil([&] {
    if (said && home.pending() != last) say();
    last = home.pending();
    return home.there() || told_to_end || too_long;
  }));
  if (home.there()) return Waited::kIsThere;
  return told_to_end ? Waited::kToldToEnd : Waited::kTooLong;
}

}  // namespace reeve::daemon
