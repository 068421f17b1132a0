// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_diagnostic.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reeve::show {
namespace {

using policy::Diagnostic;
using policy::Severity;

std::shared_ptr<const SourceFile> File(std::string text, std::string name = "web.yaml") {
  return std::make_shared<const SourceFile>(SourceFile{std::move(name), std::move(text), 1, ""});
}

SourceMark At(const std::shared_ptr<const SourceFile>& file,
              std::uint32_t line,
              std::uint32_t column,
              std::uint32_t length) {
  return {file, line, column, length};
}

std::string Render(const Diagnostic& diagnostic) {
  return RenderDiagnostic(diagnostic, Paint(false));
}

Diagnostic Error(SourceMark mark, std::string message = "that is wrong") {
  return {Severity::kError, "R0204", std::move(mark), std::move(message), "", std::nullopt, ""};
}

TEST(RenderDiagnostic, ShowsPlaceLineCaretRelatedPlaceAndHint) {
  const auto file = File(std::string(11, '\n') + "    memory.max: 4GiB\n\n    memory.high: 6GiB\n");
  Diagnostic d{Severity::kError,
               "R0107",
               At(file, 14, 18, 4),
               "memory.high is above memory.max",
               "lower memory.high, or drop memory.max",
               policy::RelatedPlace{At(file, 12, 17, 4), "the limit it can never reach"},
               ""};

  EXPECT_EQ(Render(d),
            "web.yaml:14:18: error[R0107]: memory.high is above memory.max\n"
            "   14 |     memory.high: 6GiB\n"
            "      |                  ^~~~\n"
            "   12 |     memory.max: 4GiB\n"
            "      |                 ---- the limit it can never reach\n"
            "   hint: lower memory.high, or drop memory.max\n");
}

TEST(RenderDiagnostic, SaysWhatWasNotJudged) {
  const auto file = File("a: @staff\n", "20-login.yaml");
  Diagnostic d = Error(At(file, 1, 4, 6), "`@` cannot start a plain YAML value");
  d.note = "this document cannot be read further; lines 2 to 61 were not judged";
  d.hint = "for \"is in the group staff\" write {group: staff}";

  EXPECT_EQ(Render(d),
            "20-login.yaml:1:4: error[R0204]: `@` cannot start a plain YAML value\n"
            "    1 | a: @staff\n"
            "      |    ^~~~~~\n"
            "   hint: for \"is in the group staff\" write {group: staff}\n"
            "   note: this document cannot be read further; lines 2 to 61 were not judged\n");
}

TEST(RenderDiagnostic, WrapsALongHintUnderItsFirstWord) {
  Diagnostic d = Error({});
  d.hint =
      "in the last 7 days one login had up to 148 threads; 100 would have hit 31 people "
      "(known here only because the daemon runs)";

  EXPECT_EQ(
      Render(d),
      "error[R0204]: that is wrong\n"
      "   hint: in the last 7 days one login had up to 148 threads; 100 would have hit 31 people "
      "(known\n"
      "         here only because the daemon runs)\n");
}

TEST(RenderDiagnostic, PutsTheCaretRightBehindTabsAndWideCharacters) {
  const auto tab = File("\tcpu.max: 4\n");
  const auto wide = File("\xe6\x9d\xb1\xe4\xba\xac: K\xc3\xb6ln\n");

  EXPECT_EQ(Render(Error(At(tab, 1, 11, 1))),
            "web.yaml:1:11: error[R0204]: that is wrong\n"
            "    1 |         cpu.max: 4\n"
            "      |                  ^\n");
  EXPECT_EQ(Render(Error(At(wide, 1, 9, 5))),
            "web.yaml:1:9: error[R0204]: that is wrong\n"
            "    1 | \xe6\x9d\xb1\xe4\xba\xac: K\xc3\xb6ln\n"
            "      |       ^~~~\n");
}

TEST(RenderDiagnostic, EscapesWhatThePolicyHoldsAndStillMarksIt) {
  const auto file = File("a: \x1b]0;pwned\x07 b: 1\n", "\x1bweb.yaml");

  EXPECT_EQ(Render(Error(At(file, 1, 15, 1))),
            "\\x1bweb.yaml:1:15: error[R0204]: that is wrong\n"
            "    1 | a: \\x1b]0;pwned\\x07 b: 1\n"
            "      |                     ^\n");
}

TEST(RenderDiagnostic, MarksAtLeastOneColumnAtTheEndOfALine) {
  const auto file = File("cpu.max:\r\nx: 1");

  EXPECT_EQ(Render(Error(At(file, 1, 9, 1))),
            "web.yaml:1:9: error[R0204]: that is wrong\n"
            "    1 | cpu.max:\n"
            "      |         ^\n");
}

TEST(RenderDiagnostic, NeverUnderlinesBeyondTheLine) {
  const auto file = File("a: |\n  text\n");

  EXPECT_EQ(Render(Error(At(file, 1, 4, 500))),
            "web.yaml:1:4: error[R0204]: that is wrong\n"
            "    1 | a: |\n"
            "      |    ^\n");
}

TEST(RenderDiagnostic, ShowsThePartOfALongLineThatMatters) {
  const auto early = File("key: " + std::string(300, 'v'));
  const auto late = File(std::string(300, 'k') + ": bad" + std::string(300, 'v'));

  EXPECT_EQ(Render(Error(At(early, 1, 1, 3))),
            "web.yaml:1:1: error[R0204]: that is wrong\n"
            "    1 | key: " +
                std::string(84, 'v') +
                "...\n"
                "      | ^~~\n");
  EXPECT_EQ(Render(Error(At(late, 1, 303, 3))),
            "web.yaml:1:303: error[R0204]: that is wrong\n"
            "    1 | ..." +
                std::string(28, 'k') + ": bad" + std::string(53, 'v') +
                "...\n"
                "      | " +
                std::string(33, ' ') + "^~~\n");
}

TEST(RenderDiagnostic, NamesTheOtherFileOfARelatedPlace) {
  Diagnostic d = Error(At(File("a: 1\n"), 1, 4, 1), "web is set twice");
  d.related = policy::RelatedPlace{At(File("b: 22\n", "10-base.yaml"), 1, 4, 2), "here it is 22"};

  EXPECT_EQ(Render(d),
            "web.yaml:1:4: error[R0204]: web is set twice\n"
            "    1 | a: 1\n"
            "      |    ^\n"
            "   10-base.yaml:1:4:\n"
            "    1 | b: 22\n"
            "      |    -- here it is 22\n");
}

TEST(RenderDiagnostic, AddsColourOnlyAroundTheWords) {
  EXPECT_EQ(RenderDiagnostic(Error(At(File("a: 1\n"), 1, 4, 1)), Paint(true)),
            "\x1b[1mweb.yaml:1:4: \x1b[0m\x1b[1;31merror[R0204]\x1b[0m: that is wrong\n"
            "    1 | a: 1\n"
            "      |    \x1b[1;31m^\x1b[0m\n");
}

TEST(RenderFindings, ShowsTwentyAndSaysWhatTheRestIsAbout) {
  std::vector<Diagnostic> findings;
  for (int i = 0; i < 57; ++i) findings.push_back(Error({}));
  for (std::size_t i = 22; i < 57; ++i) findings[i].code = "R0101";

  const std::string text = RenderFindings(findings, Paint(false));

  EXPECT_NE(text.find("\n\n... and 37 more, mostly R0101 (unknown key)\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("error[R0101]"), std::string::npos);
}

TEST(RenderFindings, CountsAndNamesWhatCanNotBeUsed) {
  Diagnostic warning = Error(At(File("", "b.yaml"), 1, 1, 1));
  warning.severity = Severity::kWarning;
  const Diagnostic one = Error(At(File("", "a.yaml"), 1, 1, 1));
  const Diagnostic other = Error(At(File("", "c.yaml"), 1, 1, 1));

  EXPECT_EQ(CountFindings({one, one, warning}), "2 errors, 1 warning");
  EXPECT_EQ(NameOfBrokenFile({one, one, warning}), "a.yaml");
  EXPECT_EQ(NameOfBrokenFile({one, other}), "this set of files");
  EXPECT_EQ(NameOfBrokenFile({Error({})}), "this set of files");
}

TEST(FindingsJson, SaysEverythingWithStableKeys) {
  const auto file = File("memory.max: 25%\n");
  Diagnostic d = Error(At(file, 1, 13, 3), "a percentage must say of what");
  d.hint = "`25% of host`";

  EXPECT_EQ(
      FindingsJson({d}).dump(),
      "[{\"severity\":\"error\",\"code\":\"R0204\",\"file\":\"web.yaml\",\"line\":1,\"column\":13,"
      "\"end\":16,\"message\":\"a percentage must say of what\",\"hint\":\"`25% of host`\","
      "\"note\":null,\"related\":null}]");
}

TEST(FindingsJson, IsCompleteWhateverTheNumber) {
  EXPECT_EQ(FindingsJson(std::vector<Diagnostic>(57, Error({}))).size(), 57U);
}

}  // namespace
}  // namespace reeve::show
