// SPDX-License-Identifier: Apache-2.0
#include "unit/http/http_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/text.h"
#include "edge/http/socket_address.h"

namespace reeve::http {
namespace {

using Clock = std::chrono::steady_clock;

UniqueFd ConnectedTo(int family, const void* address, socklen_t size) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), static_cast<const sockaddr*>(address), size) != 0) fd.reset();
  return fd;
}

bool IsReady(int fd, int wait_ms) {
  pollfd waiting = {.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, wait_ms) > 0;
}

}  // namespace

RawClient RawClient::Unix(const std::string& path) {
  const sockaddr_un address = *UnixAddress(path);
  return RawClient(ConnectedTo(AF_UNIX, &address, sizeof address));
}

RawClient RawClient::Tcp(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return RawClient(ConnectedTo(AF_INET, &address, sizeof address));
}

bool RawClient::Send(std::string_view bytes) const {
  return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

void RawClient::Receive() {
  char buffer[64U << 10];
  for (;;) {
    const ssize_t count = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN)) ended = true;
    if (count <= 0) return;
    received.append(buffer, static_cast<std::size_t>(count));
  }
}

void RawClient::CloseSending() const {
  ::shutdown(fd_.get(), SHUT_WR);
}

HttpWorld::HttpWorld(const Limits& limits) {
  server = *Server::Make(limits);
  if (!server->ListenOnUnix(path, {}).has_value()) std::abort();
  port = *server->ListenOnTcp("127.0.0.1:0");
  server->Handle(
      [this](const Request& request, Responder responder) {
        seen.push_back(request);
        if (answer)
          answer(request, std::move(responder));
        else
          responder.Send(Json(R"({"ok":true})"));
      },
      [this](const Request&) { return body_limit; });
}

bool HttpWorld::Until(const std::function<bool()>& done, std::chrono::milliseconds longest) {
  const auto end = Clock::now() + longest;
  while (!done()) {
    if (Clock::now() > end) return false;
    if (IsReady(server->fd(), 1)) Step();
  }
  return true;
}

void HttpWorld::Step() {
  ++steps;
  server->Step();
}

void HttpWorld::Settle() {
  while (IsReady(server->fd(), 5)) Step();
}

std::string HttpWorld::ExchangeWith(RawClient client, std::string_view request) {
  client.Send(request);
  Until([&] {
    client.Receive();
    return client.ended;
  });
  return client.received;
}

std::string HttpWorld::Exchange(std::string_view request) {
  return ExchangeWith(Connect(), request);
}

std::string HttpWorld::ExchangeTcp(std::string_view request) {
  return ExchangeWith(ConnectTcp(), request);
}

Served::Served(HttpWorld& world)
    : thread_([this, &world] {
        while (!stop_) {
          if (IsReady(world.server->fd(), 5)) world.server->Step();
        }
      }) {}

Served::~Served() {
  stop_ = true;
  thread_.join();
}

int StatusOf(std::string_view text) {
  if (!text.starts_with("HTTP/1.1 ")) return 0;
  return static_cast<int>(ParseDecimal(text.substr(9, 3)).value_or(0));
}

}  // namespace reeve::http
