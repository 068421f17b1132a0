// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "edge/http/exchange.h"
#include "edge/http/listener.h"
#include "edge/http/server.h"

struct MHD_Daemon;

namespace reeve::http {

// The connections are ours, the protocol is libmicrohttpd's: we accept (so that limits, credentials
// and a lack of descriptors are in our hands), give the sockets to a daemon of the library without
// listeners and threads, and keep the time. One epoll set holds the listeners, the library's own set,
// a timer and, while the library does not look at them, the connections.
class Server::Impl {
 public:
  explicit Impl(const Limits& limits) : limits_(limits) {}

  Impl(const Impl&) = delete;
  ~Impl();

  Result<> Start();
  Result<> Listen(Listener listener);
  void Handle(Handler handler, BodyLimit body_limit);
  void Step();

  int fd() const { return set_.get(); }

  unsigned connections() const { return static_cast<unsigned>(connections_.size()); }

 private:
  struct Callbacks;  // of the library

  // accept.cc
  void AcceptAll();
  bool Accept(const Listener& listener);
  bool IsFull(const Peer& peer) const;
  bool TakesKeptDescriptor(int fd) const;
  void TurnAway(int fd) const;
  void PauseAccepting(int error);
  void ListenAgain();

  // server.cc
  void Run();
  void CloseLate();
  void Expire(Connection& connection);
  void SetTimer();
  void Wake();
  void Suspend(Connection& connection);
  void Resume(Connection& connection);
  void GiveUp(Connection& connection);
  void OnClosed(Connection& connection);
  void OnCompleted(Connection& connection);

  // requests.cc
  int OnHead(Connection& connection);
  int OnBody(Connection& connection, const char* data, std::size_t size);
  int OnWhole(Connection& connection);
  std::optional<Response> Refuse(Connection& connection);
  void CallHandler(Connection& connection);
  int Queue(Connection& connection, Response response);
  void OnStreamChanged(Connection& connection);

  Limits limits_;
  Handler handler_;
  BodyLimit body_limit_;
  UniqueFd set_;
  UniqueFd timer_;
  int library_set_ = -1;  // the library's own epoll descriptor
  std::vector<Listener> listeners_;
  std::map<int, std::unique_ptr<Connection>> connections_;  // by descriptor
  unsigned local_count_ = 0;
  unsigned tcp_count_ = 0;
  Usec accept_again_{0};               // by BootTime, while nothing is accepted; else 0
  bool short_of_descriptors_ = false;  // and it was said
  Usec timer_at_{0};                   // what the timer is set to; 0 is off
  bool in_step_ = false;
  bool again_ = false;  // the library has more to do at once
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace reeve::http
