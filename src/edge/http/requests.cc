// SPDX-License-Identifier: Apache-2.0
// Server: from what the library has parsed to the handler, and its answer back.
#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.h"
#include "edge/http/server_impl.h"
#include "edge/http/socket_address.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

namespace reeve::http {
namespace {

std::string HeaderOf(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string() : std::string(value);
}

void FillHead(Connection& connection) {
  Request& request = connection.exchange->request;
  request.accept = HeaderOf(connection.mhd, "Accept");
  request.accept_encoding = HeaderOf(connection.mhd, "Accept-Encoding");
  request.authorization = HeaderOf(connection.mhd, "Authorization");
  request.content_type = HeaderOf(connection.mhd, "Content-Type");
  request.host = HeaderOf(connection.mhd, "Host");
  request.if_none_match = HeaderOf(connection.mhd, "If-None-Match");
  request.if_match = HeaderOf(connection.mhd, "If-Match");
  request.peer = connection.peer;
}

}  // namespace

// The head is complete, the body not yet read.
int Server::Impl::OnHead(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  exchange.head_seen = true;
  FillHead(connection);
  if (auto refusal = Refuse(connection)) return Queue(connection, *std::move(refusal));
  connection.phase = Connection::Phase::kReadingBody;
  connection.deadline = io::BootTime() + limits_.request_time;
  return MHD_YES;
}

std::optional<Response> Server::Impl::Refuse(Connection& connection) {
  Exchange& exchange = *connection.exchange;
  Request& request = exchange.request;
  if (!handler_) return Problem(503, "not ready yet");
  if (!request.peer.local) {
    if (request.method != "GET") return MethodNotAllowed("GET, HEAD");
    if (!HostMayBeOurs(request.host, connection.local_address)) {
      return Problem(421,
                     fmt::format("Host is \"{}\", which is neither a loopback name nor the address "
                                 "this connection came to",
                                 request.host));
    }
  }
  auto target = ParseTarget(exchange.raw_target);
  if (!target) return Problem(400, "the path or the query can not be decoded");
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  exchange.body_limit = std::min(body_limit_(request), limits_.body_bytes);
  const auto announced = ParseDecimal(HeaderOf(connection.mhd, "Content-Length"));
  if (announced && *announced > exchange.body_limit) {
    return Problem(
        413,
        fmt::format(
            "a body of {} bytes, and at most {} are taken here", *announced, exchange.body_limit));
  }
  return std::nullopt;
}

int Server::Impl::OnBody(Connection& connection, const char* data, std::size_t size) {
  Exchange& exchange = *connection.exchange;
  if (connection.gone || exchange.answered) return MHD_YES;
  if (exchange.request.body.size() + size > exchange.body_limit) {
    // In pieces, without a word about its length before. The library takes no answer in the middle
    // of a body.
    const std::string words = RawProblem(
        413, fmt::format("the body has more than the {} bytes taken here", exchange.body_limit));
    ::send(connection.fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    GiveUp(connection);
    return MHD_YES;
  }
  exchange.request.body.append(data, size);
  return MHD_YES;
}

// Everything has arrived; or the library asks again because the connection was resumed.
int Server::Impl::OnWhole(Connection& connection) {
  if (connection.gone) return MHD_NO;
  const std::shared_ptr<Exchange> exchange = connection.exchange;
  if (!exchange->handled) {
    exchange->handled = true;
    connection.phase = Connection::Phase::kThinking;
    connection.deadline = Usec(0);
    CallHandler(connection);
  }
  if (exchange->answer) {
    Response answer = *std::move(exchange->answer);
    exchange->answer.reset();
    return Queue(connection, std::move(answer));
  }
  exchange->on_answer = [this, &connection] {
    if (connection.suspended) Resume(connection);
  };
  Suspend(connection);
  return MHD_YES;
}

void Server::Impl::CallHandler(Connection& connection) {
  const std::shared_ptr<Exchange> exchange = connection.exchange;
  // One request that trips over a mistake of ours must not end the daemon for all.
  try {
    handler_(exchange->request, Responder(exchange));
  } catch (const std::exception& error) {
    io::LogError("{} {}: {}", exchange->request.method, exchange->request.path, error.what());
    exchange->answered = true;
    exchange->answer = Problem(500, "the daemon failed to answer this, and its log says why");
  }
}

int Server::Impl::Queue(Connection& connection, Response response) {
  Exchange& exchange = *connection.exchange;
  exchange.answered = true;
  MHD_Response* made = MakeMhdResponse(response, connection);
  if (made == nullptr) return MHD_NO;
  const int queued =
      MHD_queue_response(connection.mhd, static_cast<unsigned>(response.status), made);
  MHD_destroy_response(made);
  connection.phase = Connection::Phase::kAnswering;
  connection.deadline = io::BootTime() + limits_.answer_time;
  if (response.stream != nullptr && queued == MHD_YES) {
    exchange.stream = std::move(response.stream);
    connection.phase = Connection::Phase::kStreaming;
    connection.deadline = Usec(0);
    exchange.stream->OnChange([this, &connection] { OnStreamChanged(connection); });
    OnStreamChanged(connection);
  }
  return queued;
}

void Server::Impl::OnStreamChanged(Connection& connection) {
  if (!connection.exchange->stream->open() && connection.phase == Connection::Phase::kStreaming) {
    connection.phase = Connection::Phase::kAnswering;
    connection.deadline = io::BootTime() + limits_.answer_time;
    Wake();  // for the deadline
  }
  if (connection.suspended) Resume(connection);
}

}  // namespace reeve::http
