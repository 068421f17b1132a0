// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/scrape.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/exposition.h"
#include "support/run_tool.h"
#include "support/source_tree.h"
#include "support/usage_rows.h"

namespace reeve::metrics {
namespace {

using support::Exposition;

Usec AlwaysNow() {
  return Usec(1'000);
}

ScrapeOptions At(std::size_t max_series) {
  ScrapeOptions options;
  options.max_series = max_series;
  options.now = AlwaysNow;
  return options;
}

OwnMetrics Own() {
  return OwnMetrics({"0.1.0", "", "6.1", "", 1'700'000'000'000'000});
}

// Everything there is, hostile names included.
UsageSnapshot Full() {
  UsageSnapshot snapshot;
  snapshot.boot_id = "b007";
  snapshot.device_names = {{"259:0", "nvme0n1"}};
  snapshot.read_usec = 250'000;
  for (const char* path : {"a\"} 1\nevil 5", "b\xff", "c\\", "web", "web/api"}) {
    CgroupNames names;
    names.tenant = "te\nnant";
    names.policy = "10-web.yaml";
    names.labels = {{"team", "blue"}};
    names.inner = path == std::string_view("web");
    snapshot.cgroups.push_back(support::UsageRow(path, names));
    support::FillUsageRow(snapshot.cgroups.back(), 1'000 * snapshot.cgroups.size());
  }
  return snapshot;
}

std::string Whole(Format format) {
  OwnMetrics own = Own();
  Health health;
  health.last_load_success = 1'700'000'000;
  health.policies = {{"10-web.yaml", {7, 6}}};
  health.drift_fights = {{"we\"b", 2}};
  own.SetHealth(health);
  own.CountLoopLag(Usec(50));
  return WriteMetrics(Full(), own, format, {});
}

TEST(Scrape, SaysWhatItCameTo) {
  UsageSnapshot snapshot = Full();
  snapshot.unreadable = 3;
  const std::string text = WriteMetrics(snapshot, Own(), Format::kText, At(500'000));

  const Exposition read = support::ReadExposition(text, false);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.Value("reeve_scrape_collector_success", {{"collector", "cgroups"}}), 0);
  EXPECT_EQ(read.Value("reeve_scrape_unreadable_files", {}), 3);
  EXPECT_EQ(read.Value("reeve_scrape_truncated", {}), 0);
  EXPECT_EQ(read.Value("reeve_scrape_duration_seconds", {}), 0.25);
  EXPECT_EQ(read.Value("reeve_scrape_series", {}), static_cast<double>(read.series()));
  EXPECT_EQ(read.Value("reeve_as_described", {}), 0);
  EXPECT_EQ(read.Value("reeve_cgroup_tree_pids", {{"cgroup", "web"}, {"tenant", "te\nnant"}}),
            static_cast<double>(*snapshot.cgroups[3].pids_current));
}

TEST(Scrape, ItsEndIsAsExpected) {
  const std::string text = WriteMetrics({}, Own(), Format::kOpenMetrics, At(500'000));

  const std::string end =
      R"(# HELP reeve_scrape_collector_success 1 when everything that is there could be read.
# TYPE reeve_scrape_collector_success gauge
reeve_scrape_collector_success{collector="cgroups"} 1
# HELP reeve_scrape_unreadable_files Files that are there and could not be read or understood.
# TYPE reeve_scrape_unreadable_files gauge
reeve_scrape_unreadable_files 0
# HELP reeve_scrape_truncated 1 when families of cgroups are left out because there would be too many series.
# TYPE reeve_scrape_truncated gauge
reeve_scrape_truncated 0
# HELP reeve_scrape_duration_seconds Time to read the cgroups and write this answer.
# TYPE reeve_scrape_duration_seconds gauge
# UNIT reeve_scrape_duration_seconds seconds
reeve_scrape_duration_seconds 0
# HELP reeve_scrape_series Series in this answer.
# TYPE reeve_scrape_series gauge
reeve_scrape_series )";
  ASSERT_GT(text.size(), end.size() + 20);
  const std::size_t at = text.find("# HELP reeve_scrape_collector_success");
  EXPECT_EQ(text.substr(at, end.size()), end);
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(Scrape, TooManySeriesAreSaid) {
  const std::string text = WriteMetrics(Full(), Own(), Format::kText, At(50));

  const Exposition read = support::ReadExposition(text, false);
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.Value("reeve_scrape_truncated", {}), 1);
  EXPECT_EQ(read.Value("reeve_as_described", {}), 0);  // our own health is never left out
}

TEST(Scrape, PiecesAreSmallAndTogetherTheWhole) {
  UsageSnapshot snapshot;
  for (int i = 0; i < 3000; ++i) {
    snapshot.cgroups.push_back(support::UsageRow("customers/c" + std::to_string(10'000 + i), {}));
    support::FillUsageRow(snapshot.cgroups.back(), 1'000);
  }
  const std::string whole = WriteMetrics(snapshot, Own(), Format::kText, At(500'000));

  const OwnMetrics own = Own();
  ScrapeText text(std::make_shared<const Reading>(snapshot), own, Format::kText, At(500'000));
  std::string joined;
  std::size_t longest = 0;
  for (std::string_view piece = text.Next(); !piece.empty(); piece = text.Next()) {
    longest = std::max(longest, piece.size());
    joined += piece;
  }
  EXPECT_TRUE(joined == whole);
  EXPECT_GT(whole.size(), 5'000'000U);
  EXPECT_LT(longest, 200'000U);
  EXPECT_EQ(text.Next(), "");
}

// Health comes first, and may be long by itself.
TEST(Scrape, ALongHealthIsNotLost) {
  OwnMetrics own = Own();
  Health health;
  for (int i = 0; i < 5'000; ++i) health.policies["policy-" + std::to_string(i)] = {7, 6};
  own.SetHealth(health);

  const std::string text = WriteMetrics(Full(), own, Format::kText, At(500'000));

  const Exposition read = support::ReadExposition(text, false);
  ASSERT_EQ(read.error, "");
  EXPECT_EQ(read.Value("reeve_policy_desired", {{"policy", "policy-0"}}), 7);
  EXPECT_EQ(read.Value("reeve_policy_applied", {{"policy", "policy-4999"}}), 6);
}

TEST(Scrape, BothFormatsAreValid) {
  const Exposition text = support::ReadExposition(Whole(Format::kText), false);
  const Exposition open = support::ReadExposition(Whole(Format::kOpenMetrics), true);

  EXPECT_EQ(text.error, "");
  EXPECT_EQ(open.error, "");
  EXPECT_EQ(text.families.size(), open.families.size());
}

// Property: whatever the names, the exposition is valid, says as many cgroups as there are, and
// nothing else.
TEST(Scrape, AnyNamesGiveAValidExposition) {
  std::mt19937 random(3);
  const auto bytes = [&](std::size_t most) {
    std::string text;
    const std::string_view likely = "a\"\\\n{}=,# \xc3\xbc\xff";
    for (std::size_t length = 1 + random() % most; text.size() < length;) {
      text += random() % 3 == 0 ? static_cast<char>(1 + random() % 255)
                                : likely[random() % likely.size()];
    }
    return text;
  };
  const OwnMetrics own = Own();
  for (int round = 0; round < 100; ++round) {
    UsageSnapshot snapshot;
    snapshot.boot_id = bytes(5);
    snapshot.device_names = {{"259:0", bytes(5)}};
    std::set<std::string> paths;
    while (paths.size() < 4) {
      const std::string path = bytes(8);
      if (CgroupPath::Parse(path).has_value()) paths.insert(path);
    }
    for (const std::string& path : paths) {
      CgroupNames names;
      names.tenant = bytes(6);
      names.policy = bytes(6);
      names.labels = {{bytes(4), bytes(4)}, {bytes(4), bytes(4)}};
      names.inner = random() % 2 == 0;
      snapshot.cgroups.push_back(support::UsageRow(path, names));
      support::FillUsageRow(snapshot.cgroups.back(), random());
    }
    for (const Format format : {Format::kText, Format::kOpenMetrics}) {
      const std::string text = WriteMetrics(snapshot, own, format);
      const Exposition read = support::ReadExposition(text, format == Format::kOpenMetrics);
      ASSERT_EQ(read.error, "") << text;
      std::size_t cgroups = 0;
      for (const char* family : {"reeve_cgroup_pids", "reeve_cgroup_tree_pids"}) {
        if (const auto* found = read.Find(family)) cgroups += found->samples.size();
      }
      ASSERT_EQ(cgroups, paths.size());
    }
  }
}

// --- What the field's own tools say
// ----------------------------------------------------------------

// In the PATH, or where tests/packages puts it.
std::string FindPromtool() {
  const std::filesystem::path fetched = support::SourceTree() / "build/tools/promtool";
  if (std::filesystem::exists(fetched)) return fetched.string();
  return support::RunTool("command -v promtool", "").status == 0 ? "promtool" : "";
}

TEST(Promtool, HasNoComplaint) {
  const std::string promtool = FindPromtool();
  if (promtool.empty()) GTEST_SKIP() << "promtool is not installed (Debian package prometheus)";

  const support::ToolRun run = support::RunTool(promtool + " check metrics", Whole(Format::kText));
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(run.output, "");

  // That it would complain.
  EXPECT_NE(support::RunTool(promtool + " check metrics", "a{b=\"\xff\"} 1\n").status, 0);
}

// The OpenMetrics parser of the Python client is the one its authors test others with.
TEST(OpenMetricsParser, HasNoComplaint) {
  const std::string parser =
      "/usr/bin/python3 -c 'import sys; from prometheus_client.openmetrics.parser import "
      "text_string_to_metric_families as parse; "
      "print(sum(len(f.samples) for f in parse(sys.stdin.buffer.read().decode())))'";
  const std::string import = "/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser'";
  if (support::RunTool(import, "").status != 0) {
    GTEST_SKIP() << "the parser is not installed (Debian package python3-prometheus-client)";
  }

  const std::string text = Whole(Format::kOpenMetrics);
  const support::ToolRun run = support::RunTool(parser, text);
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(run.output, std::to_string(support::ReadExposition(text, true).series()) + "\n");

  EXPECT_NE(support::RunTool(parser, "# TYPE a counter\na 1\n# EOF\n").status, 0);
}

}  // namespace
}  // namespace reeve::metrics
