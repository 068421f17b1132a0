// SPDX-License-Identifier: Apache-2.0
#include "edge/http/client.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/http/socket_address.h"
#include "unit/http/http_world.h"

namespace reeve::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

Endpoint At(const std::string& socket) {
  Endpoint endpoint;
  endpoint.socket = socket;
  endpoint.connect_time = milliseconds(200);
  endpoint.silence = milliseconds(500);
  return endpoint;
}

// Binds and listens, and never accepts.
UniqueFd Deaf(const std::string& path, int backlog) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = *UnixAddress(path);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), backlog) != 0)
    std::abort();
  return socket;
}

// Says `bytes` to the first client, whatever it wants, and closes.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string bytes)
      : listener_(Deaf(path, 1)), thread_([this, bytes = std::move(bytes)] {
          const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
          char sink[4096];
          if (::recv(client.get(), sink, sizeof sink, 0) < 0) return;
          ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }) {}

  ~OneAnswer() { thread_.join(); }

 private:
  UniqueFd listener_;
  std::thread thread_;
};

TEST(ClientTest, AsksAndGetsTheAnswer) {
  HttpWorld world;
  world.answer = [](const Request& request, Responder responder) {
    Response response = Json(request.body + request.query.find("cgroup")->second, 201);
    response.headers.emplace_back("ETag", "\"42\"");
    responder.Send(std::move(response));
  };
  const Served served(world);
  const auto answer = Ask(At(world.path),
                          {.method = "POST",
                           .target = "/v1/plan?cgroup=" + EncodeComponent("a b/c&d"),
                           .body = "[1]",
                           .if_match = "\"41\""});
  ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->content_type, "application/json");
  EXPECT_EQ(answer->etag, "\"42\"");
  EXPECT_EQ(answer->body, "[1]a b/c&d");
  EXPECT_EQ(world.seen.at(0).content_type, "application/json");
  EXPECT_EQ(world.seen[0].if_match, "\"41\"");
}

TEST(ClientTest, LargeBodiesGoBothWays) {
  HttpWorld world;
  world.body_limit = 8U << 20;
  world.answer = [](const Request& request, Responder responder) {
    responder.Send(Json(request.body + request.body));
  };
  const Served served(world);
  const std::string body(8U << 20, 'b');
  const auto answer =
      Ask(At(world.path), {.method = "POST", .target = "/", .body = body, .if_match = {}});
  ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
  EXPECT_EQ(answer->body.size(), 2 * body.size());
}

TEST(ClientTest, ARefusalInTheMiddleOfTheBodyIsTheAnswer) {
  HttpWorld world;
  world.body_limit = 10;
  const Served served(world);
  const auto answer =
      Ask(At(world.path),
          {.method = "POST", .target = "/", .body = std::string(8U << 20, 'b'), .if_match = {}});
  ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
  EXPECT_EQ(answer->status, 413);
  EXPECT_THAT(answer->body, HasSubstr("\"detail\":\"a body of 8388608 bytes"));
}

TEST(ClientTest, FollowsLinesAsTheyCome) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) {
    stream->Push("one");
    stream->Push("two");
    responder.Send(Lines(stream));
    stream->Push("three");
    stream->Finish();
  };
  const Served served(world);
  std::vector<std::string> lines;
  const auto answer = Follow(At(world.path), {}, [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
  EXPECT_THAT(lines, ElementsAre("one", "two", "three"));
}

TEST(ClientTest, TheReaderMayHaveEnough) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) {
    stream->Push("one");
    stream->Push("two");
    responder.Send(Lines(stream));
  };
  const Served served(world);
  int lines = 0;
  const auto answer = Follow(At(world.path), {}, [&](std::string_view) { return ++lines < 1; });
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(lines, 1);
}

TEST(ClientTest, ARefusalOfAStreamIsAnAnswerWithItsBody) {
  HttpWorld world;
  world.answer = [](const Request&, Responder responder) { responder.Send(Problem(404, "none")); };
  const Served served(world);
  const auto answer = Follow(At(world.path), {}, [](std::string_view) {
    ADD_FAILURE() << "no line was sent";
    return true;
  });
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 404);
  EXPECT_THAT(answer->body, HasSubstr("\"detail\":\"none\""));
}

TEST(ClientTest, ADaemonThatGoesAwayInTheMiddleOfAStreamIsNoticed) {
  const support::TempDir dir;
  const OneAnswer daemon(dir / "s",
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n");
  std::vector<std::string> lines;
  const auto answer = Follow(At(dir / "s"), {}, [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kIo);
  EXPECT_THAT(lines, ElementsAre("one"));
}

TEST(ClientTest, NoSocketAndNobodyBehindItAreToldApart) {
  const support::TempDir dir;
  const auto none = Ask(At(dir / "s"), {});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("not running"));
  EXPECT_EQ(Ask(At(dir / "no/where"), {}).error().kind, ErrorKind::kNotFound);

  { const UniqueFd dead = Deaf(dir / "s", 1); }
  const auto refused = Ask(At(dir / "s"), {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kGone);
}

TEST(ClientTest, ADaemonThatDoesNotAcceptOrAnswerIsGivenUp) {
  const support::TempDir dir;
  const UniqueFd deaf = Deaf(dir / "s", 0);
  const auto silent = Ask(At(dir / "s"), {});  // in its queue, never answered
  ASSERT_FALSE(silent.has_value());
  EXPECT_EQ(silent.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(silent.error().message, HasSubstr("no answer within 0.5 s"));

  // That one still fills the queue.
  const auto queued = Ask(At(dir / "s"), {});
  ASSERT_FALSE(queued.has_value());
  EXPECT_EQ(queued.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(queued.error().message, HasSubstr("does not take the connection"));
}

TEST(ClientTest, WhatIsNoAnswerIsInvalidAndAnEndlessOneIsCut) {
  const support::TempDir dir;
  {
    const OneAnswer daemon(dir / "a", "SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_EQ(Ask(At(dir / "a"), {}).error().kind, ErrorKind::kInvalid);
  }
  {
    const OneAnswer daemon(dir / "b", "HTTP/1.1 200 OK\r\n\r\n" + std::string(50'000, 'x'));
    Endpoint endpoint = At(dir / "b");
    endpoint.answer_bytes = 10'000;
    EXPECT_EQ(Ask(endpoint, {}).error().kind, ErrorKind::kOutOfRange);
  }
}

// Runs `work` as somebody who is nobody here; its exit status.
int AsNobody(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ClientTest, WhoMayNotConnectIsToldWhoMay) {
  if (::geteuid() != 0) GTEST_SKIP() << "becoming somebody else needs root";
  HttpWorld world;
  ::chmod(world.dir.path().c_str(), 0755);
  const auto denied_with = [&](std::string_view words) {
    return AsNobody([&] {
      const auto answer = Ask(At(world.path), {});
      if (answer.has_value() || answer.error().kind != ErrorKind::kDenied) return 1;
      return answer.error().message.find(words) == std::string::npos ? 2 : 0;
    });
  };
  EXPECT_EQ(denied_with("only root may"), 0);
  ::chmod(world.path.c_str(), 0660);
  EXPECT_EQ(denied_with("members of group root"), 0);
  EXPECT_TRUE(world.seen.empty());
}

TEST(ClientTest, NothingIsSentToAServerOfSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "becoming somebody else needs root";
  const support::TempDir dir;
  ::chmod(dir.path().c_str(), 0777);
  // Nobody's own server, in a place that root is led to.
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    const UniqueFd listener = Deaf(dir / "s", 4);
    if (::write(ready[1], "x", 1) != 1) ::_exit(98);
    const UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    ::_exit(::recv(client.get(), &byte, 1, 0) == 0 ? 0 : 1);  // the end, without a byte before it
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  const auto answer =
      Ask(At(dir / "s"), {.method = "POST", .target = "/", .body = "secret", .if_match = {}});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(answer.error().message, HasSubstr("user 65534"));
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace reeve::http
