// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_scan.h"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "core/policy/load.h"
#include "core/policy/yaml_tree.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using namespace std::string_view_literals;

std::string Refused(std::string_view text) {
  Findings findings;
  const auto file = testing::TextFile("t.yaml", text);
  EXPECT_TRUE(ReadYaml(file, findings).empty());
  std::string shown = testing::FindingsText(findings);
  const std::string note = "  note: nothing of this file was judged\n";
  EXPECT_TRUE(shown.ends_with(note)) << shown;
  return shown.substr(0, shown.size() - std::min(note.size(), shown.size()));
}

std::string Chunks(std::string_view text) {
  Findings findings;
  std::string shown;
  for (const YamlChunk& chunk : ScanYaml(testing::TextFile("t.yaml", text), findings)) {
    shown += fmt::format(
        "{}+{} lines {}-{}\n", chunk.offset, chunk.size, chunk.first_line, chunk.last_line);
  }
  return shown;
}

TEST(YamlScan, ControlBytesAreNoText) {
  EXPECT_EQ(Refused("a: 1\nb: x\0y\n"sv),
            "t.yaml:2:5 R0104 the control byte 0x00 stands here; this is no text\n");
  EXPECT_EQ(Refused("a: \x1b[31m\n"),
            "t.yaml:1:4 R0104 the control byte 0x1b stands here; this is no text\n");
  EXPECT_EQ(Refused("a: \x7f\n"),
            "t.yaml:1:4 R0104 the control byte 0x7f stands here; this is no text\n");
  EXPECT_EQ(Refused("a: 1\rb: 2\n"),
            "t.yaml:1:5 R0104 a carriage return stands alone\n"
            "  hint: end lines with a newline: tr '\\r' '\\n' < OLD > NEW\n");
}

TEST(YamlScan, KnownKindsOfFilesAreNamed) {
  EXPECT_EQ(Refused("\x7f"
                    "ELF\x02\x01\x01\0"sv),
            "t.yaml:1:1 R0104 this is a program, no policy\n");
  EXPECT_EQ(Refused("PK\x03\x04"), "t.yaml:1:3 R0104 this is a zip file, no policy\n");
}

TEST(YamlScan, OtherEncodingsAreRefused) {
  const std::string utf16 =
      "t.yaml:1:1 R0105 the file is UTF-16 or UTF-32; policies are UTF-8\n"
      "  hint: convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW\n";
  EXPECT_EQ(Refused("\xff\xfe"
                    "a\0:\0"sv),
            utf16);
  EXPECT_EQ(Refused("\xfe\xff\0a\0:"sv), utf16);
  EXPECT_EQ(Refused("a\0:\0 \0"sv), utf16);
  EXPECT_EQ(Refused("\0a\0:\0 "sv), utf16);
  EXPECT_EQ(Refused("\xff\xfe\0\0"sv), utf16);
  EXPECT_EQ(Refused("a: caf\xe9\n"),
            "t.yaml:1:7 R0105 the byte 0xe9 is not UTF-8\n"
            "  hint: convert it: iconv -f ISO-8859-1 -t UTF-8 OLD > NEW\n");
}

TEST(YamlScan, IllFormedUtf8IsRefused) {
  for (const std::string_view bytes : {"\xc0\xaf"sv,          // overlong
                                       "\xe0\x80\xaf"sv,      // overlong
                                       "\xed\xa0\x80"sv,      // surrogate
                                       "\xf4\x90\x80\x80"sv,  // above U+10FFFF
                                       "\x80"sv,              // continuation alone
                                       "\xe2\x82"sv}) {       // cut off
    EXPECT_NE(Refused("a: " + std::string(bytes) + "\n").find("R0105"), std::string::npos);
  }
}

TEST(YamlScan, WhatCannotBeSeenIsRefused) {
  EXPECT_EQ(Refused("a: b\xe2\x80\xae"
                    "c\n"),
            "t.yaml:1:5-7 R0129 U+202E stands here, which cannot be seen\n"
            "  hint: remove it\n");
  EXPECT_EQ(Refused("a: \xc2\x85\n").substr(0, 18), "t.yaml:1:4-5 R0129");
  EXPECT_EQ(Refused("a: \xef\xbb\xbf\n").substr(0, 18), "t.yaml:1:4-6 R0129");
}

TEST(YamlScan, OrdinaryTextsOfAllLanguagesPass) {
  Findings findings;
  ReadYaml(testing::TextFile(
               "t.yaml",
               "a: \"gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\x91\xa9\xe2\x80\x8d"
               "\xf0\x9f\x92\xbb\"\n"),
           findings);
  EXPECT_EQ(testing::FindingsText(findings), "");
}

TEST(YamlScan, EightMebibytesAreReadAndOneByteMoreIsNot) {
  Findings findings;
  std::string text = "a: 1\n#";
  text.resize(kMaxFileBytes, 'x');
  for (std::size_t i = 1000; i < text.size(); i += 1000) text[i - 1] = '\n', text[i] = '#';
  ReadYaml(testing::TextFile("t.yaml", text), findings);
  EXPECT_EQ(testing::FindingsText(findings), "");

  EXPECT_EQ(Refused(text + "x"),
            "t.yaml:1:1 R0103 the file has 8388609 bytes; a policy file may have 8388608 (8 MiB)\n"
            "  hint: write many similar cgroups as a template: for_each: {file: NAME.csv}\n");
}

TEST(YamlScan, ValuesAreCountedBeforeTheyAreRead) {
  std::string text;
  for (int i = 0; text.size() < 2 * (kMaxYamlNodes + 2); ++i) text += "[,";
  EXPECT_EQ(Refused(text),
            "t.yaml:1:500001 R0108 the file holds more than 500000 values\n"
            "  hint: write many similar cgroups as a template: for_each: {file: NAME.csv}\n");
}

TEST(YamlScan, DocumentsAreFoundByTheirLine) {
  EXPECT_EQ(Chunks("a: 1\n\n---\nb: 2\n"), "0+6 lines 1-1\n6+9 lines 3-4\n");
  EXPECT_EQ(Chunks("---\na: 1\n...\nb: 2"), "0+13 lines 1-3\n13+4 lines 4-4\n");
  EXPECT_EQ(Chunks("a: x---\n--- b\n----\n ---\n---"),
            "0+8 lines 1-1\n8+16 lines 2-4\n24+3 lines 5-5\n");
  EXPECT_EQ(Chunks("\xef\xbb\xbf---\n"), "3+4 lines 1-1\n");
}

}  // namespace
}  // namespace reeve::policy
