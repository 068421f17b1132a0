// SPDX-License-Identifier: Apache-2.0
#include "edge/http/answer_parser.h"

#include <gtest/gtest.h>

namespace reeve::http {
namespace {

// Fed a few bytes at a time; the error, if any, is the first.
Result<std::string> Parse(std::string_view text, std::size_t at_once, int* status = nullptr) {
  AnswerParser parser;
  std::string body;
  for (std::size_t i = 0; i < text.size(); i += at_once) {
    REEVE_TRY_VOID(parser.Feed(text.substr(i, at_once)));
    body += parser.TakeBody();
  }
  REEVE_TRY_VOID(parser.FeedEnd());
  if (status != nullptr) *status = parser.status();
  return body;
}

void ExpectBody(std::string_view text, std::string_view body, int status) {
  for (const std::size_t at_once : {1U, 2U, 7U, 10'000U}) {
    int got = 0;
    const auto parsed = Parse(text, at_once, &got);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString() << "\n" << text;
    EXPECT_EQ(*parsed, body);
    EXPECT_EQ(got, status);
  }
}

TEST(AnswerParserTest, BodiesWithLengthInChunksAndUntilTheEnd) {
  ExpectBody("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200);
  ExpectBody("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", 200);
  ExpectBody(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, world...\r\n"
      "0\r\nTrailer: x\r\n\r\n",
      "hello, world...",
      200);
  ExpectBody("HTTP/1.0 503 Busy\r\n\r\nuntil the end", "until the end", 503);
  ExpectBody("HTTP/1.1 304\r\nContent-Length: 7\r\n\r\n", "", 304);
  ExpectBody("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", "", 204);
}

TEST(AnswerParserTest, WhatComesAfterTheEndIsLeftAlone) {
  ExpectBody("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500", "ok", 200);
}

TEST(AnswerParserTest, HeadersAreFoundByTheirLowerCaseName) {
  AnswerParser parser;
  ASSERT_TRUE(
      parser.Feed("HTTP/1.1 200 OK\r\nETag:  \"42\" \r\nX-A: 1\r\nX-A: 2\r\n\r\n").has_value());
  EXPECT_TRUE(parser.head_done());
  EXPECT_EQ(parser.Header("etag"), "\"42\"");
  EXPECT_EQ(parser.Header("x-a"), "1");
  EXPECT_EQ(parser.Header("x-b"), "");
}

TEST(AnswerParserTest, WhatIsNoAnswerIsInvalid) {
  for (const char* text : {
           "SSH-2.0-OpenSSH_9.2\r\n",
           "HTTP/2 200\r\n",
           "HTTP/1.1 2x0 OK\r\n",
           "HTTP/1.1 20\r\n",
           "HTTP/1.1 099 Low\r\n",
           "HTTP/1.1 2000\r\n",
           "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n",
       }) {
    const auto parsed = Parse(text, 3);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kInvalid) << text;
  }
  const auto endless = Parse("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), 1'000);
  EXPECT_EQ(endless.error().kind, ErrorKind::kInvalid);
}

TEST(AnswerParserTest, AnEndInTheMiddleIsNoticed) {
  for (const char* text :
       {"",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"}) {
    const auto parsed = Parse(text, 3);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kIo) << text;
  }
}

}  // namespace
}  // namespace reeve::http
