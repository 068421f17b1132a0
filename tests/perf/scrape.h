// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace reeve::perf {

// Seconds of CPU to write the text of the same series as a stream: by reeve from its snapshot, and
// by prometheus-cpp's serializer from families that are already collected. Medians of interleaved
// rounds.
struct ScrapeCost {
  double ours = 0;
  double peer = 0;
  std::size_t series = 0;
  std::size_t bytes = 0;  // of our text
};

// `cgroups` with 30 series each.
ScrapeCost MeasureScrape(std::size_t cgroups, int rounds);

// The same for a whole answer of reeve's as it is sent, piece by piece: in gzip, and plain.
struct GzipCost {
  double gzip = 0;
  double plain = 0;
  std::size_t gzip_bytes = 0;
  std::size_t plain_bytes = 0;
};

GzipCost MeasureGzip(std::size_t cgroups, int rounds);

}  // namespace reeve::perf
