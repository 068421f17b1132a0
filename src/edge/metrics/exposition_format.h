// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace reeve::metrics {

// The two texts that Prometheus reads.
enum class Format {
  kText,         // Prometheus text 0.0.4
  kOpenMetrics,  // OpenMetrics 1.0.0
};

// What the sender of this Accept header likes best; several headers are joined by ", ". OpenMetrics
// only for who asks for it by name or likes it better, and in this version; text for everybody
// else, also for who can take neither, because an answer says more than a refusal.
//   source   RFC 9110, 12.5.1; what Prometheus 2.42 and 3 send is in the tests
Format ChooseFormat(std::string_view accept);

// Whether the sender of this Accept-Encoding header asks for gzip, and does not like plain text better.
bool WantsGzip(std::string_view accept_encoding);

// The answer's Content-Type. Prometheus 3 fails a scrape whose type it does not know.
std::string_view ContentType(Format format);

}  // namespace reeve::metrics
