// SPDX-License-Identifier: Apache-2.0
// Server: taking connections in, or not.
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "edge/http/server_impl.h"
#include "edge/http/socket_address.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

namespace reeve::http {
namespace {

// Connections accepted from one socket before everything else has its turn.
constexpr int kAcceptAtOnce = 64;

bool IsLackOfResources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

void Server::Impl::AcceptAll() {
  if (accept_again_ > Usec(0)) return;
  for (const Listener& listener : listeners_) {
    int left = kAcceptAtOnce;
    while (left > 0 && Accept(listener)) --left;
    if (accept_again_ > Usec(0)) return;
  }
}

// False when there is no more to accept for now.
bool Server::Impl::Accept(const Listener& listener) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  UniqueFd socket(::accept4(listener.fd.get(),
                            reinterpret_cast<sockaddr*>(&address),
                            &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.valid()) {
    const int error = errno;
    if (IsLackOfResources(error)) {
      PauseAccepting(error);
      return false;
    }
    // Anything else but "no more" is the fate of that one connection.
    return error != EAGAIN && error != EBADF && error != EINVAL;
  }
  short_of_descriptors_ = false;
  auto connection = std::make_unique<Connection>();
  connection->fd = socket.get();
  if (listener.local) connection->peer = PeerOf(socket.get());
  if (IsFull(connection->peer) || TakesKeptDescriptor(socket.get())) {
    TurnAway(socket.get());
    return true;
  }
  if (!listener.local) {
    socklen_t local_size = sizeof connection->local_address;
    if (::getsockname(socket.get(),
                      reinterpret_cast<sockaddr*>(&connection->local_address),
                      &local_size) != 0)
      return true;
    const int on = 1;
    // Finds out about peers that went without a word; failing that, the time limits do.
    ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  connection->suspend = [this, raw = connection.get()] { Suspend(*raw); };
  connection->deadline = io::BootTime() + limits_.request_time;
  ++(listener.local ? local_count_ : tcp_count_);
  Connection& kept = *connection;
  connections_[kept.fd] = std::move(connection);
  if (MHD_add_connection(
          daemon_, socket.release(), reinterpret_cast<const sockaddr*>(&address), size) !=
      MHD_YES) {
    // The library has closed the socket.
    if (connections_.count(kept.fd) > 0) OnClosed(kept);
  }
  again_ = true;
  return true;
}

bool Server::Impl::IsFull(const Peer& peer) const {
  if (!peer.local) return tcp_count_ >= limits_.tcp_connections;
  if (peer.uid == 0) return local_count_ >= limits_.local_connections;
  return local_count_ + limits_.kept_for_root >= limits_.local_connections;
}

// The kernel gives the lowest free number, so a high one says how many are in use.
bool Server::Impl::TakesKeptDescriptor(int fd) const {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return false;
  const rlim_t eighth = std::max<rlim_t>(files.rlim_cur / 8, 4);
  const rlim_t kept = std::min<rlim_t>(limits_.kept_descriptors, eighth);
  return static_cast<rlim_t>(fd) + kept >= files.rlim_cur;
}

// Says why and closes, without waiting for anything: the words fit into the empty buffer.
void Server::Impl::TurnAway(int fd) const {
  const std::string words = RawProblem(503, "too many connections");
  if (::send(fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
  ::shutdown(fd, SHUT_WR);
  // A request left unread would make the kernel reset the connection and drop our words with it.
  char sink[4096];
  while (::recv(fd, sink, sizeof sink, MSG_DONTWAIT) == sizeof sink) continue;
}

// The waiting connections would make the set readable for ever.
void Server::Impl::PauseAccepting(int error) {
  if (!short_of_descriptors_)
    io::LogWarning("no new connections until there is room: accept: {}", ErrnoName(error));
  short_of_descriptors_ = true;
  accept_again_ = io::BootTime() + limits_.accept_pause;
  for (const Listener& listener : listeners_) {
    epoll_event event = {};
    event.data.fd = listener.fd.get();
    ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, listener.fd.get(), &event);
  }
}

void Server::Impl::ListenAgain() {
  accept_again_ = Usec(0);
  for (const Listener& listener : listeners_) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = listener.fd.get();
    ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, listener.fd.get(), &event);
  }
  AcceptAll();
}

}  // namespace reeve::http
