// SPDX-License-Identifier: Apache-2.0
#include "core/format/owner_mark.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/model/knob.h"
#include "unit/format/random_values.h"

namespace reeve::format {
namespace {

TEST(OwnerMark, ReadsLikeAText) {
  OwnerMark mark;
  mark.created = true;
  mark.policy_path = "web/api";
  mark.keys = {{"memory.max", ""}, {"my.file", "was 5\n"}};

  EXPECT_EQ(*FormatOwnerMark(mark),
            "reeve/1\n"
            "created\n"
            "path web/api\n"
            "set memory.max\n"
            "set my.file was%205%0A\n");
  EXPECT_EQ(*ParseOwnerMark(*FormatOwnerMark(mark)), mark);
}

TEST(OwnerMark, NothingSetIsAMarkToo) {
  EXPECT_EQ(*FormatOwnerMark(OwnerMark()), "reeve/1\npath \n");
  EXPECT_EQ(*ParseOwnerMark("reeve/1\npath \n"), OwnerMark());
}

TEST(OwnerMark, EveryByteSurvives) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  OwnerMark mark;
  mark.policy_path = every;
  std::string file = every;
  std::erase(file, '/');  // no file has one in its name
  mark.keys = {{file, every}, {"%41", "%"}};

  const std::string text = *FormatOwnerMark(mark);

  EXPECT_EQ(*ParseOwnerMark(text), mark);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789_.@+/:=,-% \n"),
            std::string::npos);
}

TEST(OwnerMark, AnyMarkSurvives) {
  RandomValues random(4);
  const auto text = [&] {
    std::string bytes;
    for (std::uint64_t i = random.Between(0, 12); i > 0; --i) {
      bytes += static_cast<char>(random.Between(0, 255));
    }
    return bytes;
  };
  const auto file = [&] {
    std::string name = "x" + text();
    std::erase(name, '/');
    return name;
  };
  for (int i = 0; i < 5'000; ++i) {
    OwnerMark mark;
    mark.created = random.Between(0, 1) == 1;
    mark.policy_path = text();
    for (std::uint64_t k = random.Between(0, 5); k > 0; --k) mark.keys[file()] = text();

    ASSERT_EQ(*ParseOwnerMark(*FormatOwnerMark(mark)), mark);
  }
}

TEST(OwnerMark, AnotherVersionIsNotOurs) {
  EXPECT_EQ(ParseOwnerMark("reeve/2\npath web\n").error().ToString(),
            "owner mark: unexpected \"reeve/2\"");
  EXPECT_EQ(ParseOwnerMark("").error().ToString(), "owner mark: something is missing");
}

TEST(OwnerMark, WhatReeveDoesNotWriteIsRefused) {
  for (std::string_view text : {"reeve/1\n",
                                "reeve/1\ncreated\n",
                                "reeve/1\npath a\npath b\n",
                                "reeve/1\ncreated\ncreated\npath a\n",
                                "reeve/1\npath a\nset\n",
                                "reeve/1\npath a\nset \n",
                                "reeve/1\npath a\nset a b c\n",
                                "reeve/1\npath a\nset a\nset a\n",
                                "reeve/1\npath %4\n",
                                "reeve/1\npath %4g\n",
                                "reeve/1\npath %4a\n",
                                "reeve/1\npath a\nfuture\n",
                                "reeve/1\npath a\"b\n",
                                "reeve/1\npath a\n\n",
                                " reeve/1\npath a\n",
                                "reeve/1\r\npath a\n"}) {
    const auto mark = ParseOwnerMark(text);
    ASSERT_FALSE(mark.has_value()) << text;
    EXPECT_EQ(mark.error().kind, ErrorKind::kInvalid);
  }
  EXPECT_EQ(ParseOwnerMark(std::string(4097, 'x')).error().ToString(),
            "owner mark: 4097 bytes are more than reeve writes");
}

TEST(OwnerMark, AKeyThatNoPolicyCanSetIsRefused) {
  for (std::string_view file : {"cgroup.procs", "cgroup.kill", "memory.reclaim", "..%2Fx", "a/b"}) {
    const auto mark = ParseOwnerMark(fmt::format("reeve/1\npath a\nset {} 1\n", file));
    EXPECT_FALSE(mark.has_value()) << file;
  }
}

TEST(OwnerMark, EveryKnownFileTogetherFits) {
  OwnerMark mark;
  mark.created = true;
  mark.policy_path = std::string(1024, 'p');
  for (const Knob& knob : AllKnobs()) mark.keys[std::string(knob.file)] = "";

  EXPECT_TRUE(FormatOwnerMark(mark).has_value());
}

TEST(OwnerMark, AMarkThatDoesNotFitIsAnErrorAndNotShortened) {
  OwnerMark mark;
  mark.policy_path = "web";
  mark.keys = {{"my.file", std::string(5000, 'x')}};

  const auto text = FormatOwnerMark(mark);

  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().kind, ErrorKind::kOutOfRange);
  EXPECT_EQ(text.error().ToString(),
            "owner mark: 5030 bytes to remember what reeve set here; 4096 fit");
}

}  // namespace
}  // namespace reeve::format
