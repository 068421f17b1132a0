// SPDX-License-Identifier: Apache-2.0
#include "edge/http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/clock.h"
#include "edge/systemd/loop.h"
#include "unit/http/http_world.h"

namespace reeve::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kGet =
    "GET /v1/status?cgroup=web%2Fapi HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string Get(std::string_view more_headers) {
  std::string text(kGet);
  return text.replace(text.size() - 2, 2, more_headers) + "\r\n";
}

TEST(ServerTest, ARequestReachesTheHandlerDecoded) {
  HttpWorld world;
  const std::string answer = world.Exchange(
      Get("Accept: text/plain\r\nAuthorization: Bearer x\r\nIf-None-Match: \"42\"\r\n"));
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n{\"ok\":true}"));
  ASSERT_EQ(world.seen.size(), 1U);
  const Request& request = world.seen[0];
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/v1/status");
  EXPECT_EQ(request.query, (Query{{"cgroup", "web/api"}}));
  EXPECT_EQ(request.accept, "text/plain");
  EXPECT_EQ(request.authorization, "Bearer x");
  EXPECT_EQ(request.if_none_match, "\"42\"");
  EXPECT_EQ(request.host, "localhost");
  EXPECT_TRUE(request.peer.local);
  EXPECT_EQ(request.peer.uid, ::geteuid());
  EXPECT_EQ(request.peer.pid, ::getpid());
}

TEST(ServerTest, OverTcpNothingIsKnownOfThePeer) {
  HttpWorld world;
  EXPECT_EQ(StatusOf(world.ExchangeTcp(kGet)), 200);
  ASSERT_EQ(world.seen.size(), 1U);
  EXPECT_FALSE(world.seen[0].peer.local);
  EXPECT_EQ(world.seen[0].peer.uid, static_cast<uid_t>(-1));
}

TEST(ServerTest, HeadIsGetWithoutTheBody) {
  HttpWorld world;
  const std::string answer =
      world.Exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_THAT(answer, HasSubstr("Content-Length: 11\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_EQ(world.seen[0].method, "GET");
}

TEST(ServerTest, ABodyArrivesWhole) {
  HttpWorld world;
  world.body_limit = 8U << 20;
  const std::string body(3'000'000, 'b');
  RawClient client = world.Connect();
  std::string request =
      "POST /v1/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nContent-Length: 3000000\r\n\r\n" +
      body;
  std::string_view rest = request;
  ASSERT_TRUE(world.Until([&] {
    const ssize_t sent = ::send(client.fd(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
    client.Receive();
    return client.ended;
  }));
  EXPECT_EQ(StatusOf(client.received), 200);
  EXPECT_EQ(world.seen.at(0).body, body);
  EXPECT_EQ(world.seen[0].content_type, "application/json");
}

TEST(ServerTest, AnnouncedAndUnannouncedBodiesBeyondTheLimitAre413) {
  HttpWorld world;
  world.body_limit = 10;
  const std::string announced =
      world.Exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890");
  EXPECT_EQ(StatusOf(announced), 413);
  EXPECT_THAT(announced, HasSubstr("application/problem+json"));
  const std::string in_pieces = world.Exchange(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n");
  EXPECT_EQ(StatusOf(in_pieces), 413);
  EXPECT_THAT(in_pieces, HasSubstr("application/problem+json"));
  EXPECT_TRUE(world.seen.empty());

  const std::string small = world.Exchange(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "8\r\n01234567\r\n2\r\n89\r\n0\r\n\r\n");
  EXPECT_EQ(StatusOf(small), 200);
  EXPECT_EQ(world.seen.at(0).body, "0123456789");

  world.body_limit = 0;
  EXPECT_EQ(StatusOf(world.Exchange("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")),
            413);
}

// Bodies that are made while they are sent.
class Counted final : public Pieces {
 public:
  Counted(int pieces, bool whole, int& made) : left_(pieces), whole_(whole), made_(made) {}

  std::optional<std::string_view> Next() override {
    if (left_ == 0) return whole_ ? std::optional<std::string_view>("") : std::nullopt;
    --left_;
    ++made_;
    return piece_;
  }

 private:
  int left_;
  bool whole_;
  int& made_;
  std::string piece_ = std::string(50'000, 'x');
};

TEST(ServerTest, ABodyInPiecesIsMadeOnlyAsFastAsItIsRead) {
  HttpWorld world;
  int made = 0;
  world.answer = [&](const Request&, Responder responder) {
    Response response;
    response.pieces = std::make_shared<Counted>(400, true, made);
    responder.Send(std::move(response));
  };
  RawClient client = world.Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  world.Settle();
  EXPECT_GT(made, 0);
  EXPECT_LT(made, 100) << "nobody has read anything yet";

  ASSERT_TRUE(world.Until([&] {
    client.Receive();
    return client.ended;
  }));
  EXPECT_EQ(made, 400);
  EXPECT_EQ(std::count(client.received.begin(), client.received.end(), 'x'), 400 * 50'000);
  EXPECT_TRUE(client.received.ends_with("\r\n0\r\n\r\n"));
}

TEST(ServerTest, ABodyThatIsGivenUpDoesNotLookWhole) {
  HttpWorld world;
  int made = 0;
  world.answer = [&](const Request&, Responder responder) {
    Response response;
    response.pieces = std::make_shared<Counted>(3, false, made);
    responder.Send(std::move(response));
  };
  const std::string received =
      world.Exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(received), 200);
  EXPECT_EQ(std::count(received.begin(), received.end(), 'x'), 3 * 50'000);
  EXPECT_FALSE(received.ends_with("\r\n0\r\n\r\n"));
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
}

TEST(ServerTest, ErrorsAreProblemDetails) {
  HttpWorld world;
  world.answer = [](const Request& request, Responder responder) {
    if (request.path == "/odd")
      return responder.Send(Problem(404, "no cgroup \"a\xff\n\"", "gone"));
    responder.Send(MethodNotAllowed("GET, HEAD"));
  };
  const std::string odd =
      world.Exchange("GET /odd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(odd), 404);
  EXPECT_THAT(odd, HasSubstr("Content-Type: application/problem+json\r\n"));
  EXPECT_THAT(odd,
              HasSubstr("{\"type\":\"gone\",\"title\":\"Not Found\",\"status\":404,"
                        "\"detail\":\"no cgroup \\\"a\xef\xbf\xbd\\n\\\"\"}"));
  const std::string method =
      world.Exchange("PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(method), 405);
  EXPECT_THAT(method, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
}

TEST(ServerTest, WhatCanNotBeDecodedIs400) {
  HttpWorld world;
  for (const char* target : {"/%00", "/a?x=%zz", "/?a=1&a=2", "*"}) {
    const std::string answer =
        world.Exchange(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(StatusOf(answer.substr(0, answer.find("\r\n\r\n"))), 400) << target;
  }
  EXPECT_TRUE(world.seen.empty());
}

TEST(ServerTest, TcpReadsOnlyAndAnswersOnlyToItsOwnNames) {
  HttpWorld world;
  const std::string post = world.ExchangeTcp(
      "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(StatusOf(post), 405);
  EXPECT_THAT(post, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_EQ(StatusOf(world.ExchangeTcp(
                "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")),
            421);
  EXPECT_EQ(StatusOf(world.ExchangeTcp(
                "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n")),
            200);
  EXPECT_EQ(world.seen.size(), 1U);
  // On the Unix socket no browser can be tricked.
  EXPECT_EQ(
      StatusOf(world.Exchange("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")),
      200);
}

TEST(ServerTest, BeforeItHasAHandlerItAnswers503) {
  HttpWorld world;
  world.server->Handle(nullptr, nullptr);
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 503);
}

TEST(ServerTest, AnAnswerMayComeLater) {
  HttpWorld world;
  std::optional<Responder> waiting;
  world.answer = [&](const Request&, Responder responder) { waiting = std::move(responder); };
  RawClient slow = world.Connect();
  slow.Send(kGet);
  ASSERT_TRUE(world.Until([&] { return waiting.has_value(); }));
  EXPECT_TRUE(waiting->awaited());
  world.answer = nullptr;
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 200);

  waiting->Send(Json("{\"late\":true}", 202));
  waiting->Send(Json("{\"twice\":true}"));
  EXPECT_FALSE(waiting->awaited());
  ASSERT_TRUE(world.Until([&] {
    slow.Receive();
    return slow.ended;
  }));
  EXPECT_EQ(StatusOf(slow.received), 202);
  EXPECT_THAT(slow.received, EndsWith("\r\n\r\n{\"late\":true}"));
}

TEST(ServerTest, AClientThatDoesNotWaitIsNoticed) {
  HttpWorld world;
  std::optional<Responder> waiting;
  world.answer = [&](const Request&, Responder responder) { waiting = std::move(responder); };
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(world.Until([&] { return waiting.has_value(); }));
  client.Close();
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
  EXPECT_FALSE(waiting->awaited());
  waiting->Send(Json("{}"));
  world.Settle();
}

TEST(ServerTest, AHandlerThatForgetsOrThrowsIs500) {
  HttpWorld world;
  world.answer = [](const Request&, Responder) {};
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 500);
  world.answer = [](const Request&, Responder) { throw std::runtime_error("a mistake"); };
  const std::string answer = world.Exchange(kGet);
  EXPECT_EQ(StatusOf(answer), 500);
  EXPECT_THAT(answer, Not(HasSubstr("a mistake")));
}

TEST(ServerTest, ASharedBodyIsSentWithoutBeingCopiedAndReleased) {
  HttpWorld world;
  const auto snapshot = std::make_shared<const std::string>(std::string(5'000'000, 's'));
  world.answer = [&](const Request&, Responder responder) {
    Response response;
    response.content_type = "text/plain";
    response.body = snapshot;
    responder.Send(std::move(response));
  };
  const std::string answer = world.Exchange(kGet);
  EXPECT_THAT(answer, EndsWith(*snapshot));
  world.Settle();
  EXPECT_EQ(snapshot.use_count(), 1);
}

TEST(ServerTest, NotModifiedAndEmptyAnswersHaveNoBody) {
  HttpWorld world;
  world.answer = [](const Request&, Responder responder) {
    Response response;
    response.status = 304;
    response.headers.emplace_back("ETag", "\"42\"");
    responder.Send(std::move(response));
  };
  const std::string answer = world.Exchange(kGet);
  EXPECT_EQ(StatusOf(answer), 304);
  EXPECT_THAT(answer, HasSubstr("ETag: \"42\"\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(ServerTest, AStreamGoesOnUntilItIsFinished) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) { responder.Send(Lines(stream)); };
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(world.Until([&] {
    client.Receive();
    return client.received.find("\r\n\r\n") != std::string::npos;
  }));
  EXPECT_THAT(client.received, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(client.received, HasSubstr("application/x-ndjson"));

  for (const std::string line : {"{\"n\":1}", "{\"n\":2}"}) {
    EXPECT_TRUE(stream->Push(line));
    EXPECT_TRUE(world.Until([&] {
      client.Receive();
      return client.received.find(line + "\n") != std::string::npos;
    })) << line;
  }
  stream->Finish();
  ASSERT_TRUE(world.Until([&] {
    client.Receive();
    return client.ended;
  }));
  EXPECT_THAT(client.received, EndsWith("\r\n0\r\n\r\n"));
}

TEST(ServerTest, WhoeverWritesAStreamLearnsThatItsReaderHasGone) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) { responder.Send(Lines(stream)); };
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(world.Until([&] {
    client.Receive();
    return !client.received.empty();
  }));
  world.Settle();
  client.Close();
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
  EXPECT_FALSE(stream->Push("{}"));
}

TEST(ServerTest, AStreamThatEndsAtOnceAndAHeadOfOne) {
  HttpWorld world;
  std::shared_ptr<Stream> stream;
  world.answer = [&](const Request&, Responder responder) {
    stream = std::make_shared<Stream>();
    stream->Push("{\"only\":1}");
    stream->Finish();
    responder.Send(Lines(stream));
  };
  EXPECT_THAT(world.Exchange(kGet), HasSubstr("{\"only\":1}\n"));
  const std::string head =
      world.Exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(head), 200);
  EXPECT_THAT(head, Not(HasSubstr("only")));
  EXPECT_FALSE(stream->open());
}

TEST(ServerTest, StoppingEndsStreamsAndRemovesTheSocket) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  std::optional<Responder> waiting;
  world.answer = [&](const Request& request, Responder responder) {
    if (request.path == "/later")
      waiting = std::move(responder);
    else
      responder.Send(Lines(stream));
  };
  RawClient follower = world.Connect();
  follower.Send(kGet);
  RawClient waiter = world.Connect();
  waiter.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  RawClient idle = world.Connect();
  ASSERT_TRUE(world.Until([&] {
    follower.Receive();
    return waiting.has_value() && !follower.received.empty() && world.server->connections() == 3;
  }));
  stream->Push("{\"last\":1}");

  world.server.reset();

  follower.Receive();
  waiter.Receive();
  idle.Receive();
  EXPECT_TRUE(follower.ended);
  EXPECT_THAT(follower.received, HasSubstr("{\"last\":1}\n"));
  EXPECT_THAT(follower.received, EndsWith("\r\n0\r\n\r\n"));
  EXPECT_TRUE(waiter.ended);
  EXPECT_TRUE(idle.ended);
  EXPECT_FALSE(stream->Push("{}"));
  EXPECT_FALSE(waiting->awaited());
  waiting->Send(Json("{}"));
  struct stat found = {};
  EXPECT_NE(::lstat(world.path.c_str(), &found), 0);
}

TEST(ServerTest, AnAdoptedSocketServes) {
  HttpWorld world;
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(socket.get(), 8), 0);
  const int copy = ::fcntl(socket.get(), F_DUPFD_CLOEXEC, 3);
  ASSERT_TRUE(world.server->Adopt(UniqueFd(copy)).has_value());
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  world.port = ntohs(address.sin_port);
  EXPECT_EQ(StatusOf(world.ExchangeTcp(kGet)), 200);
}

TEST(ServerTest, NothingItOpensSurvivesAnExec) {
  const auto before = support::InheritableDescriptors();
  HttpWorld world;
  RawClient client = world.ConnectTcp();
  client.Send(kGet);
  world.Until([&] { return !world.seen.empty(); });
  EXPECT_EQ(support::InheritableDescriptors(), before);
}

TEST(ServerTest, OnTheLoopItWakesForRequestsAndForNothingElse) {
  HttpWorld world;
  auto loop = *systemd::Loop::Make();
  int steps = 0;
  const auto source = *loop.OnReadable(world.server->fd(), [&] {
    ++steps;
    world.server->Step();
  });
  auto pause = *loop.OnTimer([&] { loop.Stop(); });
  ASSERT_TRUE(pause.FireAt(io::BootTime() + std::chrono::milliseconds(100)).has_value());
  ASSERT_TRUE(loop.Run().has_value());
  EXPECT_EQ(steps, 0);

  auto serving = *systemd::Loop::Make();
  const auto served = *serving.OnReadable(world.server->fd(), [&] {
    ++steps;
    world.server->Step();
    if (world.server->connections() == 0) serving.Stop();
  });
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(serving.Run().has_value());
  client.Receive();
  EXPECT_EQ(StatusOf(client.received), 200);
  EXPECT_LE(steps, 10);
}

TEST(ServerTest, AnIdleConnectionAndAnIdleStreamDoNotWakeIt) {
  HttpWorld world;
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) { responder.Send(Lines(stream)); };
  RawClient follower = world.Connect();
  follower.Send(kGet);
  const RawClient idle = world.Connect();
  ASSERT_TRUE(world.Until([&] {
    follower.Receive();
    return !follower.received.empty() && world.server->connections() == 2;
  }));
  world.Settle();
  pollfd waiting = {.fd = world.server->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&waiting, 1, 200), 0);
}

}  // namespace
}  // namespace reeve::http
