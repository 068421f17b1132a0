// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/registry_families.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <prometheus/metric_family.h>

#include "core/base/result.h"

namespace reeve::metrics {
namespace {

constexpr std::array<std::string_view, 2> kUnits = {"seconds", "bytes"};

Type TypeOf(const prometheus::MetricFamily& family) {
  switch (family.type) {
    case prometheus::MetricType::Counter:
      return Type::kCounter;
    case prometheus::MetricType::Histogram:
      return Type::kHistogram;
    case prometheus::MetricType::Gauge:
      return std::string_view(family.name).ends_with("_info") ? Type::kInfo : Type::kGauge;
    default:
      break;
  }
  REEVE_CHECK(false);  // we register no others
  return Type::kGauge;
}

std::string_view UnitOf(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(std::string_view("_total").size());
  for (std::string_view unit : kUnits) {
    if (name.ends_with("_" + std::string(unit))) return unit;
  }
  return "";
}

struct Row {
  std::string labels;
  const prometheus::ClientMetric* metric;
};

// In the order of their labels: the library keeps them by hash.
std::vector<Row> RowsOf(const prometheus::MetricFamily& family) {
  std::vector<Row> rows;
  for (const prometheus::ClientMetric& metric : family.metric) {
    LabelText labels;
    for (const auto& label : metric.label) labels.Add(label.name, label.value);
    rows.push_back({std::string(labels.text()), &metric});
  }
  std::sort(
      rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.labels < b.labels; });
  return rows;
}

void WriteHistogram(const Row& row,
                    std::optional<std::uint64_t> began_usec,
                    ExpositionWriter& writer) {
  const auto& histogram = row.metric->histogram;
  std::vector<Bucket> buckets;
  for (const auto& bucket : histogram.bucket) {
    buckets.push_back({bucket.upper_bound, bucket.cumulative_count});
  }
  writer.Histogram(row.labels, buckets, histogram.sample_sum, histogram.sample_count, began_usec);
}

}  // namespace

void WriteRegistryFamilies(const std::vector<prometheus::MetricFamily>& families,
                           std::optional<std::uint64_t> began_usec,
                           ExpositionWriter& writer) {
  for (const prometheus::MetricFamily& family : families) {
    const Type type = TypeOf(family);
    writer.Begin({family.name, type, UnitOf(family.name), family.help});
    for (const Row& row : RowsOf(family)) {
      if (type == Type::kHistogram) {
        WriteHistogram(row, began_usec, writer);
      } else if (type == Type::kCounter) {
        writer.Sample(row.labels, "", Number::Real(row.metric->counter.value), began_usec);
      } else {
        writer.Sample(row.labels, "", Number::Real(row.metric->gauge.value));
      }
    }
  }
}

}  // namespace reeve::metrics
