// SPDX-License-Identifier: Apache-2.0
// What people get to read when a text is no YAML, kind by kind. The note is the same for all and
// stands in yaml_tree_test.cc.
#include <gtest/gtest.h>

#include <string>

#include "core/policy/yaml_tree.h"
#include "support/findings_text.h"

namespace reeve::policy {
namespace {

// The findings without the line `note: this document cannot be read further ...`.
std::string Wrong(std::string_view text) {
  Findings findings;
  ReadYaml(testing::TextFile("t.yaml", text), findings);
  std::string shown = testing::FindingsText(findings);
  for (std::size_t note; (note = shown.find("  note: this document")) != std::string::npos;) {
    shown.erase(note, shown.find('\n', note) + 1 - note);
  }
  return shown;
}

constexpr std::string_view kNoKey =
    "  hint: a key stands in a line of its own, indented like its neighbours; a value that holds "
    "`: ` "
    "goes in quotes\n";

TEST(YamlSyntax, F99_PlainValuesWithASpecialStart) {
  EXPECT_EQ(Wrong("when: {user: @staff}\n"),
            "t.yaml:1:14-19 R0110 `@` cannot start a plain YAML value\n"
            "  hint: for \"is in the group staff\" write {group: staff}\n");
  EXPECT_EQ(Wrong("a: @b\n"),
            "t.yaml:1:4-5 R0110 `@` cannot start a plain YAML value\n"
            "  hint: put it in quotes: \"@b\"\n");
  EXPECT_EQ(Wrong("a: %b c\n"),
            "t.yaml:1:4-5 R0110 `%` cannot start a plain YAML value\n"
            "  hint: put the value in quotes\n");
  EXPECT_EQ(Wrong("a: `b`\n"),
            "t.yaml:1:4-6 R0110 a backtick cannot start a plain YAML value\n"
            "  hint: put it in quotes: \"`b`\"\n");
  EXPECT_EQ(
      Wrong("a: |b\n"),
      "t.yaml:1:5 R0110 | and > begin a text of several lines, which starts in the next line\n"
      "  hint: put the value in quotes\n");
  EXPECT_EQ(
      Wrong("exe: */bin/x\n"),
      "t.yaml:1:6-12 R0123 `*/bin/x` names no anchor (`&/bin/x`) of this document\n"
      "  hint: a pattern that begins with `*` goes in quotes; aliases do not reach into other "
      "documents\n");
}

TEST(YamlSyntax, F99_TabsInTheIndentation) {
  const std::string tab = " R0111 a tab in the indentation\n  hint: indent with spaces\n";
  EXPECT_EQ(Wrong("a:\n\tb: 1\n"), "t.yaml:2:1" + tab);
  EXPECT_EQ(Wrong("\ta: 1\n"), "t.yaml:1:1" + tab);
  EXPECT_EQ(Wrong("a:\n  b: 1\n  \tc: 2\n"), "t.yaml:3:3" + tab);
  EXPECT_EQ(Wrong("a: 1\t# a tab elsewhere is a blank\nb: [\t2]\n"), "");
}

TEST(YamlSyntax, F99_ColonsTooManyAndTooFew) {
  EXPECT_EQ(Wrong("a: b: c\n"),
            "t.yaml:1:5 R0109 this `:` belongs to no key\n" + std::string(kNoKey));
  EXPECT_EQ(Wrong("a: 1\n b: 2\n"),
            "t.yaml:2:3 R0109 this `:` belongs to no key\n" + std::string(kNoKey));
  EXPECT_EQ(Wrong("a: 1\nb 2\nc: 3\n"),
            "t.yaml:3:2 R0109 this `:` belongs to no key\n" + std::string(kNoKey) +
                "  also: t.yaml:2:1 a `:` is missing here\n");
  EXPECT_EQ(Wrong("a: 1\n\n:\n"),
            "t.yaml:3:1 R0124 the key is empty\n  hint: a key is a single word\n");
}

TEST(YamlSyntax, F99_BracketsAndQuotes) {
  EXPECT_EQ(Wrong("a: {b: 1\n c: 2}\n"),
            "t.yaml:2:3 R0109 `,` or `}` is missing before this\n"
            "  also: t.yaml:1:4 opened here\n");
  EXPECT_EQ(Wrong("a: [1, 2\nb: 3\n"),
            "t.yaml:2:2 R0109 `,` or `]` is missing before this\n"
            "  also: t.yaml:1:4 opened here\n");
  EXPECT_EQ(Wrong("a: }b\n"), "t.yaml:1:4 R0109 this bracket closes nothing that is open\n");
  EXPECT_EQ(Wrong("a: \"x\nb: 3\n"), "t.yaml:1:4 R0109 this quote is never closed\n");
  EXPECT_EQ(Wrong("a: 'x\n"), "t.yaml:1:4 R0109 this quote is never closed\n");
  EXPECT_EQ(Wrong("a: \"x\n---\nb: \"y\"\n"), "t.yaml:1:4 R0109 this quote is never closed\n");
  EXPECT_EQ(Wrong("a: \"\\d\"\n"),
            "t.yaml:1:7 R0109 this `\\` escapes nothing\n"
            "  hint: inside \"...\" a backslash is written `\\\\`; '...' takes everything as it "
            "stands\n");
  EXPECT_EQ(
      Wrong("a: \"x\" y\n"),
      "t.yaml:1:8 R0109 this fits neither the map above it nor what is around it\n"
      "  hint: indent it like the entries it belongs to; a value that begins with a quote ends "
      "with it\n");
}

TEST(YamlSyntax, F99_DirectivesAreNotPassedOver) {
  const std::string hint = "  hint: a key or value that begins with `%` goes in quotes\n";
  EXPECT_EQ(
      Wrong("# first\n\n%TAG ! x:\n---\na: 1\n"),
      "t.yaml:3:1-9 R0109 a line that begins with `%` is a directive, which is not supported\n" +
          hint);
  EXPECT_EQ(
      Wrong("%a: 1\nb: 2\n"),
      "t.yaml:1:1-5 R0109 a line that begins with `%` is a directive, which is not supported\n" +
          hint);
  EXPECT_EQ(
      Wrong("a: 1\na: 2\n%   b: 3\n"),
      "t.yaml:2:1 R0102 the key `a` stands here twice\n"
      "  hint: keep one of the two\n"
      "  also: t.yaml:1:1 the first one\n"
      "t.yaml:3:1-8 R0109 a line that begins with `%` is a directive, which is not supported\n" +
          hint);
  EXPECT_EQ(Wrong("%YAML 1.1\n---\na: 1\n"), "");
}

TEST(YamlSyntax, F99_MapsAndListsMixed) {
  EXPECT_EQ(
      Wrong("a: 1\n- b\n"),
      "t.yaml:2:1 R0109 this fits neither the map above it nor what is around it\n"
      "  hint: indent it like the entries it belongs to; a value that begins with a quote ends "
      "with it\n");
  EXPECT_EQ(Wrong("a: - b\n"),
            "t.yaml:1:4 R0109 a `- ` item cannot begin here\n"
            "  hint: a list begins in the line below its key; inside [...] items are separated by "
            "commas\n");
  EXPECT_EQ(Wrong("- a\nb: 1\n"),
            "t.yaml:2:1 R0109 the document has ended before this\n"
            "  hint: a second document begins with a line `---`\n");
}

}  // namespace
}  // namespace reeve::policy
