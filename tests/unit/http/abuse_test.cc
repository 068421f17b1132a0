// SPDX-License-Identifier: Apache-2.0
// Clients with bad manners (F89, F108, F112): they cost themselves their connection and nobody else anything.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/io/log.h"
#include "unit/http/http_world.h"

namespace reeve::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view kGet =
    "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

Limits ShortLimits() {
  Limits limits;
  limits.request_time = milliseconds(60);
  limits.answer_time = milliseconds(120);
  limits.accept_pause = milliseconds(20);
  return limits;
}

bool EndsWithin(HttpWorld& world, RawClient& client, milliseconds longest) {
  return world.Until(
      [&] {
        client.Receive();
        return client.ended;
      },
      longest);
}

TEST(AbuseTest, TwoHundredSlowClientsDelayNobody) {
  HttpWorld world;
  world.answer = [](const Request& request, Responder responder) {
    if (request.path != "/big") return responder.Send(Json("{}"));
    responder.Send(Json(std::string(4'000'000, ' ')));
  };
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(world.ConnectTcp());
    if (i % 4 == 1) slow.back().Send("GET / HTT");
    if (i % 4 == 2) slow.back().Send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    if (i % 4 == 3)
      slow.back().Send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");  // never reads
  }
  ASSERT_TRUE(world.Until([&] { return world.server->connections() == 200; }));

  milliseconds worst(0);
  for (int i = 0; i < 100; ++i) {
    for (RawClient& client : slow) client.Send("x");  // a byte each, now and then
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(StatusOf(world.ExchangeTcp(kGet)), 200);
    worst = std::max(
        worst, std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin));
  }
  EXPECT_LE(worst.count(), 200);
  RecordProperty("worst_ms", static_cast<int>(worst.count()));
}

TEST(AbuseTest, WhoSendsNothingOrAByteNowAndThenIsClosed) {
  HttpWorld world(ShortLimits());
  RawClient silent = world.Connect();
  RawClient dripping = world.Connect();
  const std::string_view head = kGet;
  std::size_t sent = 0;
  auto next = std::chrono::steady_clock::now();
  EXPECT_TRUE(world.Until(
      [&] {
        if (std::chrono::steady_clock::now() >= next && sent < head.size()) {
          dripping.Send(head.substr(sent++, 1));
          next += milliseconds(10);
        }
        silent.Receive();
        dripping.Receive();
        return silent.ended && dripping.ended;
      },
      milliseconds(500)));
  EXPECT_TRUE(world.seen.empty());
  EXPECT_EQ(world.server->connections(), 0U);
}

TEST(AbuseTest, ABodyThatDoesNotComeIs408) {
  HttpWorld world(ShortLimits());
  RawClient client = world.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
  ASSERT_TRUE(EndsWithin(world, client, milliseconds(500)));
  EXPECT_EQ(StatusOf(client.received), 408);
  EXPECT_THAT(client.received, HasSubstr("application/problem+json"));
  EXPECT_TRUE(world.seen.empty());
}

TEST(AbuseTest, HeadersThatDoNotEndInTimeAre408) {
  HttpWorld world(ShortLimits());
  RawClient client = world.Connect();
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n");
  ASSERT_TRUE(EndsWithin(world, client, milliseconds(500)));
  EXPECT_EQ(StatusOf(client.received), 408);
}

TEST(AbuseTest, WhoDoesNotReadItsAnswerIsClosed) {
  HttpWorld world(ShortLimits());
  const auto body = std::make_shared<const std::string>(std::string(20'000'000, 'x'));
  world.answer = [&](const Request&, Responder responder) {
    Response response;
    response.body = body;
    responder.Send(std::move(response));
  };
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(world.Until([&] { return !world.seen.empty(); }));
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }, milliseconds(1'000)));
  EXPECT_EQ(body.use_count(), 1);
}

TEST(AbuseTest, AKeptConnectionIsClosedWhenNoNextRequestComes) {
  HttpWorld world(ShortLimits());
  RawClient client = world.Connect();
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(EndsWithin(world, client, milliseconds(500)));
  EXPECT_EQ(StatusOf(client.received), 200);
  EXPECT_EQ(client.received.find("408"), std::string::npos);
}

TEST(AbuseTest, AHalfClosedClientStillGetsItsAnswer) {
  HttpWorld world;
  std::optional<Responder> waiting;
  world.answer = [&](const Request& request, Responder responder) {
    if (request.path == "/later")
      waiting = std::move(responder);
    else
      responder.Send(Json("{}"));
  };
  for (const bool local : {true, false}) {
    RawClient client = local ? world.Connect() : world.ConnectTcp();
    client.Send(kGet);
    client.CloseSending();
    ASSERT_TRUE(EndsWithin(world, client, milliseconds(1'000)));
    EXPECT_EQ(StatusOf(client.received), 200);
  }
  for (const bool local : {true, false}) {
    RawClient client = local ? world.Connect() : world.ConnectTcp();
    waiting.reset();
    client.Send("GET /later HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    client.CloseSending();
    ASSERT_TRUE(world.Until([&] { return waiting.has_value(); }));
    world.Settle();
    waiting->Send(Json("{\"late\":1}"));
    ASSERT_TRUE(EndsWithin(world, client, milliseconds(1'000)));
    EXPECT_THAT(client.received, HasSubstr("{\"late\":1}"));
  }
}

TEST(AbuseTest, AHalfRequestIsForgottenWhenItsClientGoes) {
  HttpWorld world;
  for (const char* part : {"",
                           "G",
                           "GET / HTTP/1.1\r\nHo",
                           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"}) {
    RawClient client = world.Connect();
    client.Send(part);
    ASSERT_TRUE(world.Until([&] { return world.server->connections() == 1; }));
    world.Settle();
    client.Close();
    EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; })) << part;
  }
  EXPECT_TRUE(world.seen.empty());
}

TEST(AbuseTest, PipelinedRequestsAreAnsweredInOrder) {
  HttpWorld world;
  std::optional<Responder> first;
  world.answer = [&](const Request& request, Responder responder) {
    if (request.path == "/1") {
      first = std::move(responder);
      return;
    }
    responder.Send(Json(request.path));
  };
  RawClient client = world.Connect();
  client.Send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(world.Until([&] { return first.has_value(); }));
  world.Settle();
  EXPECT_EQ(world.seen.size(), 1U);
  first->Send(Json("/1"));
  ASSERT_TRUE(EndsWithin(world, client, milliseconds(1'000)));
  const auto one = client.received.find("\r\n\r\n/1");
  const auto two = client.received.find("\r\n\r\n/2");
  const auto three = client.received.find("\r\n\r\n/3");
  EXPECT_NE(three, std::string::npos);
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
}

TEST(AbuseTest, HeadsThatAreTooLongAreRefused) {
  HttpWorld world;
  const std::string long_header(31'000, 'h');
  EXPECT_EQ(StatusOf(world.Exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " +
                                    long_header + "\r\n\r\n")),
            200);
  EXPECT_EQ(StatusOf(world.Exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'h') +
                                    "\r\n\r\n")),
            431);
  EXPECT_EQ(StatusOf(world.Exchange("GET /" + std::string(100'000, 'u') +
                                    " HTTP/1.1\r\nHost: x\r\n\r\n")),
            414);
  EXPECT_EQ(world.seen.size(), 1U);
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 200);
}

TEST(AbuseTest, GarbageIsRefusedOrDroppedAndTheNextIsServed) {
  HttpWorld world(ShortLimits());
  std::vector<std::string> garbage = {
      "\r\n\r\n\r\n\r\n",
      std::string("\0\0\0\0\0\0\0\0\r\n\r\n", 12),
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",  // no Host
      "GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\r\nHost x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  // TLS
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      std::string(20'000, '/'),
  };
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    garbage.push_back(i % 2 == 0 ? bytes : "GET / HTTP/1.1\r\n" + bytes + "\r\n\r\n");
  }
  std::vector<RawClient> clients;
  for (const std::string& bytes : garbage) {
    clients.push_back(world.ConnectTcp());
    clients.back().Send(bytes);
    world.Settle();
  }
  EXPECT_EQ(StatusOf(world.ExchangeTcp(kGet)), 200);
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }));
}

TEST(AbuseTest, OneConnectionTooManyIs503AndRootStillGetsIn) {
  Limits limits;
  limits.tcp_connections = 3;
  HttpWorld world(limits);
  std::vector<RawClient> held;
  for (int i = 0; i < 3; ++i) held.push_back(world.ConnectTcp());
  ASSERT_TRUE(world.Until([&] { return world.server->connections() == 3; }));
  const std::string refused = world.ExchangeTcp(kGet);
  EXPECT_EQ(StatusOf(refused), 503);
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  // The control socket has its own number.
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 200);
  held.pop_back();
  ASSERT_TRUE(world.Until([&] { return world.server->connections() == 2; }));
  EXPECT_EQ(StatusOf(world.ExchangeTcp(kGet)), 200);
}

TEST(AbuseTest, SomePlacesAreKeptForRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "becoming somebody else needs root";
  Limits limits;
  limits.local_connections = 4;
  limits.kept_for_root = 2;
  HttpWorld world(limits);
  ::chmod(world.dir.path().c_str(), 0755);
  ::chmod(world.path.c_str(), 0666);
  std::vector<RawClient> held;
  ASSERT_EQ(::seteuid(65534), 0);  // what the kernel notes about who connects
  for (int i = 0; i < 3; ++i) held.push_back(world.Connect());
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_TRUE(EndsWithin(world, held[2], milliseconds(1'000)));
  EXPECT_EQ(StatusOf(held[2].received), 503);
  EXPECT_EQ(world.server->connections(), 2U);
  EXPECT_EQ(StatusOf(world.Exchange(kGet)), 200);
}

TEST(AbuseTest, AStreamThatIsNotReadIsCutOffAndSaysSo) {
  HttpWorld world;
  const auto slow = std::make_shared<Stream>();
  const auto quick = std::make_shared<Stream>();
  world.answer = [&](const Request& request, Responder responder) {
    responder.Send(Lines(request.path == "/slow" ? slow : quick));
  };
  RawClient reader = world.Connect();
  reader.Send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
  RawClient sleeper = world.Connect();
  sleeper.Send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(world.Until([&] { return world.seen.size() == 2; }));

  const std::string line(1'000, 'e');
  int pushed = 0;
  ASSERT_TRUE(world.Until([&] {
    reader.Receive();
    EXPECT_TRUE(quick->Push(line));
    ++pushed;
    return !slow->Push(line);
  }));
  EXPECT_GT(pushed, 256);  // what the buffer holds, and the socket's before it

  // Whoever reads in the end finds what was taken in, whole, and why there is no more.
  ASSERT_TRUE(EndsWithin(world, sleeper, milliseconds(2'000)));
  EXPECT_THAT(sleeper.received, HasSubstr(std::string(Stream::kCutOffLine) + "\n"));
  EXPECT_TRUE(sleeper.received.ends_with("\r\n0\r\n\r\n"));
  EXPECT_TRUE(quick->Push("{}"));
}

TEST(AbuseTest, ACutOffStreamThatIsNeverReadIsClosed) {
  HttpWorld world(ShortLimits());
  const auto stream = std::make_shared<Stream>();
  world.answer = [&](const Request&, Responder responder) { responder.Send(Lines(stream)); };
  RawClient client = world.Connect();
  client.Send(kGet);
  ASSERT_TRUE(world.Until([&] { return world.seen.size() == 1; }));
  const std::string line(1'000, 'e');
  ASSERT_TRUE(world.Until([&] { return !stream->Push(line); }));
  EXPECT_TRUE(world.Until([&] { return world.server->connections() == 0; }, milliseconds(1'000)));
}

// F89: the last descriptors are for what the process is there for.
TEST(AbuseTest, ConnectionsNeverTakeTheLastDescriptors) {
  HttpWorld world(ShortLimits());
  RawClient first = world.Connect();
  RawClient second = world.Connect();
  io::LogWarning("descriptors are few now");  // see below
  const int next = ::dup(0);
  ASSERT_GE(next, 0);
  ::close(next);
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(next) + 5;  // one may be taken, four are kept
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  first.Send(kGet);
  second.Send(kGet);
  const bool ended = EndsWithin(world, second, milliseconds(1'000));
  world.Settle();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(ended);
  EXPECT_EQ(StatusOf(second.received), 503);
  ASSERT_TRUE(EndsWithin(world, first, milliseconds(1'000)));
  EXPECT_EQ(StatusOf(first.received), 200);
}

// A connection uses up a descriptor of ours; none left must not make the loop spin.
TEST(AbuseTest, WithoutDescriptorsItWaitsAndGoesOnLater) {
  HttpWorld world(ShortLimits());
  RawClient client = world.Connect();
  client.Send(kGet);
  // UBSan looks at an object of a new type through a pipe, which the log's must not need later.
  io::LogWarning("descriptors run out now");
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  world.Until([] { return false; }, milliseconds(100));
  EXPECT_EQ(world.server->connections(), 0U);
  EXPECT_GE(world.steps, 2);
  EXPECT_LE(world.steps, 20);  // once every 20 ms, and to set the timer
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(EndsWithin(world, client, milliseconds(1'000)));
  EXPECT_EQ(StatusOf(client.received), 200);
}

}  // namespace
}  // namespace reeve::http
