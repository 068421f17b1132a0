// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace reeve::cli {

struct Asked {
  std::string line;    // "GET /v1/status?cgroup=web"
  std::string accept;  // of the header
  std::string body = {};
};

struct Said {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string exit_status = {};  // header; "" = none
  std::string body = {};
  bool never = false;  // takes the question and stays silent
  bool cut = false;    // breaks off in the middle of the answer
};

// A control socket that says what a test wants, one connection after the other.
class FakeDaemon {
 public:
  using Answer = std::function<Said(const Asked&)>;

  FakeDaemon(const std::string& path, Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    EXPECT_LT(path.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    thread_ = std::thread([this] { Serve(); });
  }

  FakeDaemon(const FakeDaemon&) = delete;

  ~FakeDaemon() {
    stop_ = true;
    thread_.join();
    for (int silent : silent_) ::close(silent);
    ::close(listener_);
  }

  std::vector<Asked> asked() {
    const std::lock_guard<std::mutex> guard(mutex_);
    return asked_;
  }

 private:
  void Serve() {
    while (!stop_) {
      pollfd waiting = {.fd = listener_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 10) != 1) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      if (Exchange(client)) {
        ::close(client);
      } else {
        silent_.push_back(client);
      }
    }
  }

  // False when the connection stays open without an answer.
  bool Exchange(int client) {
    std::string text;
    char buffer[4096];
    std::size_t wanted = std::string::npos;
    while (text.size() < wanted) {
      const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
      if (count <= 0) return true;
      text.append(buffer, static_cast<std::size_t>(count));
      const std::size_t head = text.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const std::string length = Header(text, "Content-Length: ");
      wanted = head + 4 + (length.empty() ? 0 : std::stoul(length));
    }
    Asked asked;
    asked.line = text.substr(0, text.find(" HTTP/"));
    asked.accept = Header(text, "Accept: ");
    asked.body = text.substr(text.find("\r\n\r\n") + 4);
    const Said said = answer_(asked);
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      asked_.push_back(asked);
    }
    if (said.never) return false;
    const std::string answer = fmt::format(
        "HTTP/1.1 {} X\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}",
        said.status,
        said.type,
        said.exit_status.empty() ? "" : "Reeve-Exit-Status: " + said.exit_status + "\r\n",
        said.body.size() + (said.cut ? 1 : 0),
        said.body);
    (void)::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    return true;
  }

  static std::string Header(const std::string& text, const std::string& name) {
    const std::size_t at = text.find("\r\n" + name);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + 2 + name.size();
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }

  Answer answer_;
  int listener_ = -1;
  std::vector<int> silent_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<Asked> asked_;
};

}  // namespace reeve::cli
