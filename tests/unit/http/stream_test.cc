// SPDX-License-Identifier: Apache-2.0
#include "edge/http/stream.h"

#include <gtest/gtest.h>

namespace reeve::http {
namespace {

std::string TakeAll(Stream& stream, std::size_t at_once) {
  std::string all;
  std::string buffer(at_once, '\0');
  while (const std::size_t count = stream.Take(buffer.data(), at_once))
    all.append(buffer, 0, count);
  return all;
}

TEST(StreamTest, LinesComeOutAsTheyWentInWhateverTheRoom) {
  for (const std::size_t room : {1U, 3U, 100U}) {
    Stream stream;
    EXPECT_TRUE(stream.Push("one"));
    EXPECT_TRUE(stream.Push(""));
    EXPECT_EQ(TakeAll(stream, room), "one\n\n");
    EXPECT_TRUE(stream.Push("two"));
    EXPECT_EQ(TakeAll(stream, room), "two\n");
    EXPECT_TRUE(stream.open());
  }
}

TEST(StreamTest, ASlowReaderIsCutOffWithALineThatSaysSo) {
  Stream stream("cut off", 12);
  EXPECT_TRUE(stream.Push("12345"));
  EXPECT_TRUE(stream.Push("12345"));
  EXPECT_FALSE(stream.Push(""));
  EXPECT_FALSE(stream.open());
  EXPECT_FALSE(stream.Push("more"));
  EXPECT_EQ(TakeAll(stream, 4), "12345\n12345\ncut off\n");
  EXPECT_TRUE(stream.finished());
}

TEST(StreamTest, WhatWasTakenMakesRoom) {
  Stream stream("cut off", 10);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(stream.Push("123456789"));
    EXPECT_EQ(TakeAll(stream, 7), "123456789\n");
  }
}

TEST(StreamTest, TheServerIsToldOfEveryChangeUntilTheClientHasGone) {
  Stream stream;
  int changes = 0;
  stream.OnChange([&] { ++changes; });
  stream.Push("one");
  EXPECT_EQ(changes, 1);
  stream.Finish();
  stream.Finish();
  EXPECT_EQ(changes, 2);

  Stream other;
  other.OnChange([&] { ++changes; });
  other.Abandon();
  EXPECT_FALSE(other.Push("one"));
  other.Finish();
  EXPECT_EQ(changes, 2);
}

}  // namespace
}  // namespace reeve::http
