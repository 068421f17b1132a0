// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/scrape.h"

#include "edge/metrics/usage_families.h"

namespace reeve::metrics {
namespace {

void Gauge(std::string_view name,
           std::string_view unit,
           std::string_view help,
           std::string_view labels,
           Number value,
           ExpositionWriter& writer) {
  writer.Begin({name, Type::kGauge, unit, help});
  writer.Sample(labels, "", value);
}

}  // namespace

void StreamMetrics(const UsageSnapshot& snapshot,
                   const OwnMetrics& own,
                   Format format,
                   const ExpositionWriter::Sink& sink,
                   const ScrapeOptions& options) {
  const Usec begin = options.now();
  ExpositionWriter writer(format, sink);
  own.Write(writer);
  const bool truncated = WriteUsage(snapshot, options.max_series, writer);

  LabelText cgroups;
  cgroups.Add("collector", "cgroups");
  Gauge("reeve_scrape_collector_success",
        "",
        "1 when everything that is there could be read.",
        cgroups.text(),
        Number::Count(snapshot.unreadable == 0 ? 1 : 0),
        writer);
  Gauge("reeve_scrape_unreadable_files",
        "",
        "Files that are there and could not be read or understood.",
        "",
        Number::Count(snapshot.unreadable),
        writer);
  Gauge("reeve_scrape_truncated",
        "",
        "1 when families of cgroups are left out because there would be too many series.",
        "",
        Number::Count(truncated ? 1 : 0),
        writer);
  const Usec took = options.now() - begin + Usec(snapshot.read_usec);
  Gauge("reeve_scrape_duration_seconds",
        "seconds",
        "Time to read the cgroups and write this answer.",
        "",
        Number::Micros(static_cast<std::uint64_t>(took.count())),
        writer);
  Gauge("reeve_scrape_series",
        "",
        "Series in this answer.",
        "",
        Number::Count(writer.series() + 1),
        writer);
  writer.Finish();
}

std::string WriteMetrics(const UsageSnapshot& snapshot,
                         const OwnMetrics& own,
                         Format format,
                         const ScrapeOptions& options) {
  std::string text;
  text.reserve(options.expected_bytes + options.expected_bytes / 16);
  StreamMetrics(
      snapshot, own, format, [&](std::string_view piece) { text += piece; }, options);
  return text;
}

}  // namespace reeve::metrics
