// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "edge/metrics/exposition_writer.h"

namespace prometheus {
struct MetricFamily;
}

namespace reeve::metrics {

// Writes what prometheus-cpp collected: counters, gauges and histograms. A gauge of the name _info
// is an info. Its own serializer would let one bad byte of a label spoil the scrape, and knows no
// OpenMetrics.
//   began_usec   when the counters were 0, microseconds since the epoch
void WriteRegistryFamilies(const std::vector<prometheus::MetricFamily>& families,
                           std::optional<std::uint64_t> began_usec,
                           ExpositionWriter& writer);

}  // namespace reeve::metrics
