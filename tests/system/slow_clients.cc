// SPDX-License-Identifier: Apache-2.0
#include "slow_clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

constexpr int kBetweenBytesMs = 100;
// So small that an answer does not vanish in a buffer; the kernel makes a little more of it.
constexpr int kReceiveBuffer = 4096;
// Its header field never ends.
constexpr std::string_view kEndless = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";
constexpr std::string_view kWhole = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

enum class Kind { kSilent, kBytes, kDeaf };

struct SlowClient {
  Kind kind;
  int fd = -1;
  std::size_t sent = 0;
};

int ConnectTo(const std::string& address) {
  const bool local = address.starts_with('/');
  const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  int failed = -1;
  if (local) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    address.copy(to.sun_path, sizeof to.sun_path - 1);
    failed = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port =
        htons(static_cast<in_port_t>(std::strtol(address.c_str() + colon + 1, nullptr, 10)));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    failed = connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (failed == 0) return fd;
  close(fd);
  return -1;
}

// False: the other side has had enough. Data that waits is left there.
bool IsConnected(int fd) {
  pollfd look = {fd, POLLRDHUP, 0};
  return poll(&look, 1, 0) == 0;
}

void Send(int fd, std::string_view bytes) {
  // Whether it arrives is seen at the next look.
  (void)!send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Returns whether it is connected.
bool TakeTurn(const std::string& address, SlowClient& client) {
  if (client.fd >= 0 && !IsConnected(client.fd)) {
    close(client.fd);
    client.fd = -1;
  }
  if (client.fd < 0) {
    client.fd = ConnectTo(address);
    client.sent = 0;
    if (client.fd < 0) return false;
    if (client.kind == Kind::kDeaf) Send(client.fd, kWhole);
  }
  if (client.kind == Kind::kBytes) {
    const bool begun = client.sent < kEndless.size();
    Send(client.fd, begun ? kEndless.substr(client.sent, 1) : "x");
    ++client.sent;
  }
  return true;
}

}  // namespace

void BeSlowClients(const std::string& address, int silent, int bytes, int deaf) {
  std::vector<SlowClient> clients;
  clients.insert(clients.end(), static_cast<std::size_t>(silent), {Kind::kSilent});
  clients.insert(clients.end(), static_cast<std::size_t>(bytes), {Kind::kBytes});
  clients.insert(clients.end(), static_cast<std::size_t>(deaf), {Kind::kDeaf});
  bool said = false;
  for (;;) {
    std::size_t connected = 0;
    for (SlowClient& client : clients) connected += TakeTurn(address, client) ? 1U : 0U;
    if (!said && connected == clients.size()) {
      std::printf("%zu slow clients\n", connected);
      std::fflush(stdout);
      said = true;
    }
    poll(nullptr, 0, kBetweenBytesMs);
  }
}

int PostAgainAndAgain(const std::string& socket, const std::string& path, int count) {
  const std::string request = "POST " + path +
                              " HTTP/1.1\r\nHost: reeve\r\nConnection: close\r\n"
                              "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  for (int i = 0; i < count; ++i) {
    const int fd = ConnectTo(socket);
    if (fd < 0 || send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
      std::perror(socket.c_str());
      return 1;
    }
    std::string answer;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(fd, buffer, sizeof buffer, 0)) > 0) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
    close(fd);
    // "HTTP/1.1 429 Too Many Requests"
    const std::string status = answer.size() > 12 ? answer.substr(9, 3) : "none";
    constexpr std::string_view kLater = "\r\nRetry-After: ";
    const std::size_t later = answer.find(kLater);
    if (later == std::string::npos) {
      std::printf("%s\n", status.c_str());
    } else {
      const std::size_t from = later + kLater.size();
      std::printf("%s after %s\n",
                  status.c_str(),
                  answer.substr(from, answer.find('\r', from) - from).c_str());
    }
  }
  return 0;
}
