// SPDX-License-Identifier: Apache-2.0
#include "core/policy/yaml_tree.h"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using testing::FindingsText;
using testing::TextFile;

// "{a: 1, b: [x, 'y']}" of what was read; quoted texts in single quotes, nothing as ~.
std::string Flow(const YamlNode& node) {
  std::string text;
  switch (node.kind()) {
    case YamlNode::Kind::kNull:
      return "~";
    case YamlNode::Kind::kScalar:
      return node.quoted() ? fmt::format("'{}'", node.text()) : std::string(node.text());
    case YamlNode::Kind::kMap:
      for (std::size_t i = 0; i < node.size(); ++i) {
        text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", Flow(node.Key(i)), Flow(node.Value(i)));
      }
      return "{" + text + "}";
    case YamlNode::Kind::kSequence:
      for (std::size_t i = 0; i < node.size(); ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", Flow(node.Item(i)));
      }
      return "[" + text + "]";
  }
  return text;
}

struct Read {
  std::string trees;  // one document a line, `...` behind one that was cut short
  std::string findings;
};

Read ReadText(std::string_view text) {
  Findings findings;
  Read read;
  for (const YamlDocument& document : ReadYaml(TextFile("t.yaml", text), findings)) {
    read.trees += Flow(document.root()) + (document.truncated() ? " ...\n" : "\n");
  }
  read.findings = FindingsText(findings);
  return read;
}

std::string Place(const YamlNode& node) {
  const SourceMark mark = node.mark();
  return fmt::format("{}:{}+{}", mark.line, mark.column, mark.length);
}

TEST(YamlTree, ReadsBlockFlowAndQuotedForms) {
  const Read read = ReadText(
      "a: 1\n"
      "b:\n  - x\n  - \"y\\n\"\n"
      "c: {d: 'it''s', e: [true, \"\"]}\n"
      "f: |\n  one\n  two\n");

  EXPECT_EQ(read.findings, "");
  EXPECT_EQ(read.trees, "{a: 1, b: [x, 'y\n'], c: {d: 'it's', e: [true, '']}, f: 'one\ntwo\n'}\n");
}

TEST(YamlTree, EveryNodeKnowsItsPlaceInBytes) {
  Findings findings;
  const auto documents =
      ReadYaml(TextFile("t.yaml", "k\xc3\xa9y: \"q\"\nlist:\n- {a: 12}\n"), findings);

  const YamlNode root = documents.at(0).root();
  EXPECT_EQ(Place(root.Key(0)), "1:1+4");
  EXPECT_EQ(Place(root.Value(0)), "1:7+3");
  EXPECT_EQ(Place(root.Value(1)), "3:1+1");
  EXPECT_EQ(Place(root.Value(1).Item(0)), "3:3+1");
  EXPECT_EQ(Place(root.Value(1).Item(0).Value(0)), "3:7+2");
}

TEST(YamlTree, AnAbsentValueIsMarkedAtItsKeyOrItem) {
  Findings findings;
  const auto documents =
      ReadYaml(TextFile("t.yaml", "empty:\nnull_word: null\nitems:\n  -\n  - 1\n"), findings);

  const YamlNode root = documents.at(0).root();
  EXPECT_TRUE(root.Value(0).IsNull());
  EXPECT_EQ(Place(root.Value(0)), "1:1+5");
  EXPECT_EQ(Place(root.Value(1)), "2:12+4");
  EXPECT_EQ(Place(root.Value(2).Item(0)), "4:3+1");
}

TEST(YamlTree, AByteOrderMarkIsPassedOverAndColumnsStayTrueToTheBytes) {
  Findings findings;
  const auto documents = ReadYaml(TextFile("t.yaml",
                                           "\xef\xbb\xbf"
                                           "a: 1\nb: 2\n"),
                                  findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(Place(documents.at(0).root().Key(0)), "1:4+1");
  EXPECT_EQ(Place(documents.at(0).root().Key(1)), "2:1+1");
}

TEST(YamlTree, WindowsLineEndsAreLineEnds) {
  const Read read = ReadText("a: 1\r\nb: |\r\n  x\r\n");

  EXPECT_EQ(read.findings, "");
  EXPECT_EQ(read.trees, "{a: 1, b: 'x\n'}\n");
}

TEST(YamlTree, AllDocumentsOfAFileAreRead) {
  EXPECT_EQ(ReadText("a: 1\n---\nb: 2\n...\n# end\n---\n---\n- 3\n").trees,
            "{a: 1}\n{b: 2}\n[3]\n");
  EXPECT_EQ(ReadText("%YAML 1.2\n---\na: 1\n").trees, "{a: 1}\n");
  EXPECT_EQ(ReadText("--- {a: 1}\n--- {b: 2}\n").trees, "{a: 1}\n{b: 2}\n");
}

TEST(YamlTree, EmptyTextsHaveNoDocument) {
  EXPECT_EQ(ReadText("").trees, "");
  EXPECT_EQ(ReadText("# only a comment\n").trees, "");
  EXPECT_EQ(ReadText("---\n~\n").trees, "");
}

TEST(YamlTree, JsonIsYaml) {
  EXPECT_EQ(ReadText("{\"a\": [1, {\"b\": null}],\n \"c\":true}\n").trees,
            "{'a': [1, {'b': ~}], 'c': true}\n");
}

TEST(YamlTree, AliasesStandForTheirAnchor) {
  Findings findings;
  const auto documents =
      ReadYaml(TextFile("t.yaml", "a: &x {b: [1, 2]}\nc: *x\nd: &s text\ne: *s\n"), findings);

  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(Flow(documents.at(0).root()), "{a: {b: [1, 2]}, c: {b: [1, 2]}, d: text, e: text}");
  EXPECT_EQ(Place(documents.at(0).root().Value(1)), "1:7+1") << "the place of the anchor's text";
}

TEST(YamlTree, BothPlacesOfADuplicateKeyAreNamed) {
  const Read read = ReadText("a: 1\nb: 2\n\"a\": 3\nc: {d: 1, d: 2}\na: 4\n");

  EXPECT_EQ(read.findings,
            "t.yaml:3:1-3 R0102 the key `a` stands here twice\n"
            "  hint: keep one of the two\n"
            "  also: t.yaml:1:1 the first one\n"
            "t.yaml:4:11 R0102 the key `d` stands here twice\n"
            "  hint: keep one of the two\n"
            "  also: t.yaml:4:5 the first one\n"
            "t.yaml:5:1 R0102 the key `a` stands here twice\n"
            "  hint: keep one of the two\n"
            "  also: t.yaml:1:1 the first one\n");
  EXPECT_EQ(read.trees, "{a: 1, b: 2, c: {d: 1}}\n");
}

TEST(YamlTree, TagsAndMergeKeysAreRefusedInPlace) {
  const Read read = ReadText("a: !!str 1\n<<: {b: 2}\nc: ! x\n");

  EXPECT_EQ(read.findings,
            "t.yaml:1:4-8 R0112 tags are not allowed: `!!str`\n"
            "  hint: remove it, or put the value in quotes\n"
            "t.yaml:2:1-2 R0113 merge keys (`<<`) are not supported\n"
            "  hint: name what is shared as a profile and take it with use: [NAME]\n"
            "t.yaml:3:4 R0112 tags are not allowed: `!`\n"
            "  hint: remove it, or put the value in quotes\n");
  EXPECT_EQ(read.trees, "{a: 1, c: x}\n");
}

TEST(YamlTree, KeysAreSingleWords) {
  const Read read = ReadText("? [x, {y: z}]\n: 1\na: &w 1\n*w : 2\n\"\": 3\n~: 4\n");

  EXPECT_EQ(read.findings,
            "t.yaml:1:3 R0124 a map or list cannot be a key\n"
            "  hint: a key is a single word\n"
            "t.yaml:4:1-2 R0124 an alias cannot be a key\n"
            "  hint: a key is a single word\n"
            "t.yaml:5:1-2 R0124 the key is empty\n"
            "  hint: a key is a single word\n"
            "t.yaml:6:1 R0124 the key is empty\n"
            "  hint: a key is a single word\n");
  EXPECT_EQ(read.trees, "{a: 1}\n");
}

TEST(YamlTree, ASelfAliasEndsTheDocument) {
  const Read read = ReadText("a: &x [1, *x]\nb: 2\n---\nc: 3\n");

  EXPECT_EQ(read.findings,
            "t.yaml:1:11-12 R0123 `*x` stands inside the value that it names, which so never ends\n"
            "  hint: name what is shared as a profile and take it with use: [NAME]\n"
            "  also: t.yaml:1:7 the value begins here\n"
            "  note: this document cannot be read further; line 2 was not judged\n");
  EXPECT_EQ(read.trees, "{a: [1]} ...\n{c: 3}\n");
}

TEST(YamlTree, AliasesReachIntoNoOtherDocument) {
  EXPECT_EQ(
      ReadText("a: &x 1\n---\nb: *x\n").findings,
      "t.yaml:3:4-5 R0123 `*x` names no anchor (`&x`) of this document\n"
      "  hint: a pattern that begins with `*` goes in quotes; aliases do not reach into other "
      "documents\n"
      "  note: this document cannot be read further\n");
}

TEST(YamlTree, AliasesHaveABudget) {
  std::string text = "a: &a [" + std::string(2 * 997, '1') + "]\n";
  for (std::size_t i = 8; i < text.size() - 2; i += 2) text[i] = ',';  // 997 items: 998 nodes
  for (int i = 0; i < 10; ++i) text += fmt::format("b{}: *a\n", i);
  EXPECT_EQ(ReadText(text).findings, "");

  text += "c: *a\n";
  EXPECT_EQ(ReadText(text).findings,
            "t.yaml:12:4-5 R0108 the aliases of this document stand for more than 10000 values\n"
            "  hint: name what is shared as a profile and take it with use: [NAME]\n"
            "  note: this document cannot be read further\n");
}

TEST(YamlTree, DepthCountsWhatAliasesAdd) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 40; ++i) text += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);

  EXPECT_EQ(ReadText(text).findings,
            "t.yaml:32:12 R0106 maps and lists lie more than 32 deep\n"
            "  note: this document cannot be read further; lines 33 to 40 were not judged\n");
}

TEST(YamlTree, ThirtyTwoLevelsAreReadAndOneMoreIsNot) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']') + "\n";
  };
  EXPECT_EQ(ReadText(nested(32)).findings, "");
  EXPECT_EQ(ReadText(nested(33)).findings,
            "t.yaml:1:33 R0106 maps and lists lie more than 32 deep\n"
            "  note: this document cannot be read further\n");
}

TEST(YamlTree, AfterASyntaxErrorTheNextDocumentGoesOn) {
  const Read read = ReadText("a: 1\nb: x: y\nc: 3\nd: 4\n\n---\ne: 5\nf: [\n");

  EXPECT_EQ(read.findings,
            "t.yaml:2:5 R0109 this `:` belongs to no key\n"
            "  hint: a key stands in a line of its own, indented like its neighbours; a value that "
            "holds `: ` goes in quotes\n"
            "  note: this document cannot be read further; lines 3 to 4 were not judged\n"
            "t.yaml:9:1 R0109 `,` or `]` is missing before this\n"
            "  also: t.yaml:8:4 opened here\n"
            "  note: this document cannot be read further\n");
  EXPECT_EQ(read.trees, "{a: 1} ...\n{e: 5, f: []} ...\n");
}

}  // namespace
}  // namespace reeve::policy
