// SPDX-License-Identifier: Apache-2.0
#include "edge/http/server.h"

#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

#include "edge/http/server_impl.h"
#include "edge/io/clock.h"
#include "edge/io/log.h"

namespace reeve::http {
namespace {

// What the library needs beside a request's head: parsed headers, the answer's head, a block of a
// stream.
constexpr std::size_t kWorkBytes = 16U << 10;

// Turns of the library in one Step, before others of the loop have their turn.
constexpr int kTurnsAtOnce = 16;

void LogOfLibrary(void*, const char* format, va_list arguments) {
  if (!io::LogsAt(io::LogLevel::kDebug)) return;
  char line[512];
  if (std::vsnprintf(line, sizeof line, format, arguments) > 0) io::LogDebug("http: {}", line);
}

// Paths and queries are decoded by ParseTarget, from the raw text.
std::size_t LeaveEscapes(void*, MHD_Connection*, char* text) {
  return std::strlen(text);
}

}  // namespace

// The library's callbacks; none may throw.
struct Server::Impl::Callbacks {
  static Connection* Of(MHD_Connection* mhd) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
  }

  static void OnConnection(void* server,
                           MHD_Connection* mhd,
                           void** context,
                           MHD_ConnectionNotificationCode code) noexcept {
    auto& impl = *static_cast<Server::Impl*>(server);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
      if (*context != nullptr) impl.OnClosed(*static_cast<Connection*>(*context));
      *context = nullptr;
      return;
    }
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const auto found = impl.connections_.find(info->connect_fd);
    REEVE_CHECK(found != impl.connections_.end());
    found->second->mhd = mhd;
    *context = found->second.get();
  }

  static void* OnTarget(void*, const char* target, MHD_Connection* mhd) noexcept {
    Connection* connection = Of(mhd);
    if (connection == nullptr) return nullptr;
    connection->exchange = std::make_shared<Exchange>();
    connection->exchange->raw_target = target;
    return nullptr;
  }

  static MHD_Result OnRequest(void* server,
                              MHD_Connection* mhd,
                              const char*,
                              const char* method,
                              const char*,
                              const char* data,
                              std::size_t* size,
                              void**) noexcept {
    auto& impl = *static_cast<Server::Impl*>(server);
    Connection* connection = Of(mhd);
    if (connection == nullptr || connection->exchange == nullptr) return MHD_NO;
    Exchange& exchange = *connection->exchange;
    int result = MHD_YES;
    if (!exchange.head_seen) {
      exchange.request.method = std::strcmp(method, "HEAD") == 0 ? "GET" : method;
      result = impl.OnHead(*connection);
    } else if (*size > 0) {
      result = impl.OnBody(*connection, data, *size);
      *size = 0;
    } else {
      result = impl.OnWhole(*connection);
    }
    return result == MHD_YES ? MHD_YES : MHD_NO;
  }

  static void OnCompleted(void* server,
                          MHD_Connection* mhd,
                          void**,
                          MHD_RequestTerminationCode) noexcept {
    if (Connection* connection = Of(mhd); connection != nullptr)
      static_cast<Server::Impl*>(server)->OnCompleted(*connection);
  }
};

Responder::Responder(std::weak_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder::Responder(Responder&& other) noexcept
    : exchange_(std::move(other.exchange_)), told_(std::exchange(other.told_, nullptr)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  Responder old(std::move(*this));
  exchange_ = std::move(other.exchange_);
  told_ = std::exchange(other.told_, nullptr);
  return *this;
}

Responder::~Responder() {
  if (told_ || awaited()) Send(Problem(500, "the daemon has no answer to this"));
}

void Responder::OnAnswer(std::function<void(const Response&)> told) {
  told_ = std::move(told);
}

void Responder::Send(Response response) {
  if (const auto told = std::exchange(told_, nullptr)) told(response);
  const auto exchange = exchange_.lock();
  if (exchange == nullptr || exchange->answered) return;
  exchange->answered = true;
  exchange->answer = std::move(response);
  if (exchange->on_answer) exchange->on_answer();
}

bool Responder::awaited() const {
  const auto exchange = exchange_.lock();
  return exchange != nullptr && !exchange->answered;
}

Server::Impl::~Impl() {
  if (daemon_ == nullptr) return;
  for (const auto& [fd, connection] : connections_) {
    const auto& exchange = connection->exchange;
    if (exchange != nullptr && exchange->stream != nullptr) exchange->stream->Finish();
  }
  Run();
  // The library aborts when it is stopped with connections put aside.
  for (const auto& [fd, connection] : connections_) {
    if (connection->suspended) Resume(*connection);
  }
  MHD_stop_daemon(daemon_);
}

Result<> Server::Impl::Start() {
  set_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!set_.valid()) return ErrnoError(errno, "http", "epoll_create1");
  timer_.reset(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.valid()) return ErrnoError(errno, "http", "timerfd_create");
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
      0,
      nullptr,
      nullptr,
      Callbacks::OnRequest,
      this,
      MHD_OPTION_EXTERNAL_LOGGER,
      LogOfLibrary,
      nullptr,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      limits_.head_bytes + kWorkBytes,
      MHD_OPTION_CONNECTION_LIMIT,
      limits_.local_connections + limits_.tcp_connections,
      MHD_OPTION_STRICT_FOR_CLIENT,
      1,
      MHD_OPTION_URI_LOG_CALLBACK,
      Callbacks::OnTarget,
      this,
      MHD_OPTION_UNESCAPE_CALLBACK,
      LeaveEscapes,
      nullptr,
      MHD_OPTION_NOTIFY_CONNECTION,
      Callbacks::OnConnection,
      this,
      MHD_OPTION_NOTIFY_COMPLETED,
      Callbacks::OnCompleted,
      this,
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
      1,
      MHD_OPTION_END);
  if (daemon_ == nullptr)
    return Error{ErrorKind::kInternal, 0, "http", "libmicrohttpd won't start"};
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  library_set_ = info->epoll_fd;
  for (const int fd : {timer_.get(), library_set_}) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return ErrnoError(errno, "http", "epoll_ctl");
  }
  return {};
}

Result<> Server::Impl::Listen(Listener listener) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = listener.fd.get();
  if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, listener.fd.get(), &event) != 0)
    return ErrnoError(errno, listener.address, "epoll_ctl");
  listeners_.push_back(std::move(listener));
  return {};
}

void Server::Impl::Handle(Handler handler, BodyLimit body_limit) {
  handler_ = std::move(handler);
  body_limit_ = std::move(body_limit);
}

void Server::Impl::Step() {
  in_step_ = true;
  epoll_event events[64];
  bool callers_wait = false;
  const int count = ::epoll_wait(set_.get(), events, std::size(events), 0);
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == timer_.get()) {
      std::uint64_t expirations = 0;
      if (::read(fd, &expirations, sizeof expirations) > 0) timer_at_ = Usec(0);
      continue;
    }
    if (fd == library_set_) continue;
    // No descriptor is closed before all events of this round are seen, so that none can be another's.
    const auto found = connections_.find(fd);
    if (found == connections_.end())
      callers_wait = true;
    else if (found->second->suspended)
      GiveUp(*found->second);
  }
  if (accept_again_ > Usec(0) && accept_again_ <= io::BootTime())
    ListenAgain();
  else if (callers_wait)
    AcceptAll();
  CloseLate();
  Run();
  in_step_ = false;
  SetTimer();
}

// As long as the library has work that needs no waiting, but not for ever.
void Server::Impl::Run() {
  for (int turn = 0; turn < kTurnsAtOnce; ++turn) {
    again_ = false;
    MHD_run(daemon_);
    MHD_UNSIGNED_LONG_LONG wait_ms = 1;
    if (MHD_get_timeout(daemon_, &wait_ms) == MHD_YES && wait_ms == 0) again_ = true;
    if (!again_) return;
  }
}

void Server::Impl::CloseLate() {
  const Usec now = io::BootTime();
  for (const auto& [fd, connection] : connections_) {
    if (connection->deadline > Usec(0) && connection->deadline <= now) Expire(*connection);
  }
}

void Server::Impl::Expire(Connection& connection) {
  const bool in_request = connection.phase == Connection::Phase::kReadingBody ||
                          (connection.phase == Connection::Phase::kReading && connection.exchange);
  if (in_request) {
    const std::string words = RawProblem(408, "the request did not arrive in time");
    ::send(connection.fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  GiveUp(connection);
}

// Makes the library close the connection: it sees the end of it in its next turn.
void Server::Impl::GiveUp(Connection& connection) {
  connection.gone = true;
  connection.deadline = Usec(0);
  ::shutdown(connection.fd, SHUT_RDWR);
  if (connection.suspended) Resume(connection);
  again_ = true;
}

void Server::Impl::SetTimer() {
  Usec next = accept_again_;
  for (const auto& [fd, connection] : connections_) {
    const Usec deadline = connection->deadline;
    if (deadline > Usec(0) && (next == Usec(0) || deadline < next)) next = deadline;
  }
  if (again_) next = Usec(1);  // long past: fires at once
  if (next == timer_at_) return;
  itimerspec when = {};
  when.it_value.tv_sec = next.count() / 1'000'000;
  when.it_value.tv_nsec = next.count() % 1'000'000 * 1'000;
  if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0) timer_at_ = next;
}

void Server::Impl::Wake() {
  again_ = true;
  if (!in_step_) SetTimer();
}

// Puts a connection aside that waits for us. Its end is ours to notice then.
void Server::Impl::Suspend(Connection& connection) {
  connection.suspended = true;
  MHD_suspend_connection(connection.mhd);
  epoll_event event = {};
  event.events = EPOLLONESHOT;  // EPOLLHUP and EPOLLERR always come
  event.data.fd = connection.fd;
  const int operation = connection.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  connection.watched = ::epoll_ctl(set_.get(), operation, connection.fd, &event) == 0;
}

void Server::Impl::Resume(Connection& connection) {
  connection.suspended = false;
  MHD_resume_connection(connection.mhd);
  Wake();
}

void Server::Impl::OnClosed(Connection& connection) {
  OnCompleted(connection);
  --(connection.peer.local ? local_count_ : tcp_count_);
  connections_.erase(connection.fd);
}

void Server::Impl::OnCompleted(Connection& connection) {
  if (connection.exchange != nullptr && connection.exchange->stream != nullptr)
    connection.exchange->stream->Abandon();
  connection.exchange.reset();
  connection.phase = Connection::Phase::kReading;
  connection.deadline = io::BootTime() + limits_.request_time;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Make(const Limits& limits) {
  auto impl = std::make_unique<Impl>(limits);
  REEVE_TRY_VOID(impl->Start());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Result<> Server::ListenOnUnix(const std::string& path, const std::vector<std::string>& groups) {
  REEVE_TRY(Listener listener, ListenUnix(path, groups));
  return impl_->Listen(std::move(listener));
}

Result<std::uint16_t> Server::ListenOnTcp(const std::string& address) {
  REEVE_TRY(Listener listener, ListenTcp(address));
  const std::uint16_t port = listener.port;
  REEVE_TRY_VOID(impl_->Listen(std::move(listener)));
  return port;
}

Result<> Server::Adopt(UniqueFd socket, const std::vector<std::string>& groups) {
  REEVE_TRY(Listener listener, AdoptListener(std::move(socket)));
  LetIn(listener, groups);
  return impl_->Listen(std::move(listener));
}

void Server::Handle(Handler handler, BodyLimit body_limit) {
  impl_->Handle(std::move(handler), std::move(body_limit));
}

int Server::fd() const {
  return impl_->fd();
}

void Server::Step() {
  impl_->Step();
}

unsigned Server::connections() const {
  return impl_->connections();
}

}  // namespace reeve::http
