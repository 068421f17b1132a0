// SPDX-License-Identifier: Apache-2.0
// The reader that the other tests trust.
#include <cmath>

#include <gtest/gtest.h>

#include "support/exposition.h"

namespace reeve::support {
namespace {

constexpr std::string_view kHead = "# HELP a_total x\n# TYPE a_total counter\n";
constexpr std::string_view kOpenHead = "# HELP a x\n# TYPE a counter\n";

std::string TextError(const std::string& samples) {
  return ReadExposition(std::string(kHead) + samples, false).error;
}

std::string OpenError(const std::string& samples) {
  return ReadExposition(std::string(kOpenHead) + samples, true).error;
}

TEST(ExpositionReader, ReadsWhatIsRight) {
  const Exposition read = ReadExposition(
      std::string(kHead) + "a_total{b=\"c\\n\\\\\\\"\",d=\"\"} 1.5\na_total 2\n", false);

  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.series(), 2U);
  EXPECT_EQ(read.Value("a_total", {{"b", "c\n\\\""}, {"d", ""}}), 1.5);
  EXPECT_TRUE(std::isnan(read.Value("a_total", {{"b", "c"}})));
  EXPECT_EQ(read.Find("a_total")->help, "x");
  EXPECT_EQ(OpenError("a_total 1\na_created 5\na_total{b=\"c\"} 2\n# EOF\n"), "");
}

TEST(ExpositionReader, FindsEachOffence) {
  EXPECT_EQ(TextError("a_total 1"), "line 0: does not end with a newline");
  EXPECT_EQ(TextError("a_total{b=\"\xff\"} 1\n"), "line 0: not UTF-8");
  EXPECT_EQ(TextError("a_total x\n"), "line 3: a value that is no number");
  EXPECT_EQ(TextError("a_total nan\n"), "line 3: a value that is no number");
  EXPECT_EQ(TextError("a_total -1\n"), "line 3: no counter's value");
  EXPECT_EQ(TextError("a_total 1 2 3\n"), "line 3: a value that is no number");
  EXPECT_EQ(TextError("a_total{b=\"c\"d=\"e\"} 1\n"), "line 3: labels without an end");
  EXPECT_EQ(TextError("a_total{b=\"c\",b=\"e\"} 1\n"), "line 3: a label twice");
  EXPECT_EQ(TextError("a_total{b-b=\"c\"} 1\n"), "line 3: a label's name that is none");
  EXPECT_EQ(TextError("a_total{b=\"\\x\"} 1\n"), "line 3: a label's value that is none");
  EXPECT_EQ(TextError("a_total{b=\"c\n\"} 1\n"), "line 3: a label's value that is none");
  EXPECT_EQ(TextError("a_total{b=\"c\\\"} 1\n"), "line 3: a label's value that is none");
  EXPECT_EQ(TextError("a_total 1\na_total 1\n"), "line 4: a series twice");
  EXPECT_EQ(TextError("b_total 1\n"), "line 3: no counter's name");
  EXPECT_EQ(TextError("\n"), "line 3: a sample's name that is none");
  EXPECT_EQ(TextError("# TYPE a_total counter\n"), "line 3: metadata twice");
  EXPECT_EQ(TextError("# TYPE b gauge\nb 1\n"), "line 3: a family without samples");
  EXPECT_EQ(TextError("a_total 1\n# HELP b x\n# TYPE b gauge\nb 1\n# HELP a_total x\n"),
            "line 7: a family in two parts");
  EXPECT_EQ(TextError("a_total 1\n# TYPE b gauge\nb 1\n"), "line 5: a sample before HELP and TYPE");
  EXPECT_EQ(TextError("a_total 1\n# EOF\n"), "line 4: a stray comment");
}

TEST(ExpositionReader, OpenMetricsIsStricter) {
  EXPECT_EQ(OpenError("a_total 1\n"), "line 0: does not end with # EOF");
  EXPECT_EQ(OpenError("a_total 1\n# EOF\n# EOF\n"), "line 5: something after # EOF");
  EXPECT_EQ(OpenError("a 1\n# EOF\n"), "line 3: no counter's name");
  EXPECT_EQ(OpenError("a_total 1\na_total{b=\"c\"} 1\na_created 5\n# EOF\n"),
            "line 5: _created away from its metric");
  EXPECT_EQ(OpenError("# UNIT a seconds\na_total 1\n# EOF\n"), "line 3: a unit not in the name");
}

TEST(ExpositionReader, HistogramsAddUp) {
  const std::string head = "# HELP h x\n# TYPE h histogram\n";
  const auto error = [&](const std::string& samples) {
    return ReadExposition(head + samples, false).error;
  };
  const std::string good = "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n";
  EXPECT_EQ(error(good), "");
  EXPECT_EQ(error("h_bucket{le=\"1\"} 1\nh_count 1\n"), "line 4: a histogram that does not add up");
  EXPECT_EQ(error("h_bucket{le=\"+Inf\"} 2\nh_count 1\n"),
            "line 4: a histogram that does not add up");
  EXPECT_EQ(error("h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\n"),
            "line 4: a smaller bucket above a larger one");
  EXPECT_EQ(error("h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 2\n"), "line 4: buckets out of order");
  EXPECT_EQ(error("h_bucket 1\n"), "line 3: le where it does not belong, or nowhere");
}

}  // namespace
}  // namespace reeve::support
