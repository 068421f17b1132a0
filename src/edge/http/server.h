// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/units.h"
#include "edge/http/message.h"
#include "edge/io/unique_fd.h"

namespace reeve::http {

// What strangers may cost us.
struct Limits {
  // Of a request's line and headers together, about: the memory that is set apart for reading them.
  std::size_t head_bytes = 32U << 10;
  // Of a body, whatever a route asks for.
  std::size_t body_bytes = 8U << 20;
  // At a time. One more is answered 503.
  unsigned local_connections = 64;
  unsigned tcp_connections = 256;
  // Of local_connections, for root alone: whoever may connect must not be able to lock root out.
  unsigned kept_for_root = 8;
  // Descriptors of the process that connections never take: whoever connects must not be able to keep
  // us from what we are there for. An eighth of the process's limit when that is less, at least 4.
  unsigned kept_descriptors = 32;
  // Until a request's head has arrived, and once more until its body has. Also how long a connection
  // is kept open for a next request.
  Usec request_time = std::chrono::seconds(20);
  // Until the client has read its answer, but for streams.
  Usec answer_time = std::chrono::seconds(60);
  // For how long nothing is accepted when descriptors have run out.
  Usec accept_pause = std::chrono::milliseconds(250);
};

struct Exchange;

// Gives a request its answer: at once or in a later turn of the loop (`apply` ends when it is done).
// A request whose Responder is destroyed unused is answered 500.
class Responder {
 public:
  explicit Responder(std::weak_ptr<Exchange> exchange);
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  // Has `told` called with the answer when it is given, whether or not anybody waits for it any more.
  // Once; of a Responder that is destroyed unused with the answer it gives then.
  void OnAnswer(std::function<void(const Response&)> told);

  // Once. Does nothing when the client has gone.
  void Send(Response response);

  // Whether anybody still waits.
  bool awaited() const;

 private:
  std::weak_ptr<Exchange> exchange_;
  std::function<void(const Response&)> told_;
};

// HTTP/1.1 on Unix sockets and TCP, for a loop of which it knows nothing but that Step() is to be
// called while fd() is readable. That is the case only when there is something to do: without
// connections nothing wakes. Never blocks. Belongs to the thread of the loop.
//
// Over TCP it answers GET and HEAD only, and only for a Host that may be ours: web pages in a
// browser on this host reach loopback too.
//
// What the library refuses by itself (a garbled request: 400, its head too long: 414 or 431) comes as
// a short HTML page, everything else as problem details.
class Server {
 public:
  // Must not throw; what it throws anyway is answered 500 and logged.
  using Handler = std::function<void(const Request&, Responder)>;
  // How long a body this request, its body not yet read, may have: 0 is none.
  using BodyLimit = std::function<std::size_t(const Request&)>;

  // Answers 503 until Handle() was called.
  static Result<std::unique_ptr<Server>> Make(const Limits& limits);

  Server(const Server&) = delete;
  // Stops: streams end, answers on their way are given one last chance, sockets are unlinked.
  ~Server();

  // As the functions of listener.h; each may be called any number of times.
  Result<> ListenOnUnix(const std::string& path, const std::vector<std::string>& groups);
  // Returns the port, which is only news for port 0.
  Result<std::uint16_t> ListenOnTcp(const std::string& address);
  Result<> Adopt(UniqueFd socket, const std::vector<std::string>& groups = {});

  void Handle(Handler handler, BodyLimit body_limit);

  int fd() const;
  void Step();

  unsigned connections() const;

 private:
  class Impl;

  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::http
