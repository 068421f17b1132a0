// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/scrape.h"

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

ScrapeText::ScrapeText(std::shared_ptr<const Reading> reading,
                       const OwnMetrics& own,
                       Format format,
                       const ScrapeOptions& options)
    : reading_(std::move(reading)),
      options_(options),
      writer_(format, [this](std::string_view piece) { piece_ += piece; }),
      usage_(reading_->rows(), options.max_series) {
  own.Write(writer_);
}

std::string_view ScrapeText::Next() {
  if (handed_out_) piece_.clear();
  handed_out_ = true;
  const Usec begin = options_.now();
  while (piece_.empty() && usage_.Step(writer_)) {
  }
  took_ += options_.now() - begin;
  if (piece_.empty() && !finished_) WriteEnd();
  return piece_;
}

void ScrapeText::WriteEnd() {
  finished_ = true;
  const UsageSnapshot& snapshot = reading_->rows().snapshot();
  LabelText cgroups;
  cgroups.Add("collector", "cgroups");
  Gauge("reeve_scrape_collector_success",
        "",
        "1 when everything that is there could be read.",
        cgroups.text(),
        Number::Count(snapshot.unreadable == 0 ? 1 : 0),
        writer_);
  Gauge("reeve_scrape_unreadable_files",
        "",
        "Files that are there and could not be read or understood.",
        "",
        Number::Count(snapshot.unreadable),
        writer_);
  Gauge("reeve_scrape_truncated",
        "",
        "1 when families of cgroups are left out because there would be too many series.",
        "",
        Number::Count(usage_.truncated() ? 1 : 0),
        writer_);
  Gauge("reeve_scrape_duration_seconds",
        "seconds",
        "Time to read the cgroups and write this answer.",
        "",
        Number::Micros(static_cast<std::uint64_t>(took_.count()) + snapshot.read_usec),
        writer_);
  Gauge("reeve_scrape_series",
        "",
        "Series in this answer.",
        "",
        Number::Count(writer_.series() + 1),
        writer_);
  writer_.Finish();
}

std::string WriteMetrics(UsageSnapshot snapshot,
                         const OwnMetrics& own,
                         Format format,
                         const ScrapeOptions& options) {
  ScrapeText text(std::make_shared<const Reading>(std::move(snapshot)), own, format, options);
  std::string whole;
  for (std::string_view piece = text.Next(); !piece.empty(); piece = text.Next()) whole += piece;
  return whole;
}

}  // namespace reeve::metrics
