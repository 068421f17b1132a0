// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/units.h"
#include "edge/http/server.h"
#include "edge/io/unique_fd.h"
#include "support/temp_dir.h"

namespace reeve::http {

// A client without manners: bytes out, bytes in, nothing blocks.
class RawClient {
 public:
  static RawClient Unix(const std::string& path);
  static RawClient Tcp(std::uint16_t port);

  // False when the other side does not take (all of) it.
  bool Send(std::string_view bytes) const;

  // Takes what has arrived.
  void Receive();

  void CloseSending() const;

  void Close() { fd_.reset(); }

  int fd() const { return fd_.get(); }

  std::string received;
  bool ended = false;  // the other side closed, or reset

 private:
  explicit RawClient(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

// A server on a socket of its own, stepped by the test.
class HttpWorld {
 public:
  explicit HttpWorld(const Limits& limits = {});

  // Steps while there is something to do, until `done` or for `longest`. True when done.
  bool Until(const std::function<bool()>& done,
             std::chrono::milliseconds longest = std::chrono::seconds(5));

  // Steps until nothing has happened for a few milliseconds.
  void Settle();

  // What comes back for `request` on a connection of its own, until it is closed or `longest`.
  std::string Exchange(std::string_view request);
  std::string ExchangeTcp(std::string_view request);

  RawClient Connect() const { return RawClient::Unix(path); }

  RawClient ConnectTcp() const { return RawClient::Tcp(port); }

  support::TempDir dir;
  std::string path = dir / "control.sock";
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
  std::vector<Request> seen;
  int steps = 0;  // calls of Step()
  // What the handler does beside noting the request; by default it answers {"ok":true}.
  std::function<void(const Request&, Responder)> answer;
  std::size_t body_limit = 1U << 20;

 private:
  void Step();
  std::string ExchangeWith(RawClient client, std::string_view request);
};

// Steps a world's server in a thread, for clients that block.
class Served {
 public:
  explicit Served(HttpWorld& world);
  ~Served();

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// The status of the first answer in `text`; 0 when there is none.
int StatusOf(std::string_view text);

}  // namespace reeve::http
