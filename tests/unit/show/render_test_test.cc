// SPDX-License-Identifier: Apache-2.0
#include "app/show/render_test.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/findings_text.h"

namespace reeve::show {
namespace {

SourceMark At(const std::string& name, std::uint32_t line) {
  return {reeve::testing::TextFile(name, ""), line, 5, 1};
}

std::vector<RanTest> TwoTests() {
  std::vector<RanTest> tests(2);
  tests[0].test.name = "small host";
  tests[0].test.mark = At("web.test.yaml", 3);
  tests[0].verdict.checks = 1;
  tests[1].test.name = "a <b> & \"c\"\x1b[0m";
  tests[1].test.mark = At("web.test.yaml", 21);
  tests[1].verdict.checks = 7;
  engine::TestFailure value;
  value.mark = At("web.test.yaml", 34);
  value.what = "web memory.max";
  value.file = "memory.max";
  value.values = true;
  value.expected = "8589934592";
  value.got = "4294967296";
  value.got_mark = At("20-web.yaml", 12);
  value.next = "the policy says `4GiB`";
  engine::TestFailure near = value;
  near.expected = "4294967295";
  near.got = "4294963200";
  near.got_mark = {};
  engine::TestFailure care;
  care.mark = At("web.test.yaml", 36);
  care.what = "web memory.max";
  care.file = "memory.max";
  care.expected = "no other care";
  care.got = "!kill memory.max 8589934592 -> 4294967296";
  tests[1].verdict.failures = {value, near, care};
  return tests;
}

TEST(RenderTests, SaysWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(RenderTests(TwoTests(), Paint(false)),
            "ok    web.test.yaml:3   small host (1 check)\n"
            "FAIL  web.test.yaml:21  a <b> & \"c\"\\x1b[0m (7 checks)\n"
            "  web.test.yaml:34:5: web memory.max\n"
            "    expected  8GiB\n"
            "    got       4GiB (20-web.yaml:12)\n"
            "    next      the policy says `4GiB`\n"
            "  web.test.yaml:34:5: web memory.max\n"
            "    expected  4GiB (4294967295)\n"
            "    got       4GiB (4294963200)\n"
            "    next      the policy says `4GiB`\n"
            "  web.test.yaml:36:5: web memory.max\n"
            "    expected  no other care\n"
            "    got       !kill memory.max 8GiB -> 4GiB\n"
            "FAILED: 1 of 2 tests\n");
}

TEST(RenderTests, EndsWithOneWordWhenAllIsWell) {
  std::vector<RanTest> tests = TwoTests();
  tests.pop_back();

  EXPECT_EQ(RenderTests(tests, Paint(false)),
            "ok    web.test.yaml:3  small host (1 check)\nOK: 1 test\n");
}

TEST(RenderTests, GivesScriptsTheKernelsUnits) {
  const Json json = TestsJson(TwoTests());

  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  const Json& failure = json["tests"][1]["failures"][0];
  EXPECT_EQ(failure["expected"], "8589934592");
  EXPECT_EQ(failure["place"]["line"], 34);
  EXPECT_EQ(failure["set_at"]["file"], "20-web.yaml");
  EXPECT_TRUE(json["tests"][1]["failures"][2]["set_at"].is_null());
}

TEST(RenderTests, JunitIsEscapedAndCounted) {
  std::vector<RanTest> tests = TwoTests();
  tests[1].verdict.failures.resize(1);

  EXPECT_EQ(
      TestsJunit(tests),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites tests=\"2\" failures=\"1\">\n"
      "  <testsuite name=\"web.test.yaml\" tests=\"2\" failures=\"1\">\n"
      "    <testcase classname=\"web.test.yaml\" name=\"small host\" file=\"web.test.yaml\" "
      "line=\"3\" "
      "time=\"0.000\" assertions=\"1\"/>\n"
      "    <testcase classname=\"web.test.yaml\" name=\"a &lt;b&gt; &amp; &quot;c&quot;\\x1b[0m\" "
      "file=\"web.test.yaml\" line=\"21\" time=\"0.000\" assertions=\"7\">\n"
      "      <failure message=\"web memory.max: expected 8GiB, got 4GiB\">web.test.yaml:34:5: web "
      "memory.max\n"
      "expected  8GiB\n"
      "got       4GiB  (20-web.yaml:12)\n"
      "next      the policy says `4GiB`\n"
      "</failure>\n"
      "    </testcase>\n"
      "  </testsuite>\n"
      "</testsuites>\n");
}

}  // namespace
}  // namespace reeve::show
