// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/usage_families.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "edge/metrics/usage_table.h"
#include "support/exposition.h"
#include "support/usage_rows.h"

namespace reeve::metrics {
namespace {

using support::Exposition;
using support::UsageRow;

constexpr std::size_t kPlenty = 1'000'000;

std::string Written(const UsageSnapshot& snapshot,
                    Format format = Format::kText,
                    std::size_t max_series = kPlenty,
                    bool* truncated = nullptr) {
  std::string text;
  ExpositionWriter writer(format, [&](std::string_view piece) { text += piece; });
  const bool left_out = WriteUsage(snapshot, max_series, writer);
  if (truncated != nullptr) *truncated = left_out;
  writer.Finish();
  return text;
}

Exposition Read(const UsageSnapshot& snapshot, Format format = Format::kText) {
  Exposition read =
      support::ReadExposition(Written(snapshot, format), format == Format::kOpenMetrics);
  EXPECT_EQ(read.error, "");
  return read;
}

UsageSnapshot Small() {
  UsageSnapshot snapshot;
  snapshot.boot_id = "b007";
  snapshot.device_names = {{"259:0", "nvme0n1"}};
  CgroupNames web;
  web.inner = true;
  web.policy = "10-web.yaml";
  CgroupNames api;
  api.tenant = "acme";
  api.policy = "10-web.yaml";
  api.labels = {{"cost-centre", "4711"}};
  snapshot.cgroups = {UsageRow("web", web), UsageRow("web/api", api)};
  CgroupUsage& row = snapshot.cgroups[1];
  row.id = 42;
  row.born_usec = 1'700'000'000'500'000;
  row.cpu = CpuStat{2'500'000, 2'000'000, 500'000, {}, {}, {}, {}, {}, {}};
  row.memory_current = 4096;
  row.limits.memory_max = Limit(8192);
  row.limits.memory_high = Limit::Max();
  row.io["259:0"].rbytes = 512;
  snapshot.cgroups[0].cpu = CpuStat{3'000'000, 0, 0, {}, {}, {}, {}, {}, {}};
  return snapshot;
}

TEST(UsageFamilies, Text) {
  EXPECT_EQ(Written(Small()),
            R"(# HELP reeve_cgroup_info What a cgroup is, to join with the other families.
# TYPE reeve_cgroup_info gauge
reeve_cgroup_info{cgroup="web/api",tenant="acme",policy="10-web.yaml",cgroup_id="42",boot_id="b007",label_cost_centre="4711"} 1
# HELP reeve_cgroup_tree_info What a cgroup is, to join with the other families. Of inner cgroups, each with all below it.
# TYPE reeve_cgroup_tree_info gauge
reeve_cgroup_tree_info{cgroup="web",policy="10-web.yaml",boot_id="b007"} 1
# HELP reeve_cgroup_cpu_usage_seconds_total CPU time used.
# TYPE reeve_cgroup_cpu_usage_seconds_total counter
reeve_cgroup_cpu_usage_seconds_total{cgroup="web/api",tenant="acme"} 2.5
# HELP reeve_cgroup_tree_cpu_usage_seconds_total CPU time used. Of inner cgroups, each with all below it.
# TYPE reeve_cgroup_tree_cpu_usage_seconds_total counter
reeve_cgroup_tree_cpu_usage_seconds_total{cgroup="web"} 3
# HELP reeve_cgroup_memory_usage_bytes Memory in use, page cache included.
# TYPE reeve_cgroup_memory_usage_bytes gauge
reeve_cgroup_memory_usage_bytes{cgroup="web/api",tenant="acme"} 4096
# HELP reeve_cgroup_memory_limit_bytes memory.max in force; absent when there is no limit.
# TYPE reeve_cgroup_memory_limit_bytes gauge
reeve_cgroup_memory_limit_bytes{cgroup="web/api",tenant="acme"} 8192
# HELP reeve_cgroup_io_read_bytes_total Bytes read from a disk.
# TYPE reeve_cgroup_io_read_bytes_total counter
reeve_cgroup_io_read_bytes_total{cgroup="web/api",tenant="acme",device="nvme0n1"} 512
# HELP reeve_cgroup_io_written_bytes_total Bytes written to a disk.
# TYPE reeve_cgroup_io_written_bytes_total counter
reeve_cgroup_io_written_bytes_total{cgroup="web/api",tenant="acme",device="nvme0n1"} 0
# HELP reeve_cgroup_cpu_user_seconds_total CPU time in programs.
# TYPE reeve_cgroup_cpu_user_seconds_total counter
reeve_cgroup_cpu_user_seconds_total{cgroup="web/api",tenant="acme"} 2
# HELP reeve_cgroup_tree_cpu_user_seconds_total CPU time in programs. Of inner cgroups, each with all below it.
# TYPE reeve_cgroup_tree_cpu_user_seconds_total counter
reeve_cgroup_tree_cpu_user_seconds_total{cgroup="web"} 0
# HELP reeve_cgroup_cpu_system_seconds_total CPU time in the kernel.
# TYPE reeve_cgroup_cpu_system_seconds_total counter
reeve_cgroup_cpu_system_seconds_total{cgroup="web/api",tenant="acme"} 0.5
# HELP reeve_cgroup_tree_cpu_system_seconds_total CPU time in the kernel. Of inner cgroups, each with all below it.
# TYPE reeve_cgroup_tree_cpu_system_seconds_total counter
reeve_cgroup_tree_cpu_system_seconds_total{cgroup="web"} 0
# HELP reeve_cgroup_io_reads_total Read operations on a disk.
# TYPE reeve_cgroup_io_reads_total counter
reeve_cgroup_io_reads_total{cgroup="web/api",tenant="acme",device="nvme0n1"} 0
# HELP reeve_cgroup_io_writes_total Write operations on a disk.
# TYPE reeve_cgroup_io_writes_total counter
reeve_cgroup_io_writes_total{cgroup="web/api",tenant="acme",device="nvme0n1"} 0
# HELP reeve_cgroup_io_discarded_bytes_total Bytes a disk was told to forget.
# TYPE reeve_cgroup_io_discarded_bytes_total counter
reeve_cgroup_io_discarded_bytes_total{cgroup="web/api",tenant="acme",device="nvme0n1"} 0
)");
}

TEST(UsageFamilies, OpenMetricsTellsWhenCountersBegan) {
  const std::string text = Written(Small(), Format::kOpenMetrics);

  EXPECT_NE(
      text.find("# TYPE reeve_cgroup_cpu_usage_seconds counter\n"
                "# UNIT reeve_cgroup_cpu_usage_seconds seconds\n"
                "reeve_cgroup_cpu_usage_seconds_total{cgroup=\"web/api\",tenant=\"acme\"} 2.5\n"
                "reeve_cgroup_cpu_usage_seconds_created{cgroup=\"web/api\",tenant=\"acme\"} "
                "1700000000.5\n"),
      std::string::npos)
      << text;
  // Nobody saw it begin.
  EXPECT_EQ(text.find("tree_cpu_usage_seconds_created"), std::string::npos);
  EXPECT_NE(text.find("# TYPE reeve_cgroup info\n"), std::string::npos);
}

// The table's rows each show their own figure: 100 rows of mistyped fields would look just as well.
TEST(UsageFamilies, EveryFamilyShowsAFigureOfItsOwn) {
  UsageSnapshot snapshot;
  snapshot.cgroups = {UsageRow("a")};
  support::FillUsageRow(snapshot.cgroups[0], 1'000'000);
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const Exposition read = Read(snapshot, format);

    EXPECT_EQ(read.families.size(), UsageFamilies().size() + 1);
    std::set<std::string> values;
    for (const support::ExposedFamily& family : read.families) {
      if (family.type == "info" || family.name.ends_with("_info")) continue;
      EXPECT_FALSE(family.samples.empty()) << family.name;
      if (family.name.ends_with("_populated") || family.name.ends_with("_frozen")) continue;
      EXPECT_TRUE(values.insert(family.samples.at(0).value).second) << family.name;
    }
  }
}

TEST(UsageFamilies, FiguresThatAreEasilyMixedUpAreNot) {
  UsageSnapshot snapshot;
  snapshot.cgroups = {UsageRow("a")};
  CgroupUsage& a = snapshot.cgroups[0];
  support::FillUsageRow(a, 1'000'000);
  const DeviceIo& disk = a.io.at("259:0");
  const TableRow& io_max = a.limits.io_max.rows.at("259:0");
  const std::pair<const char*, std::uint64_t> figures[] = {
      {"memory_usage_bytes", *a.memory_current},
      {"memory_peak_bytes", *a.memory_peak},
      {"memory_anon_bytes", a.memory->anon},
      {"memory_file_bytes", a.memory->file},
      {"memory_limit_bytes", a.limits.memory_max->value()},
      {"memory_high_bytes", a.limits.memory_high->value()},
      {"memory_low_bytes", a.limits.memory_low->value()},
      {"swap_usage_bytes", *a.swap_current},
      {"swap_limit_bytes", a.limits.swap_max->value()},
      {"swap_limit_hits_total", a.swap_events->max},
      {"oom_events_total", a.memory_events->oom},
      {"oom_kills_total", a.memory_events->oom_kill},
      {"oom_group_kills_total", *a.memory_events->oom_group_kill},
      {"memory_high_events_total", a.memory_events->high},
      {"memory_max_events_total", a.memory_events->max},
      {"pids", *a.pids_current},
      {"pids_peak", *a.pids_peak},
      {"pids_limit", a.limits.pids_max->value()},
      {"cpu_periods_total", *a.cpu->nr_periods},
      {"cpu_throttled_periods_total", *a.cpu->nr_throttled},
      {"io_read_bytes_total", disk.rbytes},
      {"io_written_bytes_total", disk.wbytes},
      {"io_reads_total", disk.rios},
      {"io_writes_total", disk.wios},
      {"io_discarded_bytes_total", disk.dbytes},
      {"io_read_limit_bytes_per_second", io_max.at("rbps").value()},
      {"io_write_limit_bytes_per_second", io_max.at("wbps").value()},
      {"io_reads_limit_per_second", io_max.at("riops").value()},
      {"io_writes_limit_per_second", io_max.at("wiops").value()},
      {"descendants", a.counts->nr_descendants},
      {"dying_descendants", a.counts->nr_dying_descendants},
  };
  const std::pair<const char*, std::uint64_t> microseconds[] = {
      {"cpu_usage_seconds_total", a.cpu->usage_usec},
      {"cpu_user_seconds_total", a.cpu->user_usec},
      {"cpu_system_seconds_total", a.cpu->system_usec},
      {"cpu_throttled_seconds_total", *a.cpu->throttled_usec},
      {"pressure_memory_waiting_seconds_total", a.memory_pressure->some.total},
      {"pressure_memory_stalled_seconds_total", a.memory_pressure->full->total},
      {"pressure_io_waiting_seconds_total", a.io_pressure->some.total},
      {"pressure_cpu_waiting_seconds_total", a.cpu_pressure->some.total},
  };

  const Exposition read = Read(snapshot);

  const auto value = [&](const char* name) {
    const auto* family = read.Find(std::string("reeve_cgroup_") + name);
    return family == nullptr ? std::nan("") : family->samples.at(0).number;
  };
  for (const auto& [name, figure] : figures) {
    EXPECT_EQ(value(name), static_cast<double>(figure)) << name;
  }
  for (const auto& [name, figure] : microseconds) {
    EXPECT_DOUBLE_EQ(value(name), static_cast<double>(figure) / 1e6) << name;
  }
}

TEST(UsageFamilies, FiguresAreInBaseUnits) {
  UsageSnapshot snapshot;
  snapshot.cgroups = {UsageRow("a")};
  CgroupUsage& a = snapshot.cgroups[0];
  a.cpu_pressure.emplace().some.total = 91'737;
  a.limits.cpu_max = CpuMax{Limit(150'000), 100'000};
  a.events = CgroupEvents{true, std::nullopt};

  const Exposition read = Read(snapshot);

  const std::map<std::string, std::string> labels = {{"cgroup", "a"}};
  EXPECT_EQ(read.Value("reeve_cgroup_pressure_cpu_waiting_seconds_total", labels), 0.091737);
  EXPECT_EQ(read.Value("reeve_cgroup_cpu_limit_cores", labels), 1.5);
  EXPECT_EQ(read.Value("reeve_cgroup_populated", labels), 1);
  EXPECT_EQ(read.Find("reeve_cgroup_frozen"), nullptr);
  EXPECT_EQ(read.Find("reeve_cgroup_pressure_cpu_stalled_seconds_total"), nullptr);
}

TEST(UsageFamilies, AbsentIsNoSampleAndNoLimitIsNone) {
  UsageSnapshot snapshot;
  snapshot.cgroups = {UsageRow("a"), UsageRow("b")};
  snapshot.cgroups[1].limits.cpu_max = CpuMax{Limit::Max(), 100'000};
  snapshot.cgroups[1].limits.pids_max = Limit::Max();
  snapshot.cgroups[1].limits.io_max.rows["8:0"] = {{"rbps", Limit::Max()}, {"wbps", Limit(7)}};

  const Exposition read = Read(snapshot);

  ASSERT_EQ(read.families.size(), 2U);
  EXPECT_EQ(read.families[0].name, "reeve_cgroup_info");
  EXPECT_EQ(read.Value("reeve_cgroup_io_write_limit_bytes_per_second",
                       {{"cgroup", "b"}, {"device", "8:0"}}),
            7);
}

TEST(UsageFamilies, DevicesOfOneNameStayApart) {
  UsageSnapshot snapshot;
  snapshot.device_names = {{"8:0", "twin"}, {"8:16", "twin"}, {"8:32", "8:48"}, {"8:64", "sde"}};
  snapshot.cgroups = {UsageRow("a")};
  for (const char* device : {"8:0", "8:16", "8:32", "8:48", "8:64"}) {
    snapshot.cgroups[0].io[device].rbytes = 1;
  }

  std::set<std::string> devices;
  const auto exposition = Read(snapshot);
  for (const auto& sample : exposition.Find("reeve_cgroup_io_read_bytes_total")->samples) {
    devices.insert(sample.labels.at("device"));
  }

  EXPECT_EQ(devices, (std::set<std::string>{"8:0", "8:16", "8:32", "8:48", "sde"}));
}

TEST(UsageFamilies, LabelsOfAPolicyThatLookAlikeStayApart) {
  CgroupNames names;
  names.labels = {{"a-b", "1"}, {"a.b", "2"}, {"a_b", "3"}, {"a_b_", "4"}, {"cgroup", "5"}};
  UsageSnapshot snapshot;
  snapshot.cgroups = {UsageRow("a", names)};

  const Exposition read = Read(snapshot);

  const auto& labels = read.Find("reeve_cgroup_info")->samples.at(0).labels;
  EXPECT_EQ(labels.at("cgroup"), "a");
  EXPECT_EQ(labels.at("label_cgroup"), "5");
  std::set<std::string> values;
  for (const auto& label : labels) values.insert(label.second);
  EXPECT_EQ(values, (std::set<std::string>{"a", "1", "2", "3", "4", "5"}));
}

TEST(UsageFamilies, HostileNamesStayInTheirQuotes) {
  UsageSnapshot snapshot;
  for (const char* name : {"a\"} 1\nevil_total 5\n#", "\xff\xfe", "\\", "x\ny"}) {
    snapshot.cgroups.push_back(UsageRow(name));
    support::FillUsageRow(snapshot.cgroups.back(), 5);
    snapshot.cgroups.back().pids_current = 17;
  }
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const Exposition read = Read(snapshot, format);
    EXPECT_EQ(read.Value("reeve_cgroup_pids", {{"cgroup", "a\"} 1\nevil_total 5\n#"}}), 17);
    EXPECT_EQ(read.Value("reeve_cgroup_pids",
                         {{"cgroup",
                           "\xef\xbf\xbd"
                           "ff\xef\xbf\xbd"
                           "fe"}}),
              17);
    EXPECT_EQ(read.Find("evil_total"), nullptr);
  }
}

// Whole families go, from the end: what remains can be summed.
TEST(UsageFamilies, TooManySeriesLeaveOutTheLeastImportantFamilies) {
  UsageSnapshot snapshot;
  for (int i = 0; i < 10; ++i) {
    snapshot.cgroups.push_back(UsageRow("c" + std::to_string(i)));
    support::FillUsageRow(snapshot.cgroups.back(), 5);
  }
  const std::size_t all = Read(snapshot).series();
  bool truncated = false;
  EXPECT_EQ(
      support::ReadExposition(Written(snapshot, Format::kText, all, &truncated), false).series(),
      all);
  EXPECT_FALSE(truncated);

  for (std::size_t most = 0; most < all; most += 7) {
    const Exposition read =
        support::ReadExposition(Written(snapshot, Format::kText, most, &truncated), false);
    EXPECT_TRUE(truncated) << most;
    EXPECT_EQ(read.error, "");
    EXPECT_LE(read.series(), most);
    EXPECT_GT(read.series() + 10, most);
    for (const auto& family : read.families) EXPECT_EQ(family.samples.size(), 10U) << family.name;
  }
}

}  // namespace
}  // namespace reeve::metrics
