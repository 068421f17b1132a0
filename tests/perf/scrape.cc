// SPDX-License-Identifier: Apache-2.0
#include "scrape.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <streambuf>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "edge/http/gzip.h"
#include "edge/metrics/scrape.h"
#include "edge/metrics/usage_families.h"
#include "floor.h"
#include "measure.h"
#include "support/exposition.h"
#include "support/usage_rows.h"

namespace reeve::perf {
namespace {

constexpr std::size_t kSeriesEach = 30;
constexpr std::size_t kNoCap = 100'000'000;

// A tenant's cgroup that has been in use for a while, with the figures that make 30 series.
CgroupUsage Row(std::size_t number, std::mt19937_64& random) {
  CgroupNames names;
  names.tenant = "customer-" + std::to_string(number % 500);
  names.policy = "30-customers.yaml";
  CgroupUsage usage = support::UsageRow("customers/" + NameOf(number), std::move(names));
  support::FillUsageRow(usage, random() % 1'000'000'000'000);
  usage.io.clear();
  usage.limits.io_max = {};
  usage.limits.memory_low.reset();
  usage.limits.swap_max.reset();
  usage.swap_events.reset();
  usage.swap_current.reset();
  usage.swap_peak.reset();
  usage.memory_events->oom_group_kill.reset();
  usage.cpu->burst_usec.reset();
  usage.memory->shmem.reset();
  usage.memory->pgmajfault.reset();
  usage.memory->kernel.reset();
  usage.memory->workingset_refault_anon.reset();
  usage.counts.reset();
  usage.events.reset();
  usage.pids_peak.reset();
  return usage;
}

UsageSnapshot Snapshot(std::size_t cgroups) {
  std::mt19937_64 random(7);
  UsageSnapshot snapshot;
  snapshot.boot_id = "5e3b7c1a-0f52-4e55-9d0e-6f8f5b2f7c11";
  for (std::size_t i = 0; i < cgroups; ++i) snapshot.cgroups.push_back(Row(i, random));
  return snapshot;
}

// Where both texts go, a piece after the other, as into a socket: one copy, and no memory that
// grows with the text.
class Drain final : public std::streambuf {
 public:
  Drain() : room_(new char[kPiece]) { setp(room_.get(), room_.get() + kPiece); }

  std::size_t bytes() const { return drained_ + static_cast<std::size_t>(pptr() - pbase()); }

  void Take(std::string_view piece) {
    drained_ += piece.size();
    for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), kPiece))) {
      std::memcpy(room_.get(), piece.data(), std::min(piece.size(), kPiece));
    }
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{64} * 1024;

  int_type overflow(int_type c) override {
    drained_ += static_cast<std::size_t>(pptr() - pbase());
    setp(room_.get(), room_.get() + kPiece);
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(c);
      pbump(1);
    }
    return traits_type::not_eof(c);
  }

  std::unique_ptr<char[]> room_;
  std::size_t drained_ = 0;
};

// Returns the number of series.
std::size_t WriteOurs(const UsageSnapshot& snapshot, const metrics::ExpositionWriter::Sink& sink) {
  metrics::ExpositionWriter writer(metrics::Format::kText, sink);
  if (metrics::WriteUsage(snapshot, kNoCap, writer)) std::abort();
  writer.Finish();
  return writer.series();
}

// The very same series, as the library keeps them once they are collected.
std::vector<prometheus::MetricFamily> PeersFamilies(const std::string& text) {
  const support::Exposition read = support::ReadExposition(text, false);
  if (!read.error.empty()) {
    std::fprintf(stderr, "our own exposition is wrong: %s\n", read.error.c_str());
    std::exit(2);
  }
  std::vector<prometheus::MetricFamily> families;
  for (const support::ExposedFamily& from : read.families) {
    prometheus::MetricFamily family;
    family.name = from.name;
    family.help = from.help;
    const bool counter = from.type == "counter";
    family.type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    for (const support::ExposedSample& sample : from.samples) {
      prometheus::ClientMetric metric;
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      (counter ? metric.counter.value : metric.gauge.value) = sample.number;
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  }
  return families;
}

// An answer, as the server asks for it.
class Answer final : public http::Pieces {
 public:
  Answer(std::shared_ptr<const metrics::Reading> reading, const metrics::OwnMetrics& own)
      : text_(std::move(reading), own, metrics::Format::kText, {.max_series = kNoCap}) {}

  std::optional<std::string_view> Next() override { return text_.Next(); }

 private:
  metrics::ScrapeText text_;
};

}  // namespace

ScrapeCost MeasureScrape(std::size_t cgroups, int rounds) {
  const UsageSnapshot snapshot = Snapshot(cgroups);
  ScrapeCost cost;
  std::string text;
  cost.series = WriteOurs(snapshot, [&](std::string_view piece) { text += piece; });
  if (cost.series != cgroups * kSeriesEach) {
    std::fprintf(stderr, "%zu series instead of 30 each\n", cost.series);
    std::exit(2);
  }
  cost.bytes = text.size();
  const std::vector<prometheus::MetricFamily> families = PeersFamilies(text);
  const prometheus::TextSerializer serializer;
  std::vector<double> ours;
  std::vector<double> peer;
  for (int round = 0; round < rounds; ++round) {
    Drain our_drain;
    ours.push_back(Measure(
        [&] { WriteOurs(snapshot, [&](std::string_view piece) { our_drain.Take(piece); }); }));
    Drain peer_drain;
    peer.push_back(Measure([&] {
      std::ostream out(&peer_drain);
      serializer.Serialize(out, families);
    }));
    // The peer prints doubles with all their digits, so its text is a little longer.
    const bool alike = peer_drain.bytes() > text.size() / 2 && our_drain.bytes() == text.size();
    if (!alike) std::abort();
  }
  cost.ours = Median(ours);
  cost.peer = Median(peer);
  return cost;
}

GzipCost MeasureGzip(std::size_t cgroups, int rounds) {
  const auto reading = std::make_shared<const metrics::Reading>(Snapshot(cgroups));
  const metrics::OwnMetrics own(metrics::BuildFacts{});
  std::vector<double> gzip;
  std::vector<double> plain;
  GzipCost cost;
  for (int round = 0; round < rounds; ++round) {
    for (const bool packed : {true, false}) {
      Drain drain;
      (packed ? gzip : plain).push_back(Measure([&] {
        http::Response response;
        response.pieces = std::make_shared<Answer>(reading, own);
        if (packed) http::Gzip(response);
        for (auto piece = response.pieces->Next(); piece && !piece->empty();
             piece = response.pieces->Next()) {
          drain.Take(*piece);
        }
      }));
      (packed ? cost.gzip_bytes : cost.plain_bytes) = drain.bytes();
    }
  }
  cost.gzip = Median(gzip);
  cost.plain = Median(plain);
  return cost;
}

}  // namespace reeve::perf
