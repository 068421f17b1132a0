// SPDX-License-Identifier: Apache-2.0
#include "edge/http/client.h"

#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "edge/http/answer_parser.h"
#include "edge/http/socket_address.h"
#include "edge/io/clock.h"
#include "edge/io/unique_fd.h"

namespace reeve::http {
namespace {

constexpr std::size_t kMostLineBytes = 8U << 20;

std::string GroupName(gid_t gid) {
  std::vector<char> buffer(1U << 16);
  group entry = {};
  group* found = nullptr;
  if (::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->gr_name;
  return std::to_string(gid);
}

// Who may connect, from the socket's file.
std::string WhoMay(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & S_IWGRP) == 0)
    return "only root may talk to the daemon";
  const std::string name = GroupName(found.st_gid);
  return fmt::format(
      "only root and members of group {0} may talk to the daemon (usermod -aG {0} USER, "
      "then log in again)",
      name);
}

Error ConnectError(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorKind::kNotFound, error, path, "no such socket: the daemon is not running"};
    case ECONNREFUSED:
      return {ErrorKind::kGone, error, path, "nobody listens: the daemon is not running"};
    case EACCES:
    case EPERM:
      return {ErrorKind::kDenied, error, path, WhoMay(path)};
    case EAGAIN:
    case EINPROGRESS:
      return {ErrorKind::kBusy, error, path, "the daemon does not take the connection"};
    default:
      return ErrnoError(error, path, "connect");
  }
}

timeval ToTimeval(Usec time) {
  return {.tv_sec = time.count() / 1'000'000,
          .tv_usec = static_cast<suseconds_t>(time.count() % 1'000'000)};
}

Result<> CheckServer(int socket, const std::string& path) {
  const Peer server = PeerOf(socket);
  if (server.uid == 0 || server.uid == ::geteuid()) return {};
  return Error{ErrorKind::kConflict,
               0,
               path,
               fmt::format("it is served by user {}, neither root nor you: nothing was sent",
                           static_cast<std::int64_t>(static_cast<std::int32_t>(server.uid)))};
}

Result<UniqueFd> Connect(const Endpoint& endpoint) {
  REEVE_TRY(const sockaddr_un address, UnixAddress(endpoint.socket));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return ErrnoError(errno, endpoint.socket, "socket");
  // Bounds connect(), which waits for room in the daemon's queue, and every send().
  const timeval limit = ToTimeval(endpoint.connect_time);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
    return ErrnoError(errno, endpoint.socket, "SO_SNDTIMEO");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return ConnectError(endpoint.socket, errno);
  REEVE_TRY_VOID(CheckServer(socket.get(), endpoint.socket));
  return socket;
}

std::string FormatCall(const Call& call) {
  std::string text = fmt::format(
      "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", call.method, call.target);
  if (!call.accept.empty()) text += fmt::format("Accept: {}\r\n", call.accept);
  if (!call.if_match.empty()) text += fmt::format("If-Match: {}\r\n", call.if_match);
  if (!call.body.empty() || call.method != "GET") {
    text +=
        fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", call.body.size());
  }
  return text + "\r\n" + call.body;
}

Result<> SendAll(int socket, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    // The daemon may have refused what it saw so far, and says so in its answer.
    if (errno == EPIPE || errno == ECONNRESET) return {};
    if (errno == EAGAIN)
      return Error{ErrorKind::kBusy, errno, path, "the daemon does not take the request"};
    return ErrnoError(errno, path, "send");
  }
  return {};
}

// Waits until there is something to read.
//   silence   0 waits for ever
Result<> AwaitBytes(int socket, Usec silence, const std::string& path) {
  const Usec end = io::BootTime() + silence;
  for (;;) {
    int wait_ms = -1;
    if (silence > Usec(0)) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - io::BootTime());
      wait_ms = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }
    pollfd waiting = {.fd = socket, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, wait_ms);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return ErrnoError(errno, path, "poll");
    if (ready == 0) {
      return Error{
          ErrorKind::kBusy,
          ETIMEDOUT,
          path,
          fmt::format("no answer within {} s", std::chrono::duration<double>(silence).count())};
    }
  }
}

// One read, given to the parser.
Result<> ReadSome(int socket, AnswerParser& parser, const std::string& path) {
  char buffer[64U << 10];
  ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
  while (count < 0 && errno == EINTR) count = ::recv(socket, buffer, sizeof buffer, 0);
  if (count < 0 && errno != ECONNRESET) return ErrnoError(errno, path, "recv");
  auto fed = count > 0 ? parser.Feed({buffer, static_cast<std::size_t>(count)}) : parser.FeedEnd();
  if (!fed.has_value()) {
    Error error = std::move(fed).error();
    error.subject = path;
    return error;
  }
  return {};
}

// Hands over whole lines and keeps the rest. False when the reader has enough.
bool HandOver(std::string& text, const std::function<bool(std::string_view)>& on_line) {
  std::size_t begin = 0;
  bool goes_on = true;
  for (std::size_t end = 0; goes_on && (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    goes_on = on_line(std::string_view(text).substr(begin, end - begin));
  text.erase(0, begin);
  return goes_on;
}

Answer HeadOf(const AnswerParser& parser) {
  return {.status = parser.status(),
          .content_type = std::string(parser.Header("content-type")),
          .etag = std::string(parser.Header("etag")),
          .exit_status = std::string(parser.Header("reeve-exit-status")),
          .body = {}};
}

using LineReader = std::function<bool(std::string_view)>;

Result<Answer> Exchange(const Endpoint& endpoint, const Call& call, const LineReader* on_line) {
  REEVE_TRY(const UniqueFd socket, Connect(endpoint));
  REEVE_TRY_VOID(SendAll(socket.get(), FormatCall(call), endpoint.socket));
  AnswerParser parser;
  std::string text;
  const auto streams = [&] {
    return on_line != nullptr && parser.head_done() && parser.status() == 200;
  };
  while (!parser.done()) {
    REEVE_TRY_VOID(
        AwaitBytes(socket.get(), streams() ? Usec(0) : endpoint.silence, endpoint.socket));
    REEVE_TRY_VOID(ReadSome(socket.get(), parser, endpoint.socket));
    text += parser.TakeBody();
    if (streams() && !HandOver(text, *on_line)) return HeadOf(parser);
    if (text.size() > (streams() ? kMostLineBytes : endpoint.answer_bytes))
      return Error{ErrorKind::kOutOfRange, 0, endpoint.socket, "the answer is too long"};
  }
  Answer answer = HeadOf(parser);
  if (!streams()) answer.body = std::move(text);
  return answer;
}

}  // namespace

Result<Answer> Ask(const Endpoint& endpoint, const Call& call) {
  return Exchange(endpoint, call, nullptr);
}

Result<Answer> Follow(const Endpoint& endpoint, const Call& call, const LineReader& on_line) {
  return Exchange(endpoint, call, &on_line);
}

}  // namespace reeve::http
