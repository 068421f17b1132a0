// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "core/base/units.h"
#include "core/model/usage_snapshot.h"
#include "edge/io/clock.h"
#include "edge/metrics/exposition_writer.h"
#include "edge/metrics/own_metrics.h"

namespace reeve::metrics {

struct ScrapeOptions {
  // Of cgroups: what one target may cost its Prometheus. Beyond it the least important families are
  // left out, and reeve_scrape_truncated is 1.
  std::size_t max_series = 500'000;
  // Of the answer, to have the room at once; the size of the last one is a good guess. A text that
  // grows by itself costs more than writing it.
  std::size_t expected_bytes = 0;
  Usec (*now)() = io::MonotonicTime;
};

// A whole answer to a scrape, in pieces: reeve's own health, the cgroups of the snapshot, and what
// the scrape itself came to.
void StreamMetrics(const UsageSnapshot& snapshot,
                   const OwnMetrics& own,
                   Format format,
                   const ExpositionWriter::Sink& sink,
                   const ScrapeOptions& options = {});

// The same in one text.
std::string WriteMetrics(const UsageSnapshot& snapshot,
                         const OwnMetrics& own,
                         Format format,
                         const ScrapeOptions& options = {});

}  // namespace reeve::metrics
