// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/units.h"
#include "core/model/usage_snapshot.h"
#include "edge/io/clock.h"
#include "edge/metrics/exposition_writer.h"
#include "edge/metrics/own_metrics.h"
#include "edge/metrics/usage_families.h"

namespace reeve::metrics {

struct ScrapeOptions {
  // Of cgroups: what one target may cost its Prometheus. Beyond it the least important families are
  // left out, and reeve_scrape_truncated is 1.
  std::size_t max_series = 500'000;
  Usec (*now)() = io::MonotonicTime;
};

// One reading of all cgroups, for everybody who asked for it.
class Reading {
 public:
  explicit Reading(UsageSnapshot snapshot) : snapshot_(std::move(snapshot)), rows_(snapshot_) {}

  Reading(const Reading&) = delete;

  const UsageRows& rows() const { return rows_; }

 private:
  const UsageSnapshot snapshot_;
  const UsageRows rows_;
};

// A whole answer to a scrape, made in pieces while it is sent: reeve's own health as it is now, the
// cgroups of a reading, and what the scrape itself came to.
class ScrapeText {
 public:
  ScrapeText(std::shared_ptr<const Reading> reading,
             const OwnMetrics& own,
             Format format,
             const ScrapeOptions& options = {});
  ScrapeText(const ScrapeText&) = delete;

  // The next piece, some ten kilobytes; valid until the next call. "" when that was all.
  std::string_view Next();

 private:
  void WriteEnd();

  std::shared_ptr<const Reading> reading_;
  ScrapeOptions options_;
  std::string piece_;
  bool handed_out_ = false;  // piece_ was
  ExpositionWriter writer_;
  UsageWriter usage_;
  Usec took_{0};  // writing, so far
  bool finished_ = false;
};

// The same in one text.
std::string WriteMetrics(UsageSnapshot snapshot,
                         const OwnMetrics& own,
                         Format format,
                         const ScrapeOptions& options = {});

}  // namespace reeve::metrics
