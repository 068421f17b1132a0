// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_test.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/show/human.h"
#include "app/show/screen.h"
#include "core/base/text.h"

namespace reeve::show {
namespace {

using engine::TestFailure;

std::string HumanSide(const TestFailure& failure, const std::string& text) {
  if (text.empty()) return "nothing of that";
  const Knob* knob = FindKnob(failure.file);
  if (!failure.values) return Shown(HumanMessage(knob, text));
  if (text == "absent") return text;
  std::string human = HumanText(knob, text);
  std::replace(human.begin(), human.end(), '\n', ';');
  return Shown(human);
}

// In kernel units as well where the people's units hide a difference.
std::pair<std::string, std::string> Sides(const TestFailure& failure) {
  std::string expected = HumanSide(failure, failure.expected);
  std::string got = HumanSide(failure, failure.got);
  if (failure.values && expected == got) {
    expected += fmt::format(" ({})", Shown(failure.expected));
    got += fmt::format(" ({})", Shown(failure.got));
  }
  return {std::move(expected), std::move(got)};
}

std::string RenderFailure(const TestFailure& failure, const Paint& paint) {
  const auto [expected, got] = Sides(failure);
  std::string out = fmt::format(
      "  {}: {}\n", Shown(failure.mark.FileLineColumn()), paint.Bold(Shown(failure.what)));
  out += Hanging("    expected  ", expected);
  const std::string place = failure.got_mark.FileLine();
  out +=
      Hanging("    got       ", place.empty() ? got : fmt::format("{}  ({})", got, Shown(place)));
  if (!failure.next.empty()) out += Hanging("    next      ", Shown(failure.next));
  return out;
}

// Text of an XML element or attribute. Control bytes are escaped already by Shown, because XML 1.0
// has no way to say them.
std::string Xml(std::string_view text) {
  std::string out;
  for (const char c : Shown(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string FileOf(const RanTest& ran) {
  return ran.test.mark.file == nullptr ? "" : ran.test.mark.file->name;
}

std::size_t CountFailed(const std::vector<RanTest>& tests) {
  return static_cast<std::size_t>(std::count_if(
      tests.begin(), tests.end(), [](const RanTest& ran) { return !ran.verdict.passed(); }));
}

std::string CaseXml(const RanTest& ran) {
  std::string out = fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" "
      "time=\"{:.3f}\" assertions=\"{}\"",
      Xml(FileOf(ran)),
      Xml(ran.test.name),
      Xml(FileOf(ran)),
      ran.test.mark.line,
      ran.seconds,
      ran.verdict.checks);
  if (ran.verdict.passed()) return out + "/>\n";
  out += ">\n";
  for (const TestFailure& failure : ran.verdict.failures) {
    const auto [expected, got] = Sides(failure);
    const std::string place = failure.got_mark.FileLine();
    out += fmt::format(
        "      <failure message=\"{}: expected {}, got {}\">{}: {}\nexpected  {}\ngot       {}{}\n"
        "next      {}\n</failure>\n",
        Xml(failure.what),
        Xml(expected),
        Xml(got),
        Xml(failure.mark.FileLineColumn()),
        Xml(failure.what),
        Xml(expected),
        Xml(got),
        place.empty() ? "" : fmt::format("  ({})", Xml(place)),
        Xml(failure.next));
  }
  return out + "    </testcase>\n";
}

Json PlaceJson(const SourceMark& mark) {
  if (!mark.known()) return nullptr;
  return Json{{"file", JsonString(mark.file->name)}, {"line", mark.line}, {"column", mark.column}};
}

}  // namespace

std::string RenderTests(const std::vector<RanTest>& tests, const Paint& paint) {
  std::string out;
  std::size_t width = 0;
  for (const RanTest& ran : tests) {
    width = std::max(width, DisplayWidth(Shown(ran.test.mark.FileLine())));
  }
  width = std::min<std::size_t>(width, 40);
  for (const RanTest& ran : tests) {
    const std::string place = PadRight(Shown(ran.test.mark.FileLine()), width);
    const bool passed = ran.verdict.passed();
    out += fmt::format("{}  {}  {} ({})\n",
                       passed ? paint.Green("ok  ") : paint.Red("FAIL"),
                       place,
                       Shown(ran.test.name),
                       Count(ran.verdict.checks, "check"));
    for (const TestFailure& failure : ran.verdict.failures) out += RenderFailure(failure, paint);
  }
  const std::size_t failed = CountFailed(tests);
  out +=
      failed == 0
          ? fmt::format("{}: {}\n", paint.Green("OK"), Count(tests.size(), "test"))
          : fmt::format("{}: {} of {}\n", paint.Red("FAILED"), failed, Count(tests.size(), "test"));
  return out;
}

Json TestsJson(const std::vector<RanTest>& tests) {
  Json list = Json::array();
  for (const RanTest& ran : tests) {
    Json one = Json::object();
    one["name"] = JsonString(ran.test.name);
    one["why"] = JsonString(ran.test.why);
    one["file"] = JsonString(FileOf(ran));
    one["line"] = ran.test.mark.line;
    one["passed"] = ran.verdict.passed();
    one["checks"] = ran.verdict.checks;
    one["seconds"] = ran.seconds;
    Json failures = Json::array();
    for (const TestFailure& failure : ran.verdict.failures) {
      failures.push_back({{"place", PlaceJson(failure.mark)},
                          {"what", JsonString(failure.what)},
                          {"expected", JsonString(failure.expected)},
                          {"got", JsonString(failure.got)},
                          {"set_at", PlaceJson(failure.got_mark)},
                          {"next", JsonString(failure.next)}});
    }
    one["failures"] = std::move(failures);
    list.push_back(std::move(one));
  }
  const std::size_t failed = CountFailed(tests);
  return {{"passed", tests.size() - failed}, {"failed", failed}, {"tests", std::move(list)}};
}

std::string TestsJunit(const std::vector<RanTest>& tests) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n",
      tests.size(),
      CountFailed(tests));
  for (std::size_t from = 0; from < tests.size();) {
    std::size_t end = from;
    while (end < tests.size() && FileOf(tests[end]) == FileOf(tests[from])) ++end;
    const std::vector<RanTest> suite(tests.begin() + static_cast<std::ptrdiff_t>(from),
                                     tests.begin() + static_cast<std::ptrdiff_t>(end));
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
                       Xml(FileOf(suite.front())),
                       suite.size(),
                       CountFailed(suite));
    for (const RanTest& ran : suite) out += CaseXml(ran);
    out += "  </testsuite>\n";
    from = end;
  }
  return out + "</testsuites>\n";
}

}  // namespace reeve::show
