// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_writer.h"

#include <limits>

#include <gtest/gtest.h>

#include "support/exposition.h"

namespace reeve::metrics {
namespace {

template <typename Body>
std::string Written(Format format, Body body) {
  std::string text;
  ExpositionWriter writer(format, [&](std::string_view piece) { text += piece; });
  body(writer);
  writer.Finish();
  const auto read = support::ReadExposition(text, format == Format::kOpenMetrics);
  EXPECT_EQ(read.error, "") << text;
  EXPECT_EQ(read.series(), writer.series() + (text.find("_created") == std::string::npos ? 0 : 1));
  return text;
}

void CounterAndGauge(ExpositionWriter& writer) {
  writer.Begin({"reeve_busy_seconds_total", Type::kCounter, "seconds", "Time spent."});
  writer.Sample("cgroup=\"a\"", "device=\"sda\"", Number::Micros(1'500'000), 1'700'000'000'250'000);
  writer.Sample("cgroup=\"b\"", "", Number::Micros(2));
  writer.Begin({"reeve_never_total", Type::kCounter, "", "No sample, no trace."});
  writer.Begin({"reeve_depth", Type::kGauge, "", "How deep."});
  writer.Sample("", "", Number::Count(3));
  writer.Begin({"reeve_build_info", Type::kInfo, "", "What it is."});
  writer.Sample("", "version=\"1\"", Number::Count(1));
}

TEST(ExpositionWriter, Text) {
  EXPECT_EQ(Written(Format::kText, CounterAndGauge),
            "# HELP reeve_busy_seconds_total Time spent.\n"
            "# TYPE reeve_busy_seconds_total counter\n"
            "reeve_busy_seconds_total{cgroup=\"a\",device=\"sda\"} 1.5\n"
            "reeve_busy_seconds_total{cgroup=\"b\"} 0.000002\n"
            "# HELP reeve_depth How deep.\n"
            "# TYPE reeve_depth gauge\n"
            "reeve_depth 3\n"
            "# HELP reeve_build_info What it is.\n"
            "# TYPE reeve_build_info gauge\n"
            "reeve_build_info{version=\"1\"} 1\n");
}

TEST(ExpositionWriter, OpenMetrics) {
  EXPECT_EQ(Written(Format::kOpenMetrics, CounterAndGauge),
            "# HELP reeve_busy_seconds Time spent.\n"
            "# TYPE reeve_busy_seconds counter\n"
            "# UNIT reeve_busy_seconds seconds\n"
            "reeve_busy_seconds_total{cgroup=\"a\",device=\"sda\"} 1.5\n"
            "reeve_busy_seconds_created{cgroup=\"a\",device=\"sda\"} 1700000000.25\n"
            "reeve_busy_seconds_total{cgroup=\"b\"} 0.000002\n"
            "# HELP reeve_depth How deep.\n"
            "# TYPE reeve_depth gauge\n"
            "reeve_depth 3\n"
            "# HELP reeve_build What it is.\n"
            "# TYPE reeve_build info\n"
            "reeve_build_info{version=\"1\"} 1\n"
            "# EOF\n");
}

void LagHistogram(ExpositionWriter& writer) {
  const Bucket buckets[] = {{0.1, 1}, {1, 3}, {std::numeric_limits<double>::infinity(), 4}};
  writer.Begin({"reeve_lag_seconds", Type::kHistogram, "seconds", "Lag."});
  writer.Histogram("", buckets, 12.5, 4);
}

TEST(ExpositionWriter, Histograms) {
  EXPECT_EQ(Written(Format::kText, LagHistogram),
            "# HELP reeve_lag_seconds Lag.\n"
            "# TYPE reeve_lag_seconds histogram\n"
            "reeve_lag_seconds_bucket{le=\"0.1\"} 1\n"
            "reeve_lag_seconds_bucket{le=\"1\"} 3\n"
            "reeve_lag_seconds_bucket{le=\"+Inf\"} 4\n"
            "reeve_lag_seconds_sum 12.5\n"
            "reeve_lag_seconds_count 4\n");
  EXPECT_EQ(Written(Format::kOpenMetrics, LagHistogram),
            "# HELP reeve_lag_seconds Lag.\n"
            "# TYPE reeve_lag_seconds histogram\n"
            "# UNIT reeve_lag_seconds seconds\n"
            "reeve_lag_seconds_bucket{le=\"0.1\"} 1\n"
            "reeve_lag_seconds_bucket{le=\"1.0\"} 3\n"
            "reeve_lag_seconds_bucket{le=\"+Inf\"} 4\n"
            "reeve_lag_seconds_sum 12.5\n"
            "reeve_lag_seconds_count 4\n"
            "# EOF\n");
}

TEST(ExpositionWriter, NothingIsEmptyOrOnlyAnEnd) {
  const auto nothing = [](ExpositionWriter&) {};
  EXPECT_EQ(Written(Format::kText, nothing), "");
  EXPECT_EQ(Written(Format::kOpenMetrics, nothing), "# EOF\n");
}

// Pieces that are larger than the buffer, just fit it, and fill it exactly.
TEST(ExpositionWriter, NamesOfAnyLengthComeThroughWhole) {
  for (std::size_t length :
       {std::size_t{65'400}, std::size_t{65'480}, std::size_t{65'536}, std::size_t{300'000}}) {
    for (std::size_t delta = 0; delta < 40; ++delta) {
      const std::string name(length + delta, 'x');
      LabelText labels;
      labels.Add("cgroup", name);
      const std::string text = Written(Format::kText, [&](ExpositionWriter& writer) {
        writer.Begin({"reeve_depth", Type::kGauge, "", "How deep."});
        writer.Sample("cgroup=\"small\"", "", Number::Count(1));
        writer.Sample(labels.text(), "device=\"sda\"", Number::Count(7));
        writer.Sample(labels.text(), "", Number::Count(8));
        writer.Begin({"reeve_width", Type::kGauge, "", "How wide."});
        writer.Sample("", labels.text(), Number::Count(9));
      });
      const auto read = support::ReadExposition(text, false);
      ASSERT_EQ(read.Value("reeve_depth", {{"cgroup", name}, {"device", "sda"}}), 7) << length;
      ASSERT_EQ(read.Value("reeve_depth", {{"cgroup", name}}), 8) << length;
      ASSERT_EQ(read.Value("reeve_width", {{"cgroup", name}}), 9) << length;
    }
  }
}

TEST(ExpositionWriterDeathTest, ANameThatDoesNotFitIsOurOwnMistake) {
  ExpositionWriter writer(Format::kText, [](std::string_view) {});
  EXPECT_DEATH(writer.Begin({"reeve_busy", Type::kCounter, "", "x"}), "");
  EXPECT_DEATH(writer.Begin({"reeve_build", Type::kInfo, "", "x"}), "");
  EXPECT_DEATH(writer.Begin({"reeve_busy_total", Type::kCounter, "seconds", "x"}), "");
}

}  // namespace
}  // namespace reeve::metrics
