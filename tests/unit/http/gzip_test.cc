// SPDX-License-Identifier: Apache-2.0
#include "edge/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "unit/http/http_world.h"

namespace reeve::http {
namespace {

class Given final : public Pieces {
 public:
  explicit Given(std::deque<std::string> pieces, bool whole = true)
      : pieces_(std::move(pieces)), whole_(whole) {}

  std::optional<std::string_view> Next() override {
    if (pieces_.empty()) return whole_ ? std::optional<std::string_view>("") : std::nullopt;
    ++taken;
    piece_ = std::move(pieces_.front());
    pieces_.pop_front();
    return piece_;
  }

  int taken = 0;

 private:
  std::deque<std::string> pieces_;
  bool whole_;
  std::string piece_;
};

// What a client reads out of it; "broken" unless it is one whole gzip member.
std::string Unpack(const std::string& packed) {
  z_stream stream = {};
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) return "broken";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int result = Z_OK;
  while (result == Z_OK) {
    std::array<char, 65536> room;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    result = ::inflate(&stream, Z_NO_FLUSH);
    text.append(room.data(), room.size() - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  ::inflateEnd(&stream);
  return whole ? text : "broken";
}

std::string Lines(int from, int count) {
  std::string text;
  for (int i = from; i < from + count; ++i) {
    text += "reeve_cgroup_memory_usage_bytes{cgroup=\"customers/c" + std::to_string(i) + "\"} " +
            std::to_string(i * 7919) + "\n";
  }
  return text;
}

Response Of(std::shared_ptr<Given> pieces) {
  Response response;
  response.pieces = std::move(pieces);
  return response;
}

TEST(Gzip, IsTheSameTextInFewerBytesAndInPieces) {
  std::deque<std::string> pieces;
  std::string plain;
  for (int i = 0; i < 200; ++i) {
    pieces.push_back(Lines(i * 300, 300));
    plain += pieces.back();
  }
  const auto given = std::make_shared<Given>(pieces);
  Response response = Of(given);

  Gzip(response);

  EXPECT_EQ(given->taken, 1) << "the rest is made while it is sent";
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Content-Encoding");
  EXPECT_EQ(response.headers[0].second, "gzip");
  std::string packed;
  std::size_t longest = 0;
  for (auto piece = response.pieces->Next(); !piece->empty(); piece = response.pieces->Next()) {
    longest = std::max(longest, piece->size());
    packed += *piece;
  }
  EXPECT_EQ(*response.pieces->Next(), "");
  EXPECT_TRUE(Unpack(packed) == plain);
  EXPECT_LT(packed.size(), plain.size() / 6);
  EXPECT_LT(longest, 64'000U);
}

TEST(Gzip, WhatIsShortIsSentPlain) {
  const auto given = std::make_shared<Given>(std::deque<std::string>{"a 1\n", Lines(0, 40)});
  Response response = Of(given);

  Gzip(response);

  EXPECT_EQ(response.pieces, nullptr);
  ASSERT_NE(response.body, nullptr);
  EXPECT_EQ(*response.body, "a 1\n" + Lines(0, 40));
  EXPECT_TRUE(response.headers.empty());
}

TEST(Gzip, WhatIsGivenUpDoesNotEndWell) {
  Response response = Of(std::make_shared<Given>(std::deque<std::string>{Lines(0, 100)}, false));
  Gzip(response);
  std::string packed;
  auto piece = response.pieces->Next();
  for (; piece && !piece->empty(); piece = response.pieces->Next()) packed += *piece;
  EXPECT_FALSE(piece.has_value());
  EXPECT_EQ(Unpack(packed), "broken");

  Response at_once = Of(std::make_shared<Given>(std::deque<std::string>{"a 1\n"}, false));
  Gzip(at_once);
  ASSERT_NE(at_once.pieces, nullptr);
  EXPECT_FALSE(at_once.pieces->Next().has_value());
}

TEST(Gzip, ArrivesWholeAndNamedSo) {
  HttpWorld world;
  std::string asked;
  world.answer = [&](const Request& request, Responder responder) {
    asked = request.accept_encoding;
    Response response =
        Of(std::make_shared<Given>(std::deque<std::string>{Lines(0, 3000), Lines(5, 3000)}));
    Gzip(response);
    responder.Send(std::move(response));
  };

  const std::string received =
      world.Exchange("GET / HTTP/1.0\r\nHost: x\r\nAccept-Encoding: gzip;q=1\r\n\r\n");

  EXPECT_EQ(asked, "gzip;q=1");
  EXPECT_NE(received.find("\r\nContent-Encoding: gzip\r\n"), std::string::npos);
  const std::size_t body = received.find("\r\n\r\n") + 4;
  EXPECT_TRUE(Unpack(received.substr(body)) == Lines(0, 3000) + Lines(5, 3000));
}

}  // namespace
}  // namespace reeve::http
