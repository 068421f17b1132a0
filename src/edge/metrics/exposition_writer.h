// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "edge/metrics/exposition_format.h"
#include "edge/metrics/exposition_text.h"

namespace reeve::metrics {

enum class Type : std::uint8_t {
  kCounter,  // name ends in _total
  kGauge,
  kInfo,  // name ends in _info, value 1; a gauge in text 0.0.4
  kHistogram,
};

struct Family {
  std::string_view name;  // "reeve_cgroup_cpu_usage_seconds_total"
  Type type = Type::kGauge;
  std::string_view unit;  // "seconds": how the name ends before _total; "" when it has none
  std::string_view help;
};

struct Bucket {
  double upper_bound = 0;
  std::uint64_t cumulative_count = 0;
};

// Writes an exposition as a stream, a family at a time: Begin, then its samples. Each sample is
// printed once, into a buffer of fixed size that goes to the sink whenever it is full; nothing is
// kept of it.
class ExpositionWriter {
 public:
  // Gets the text in pieces; they are only valid during the call.
  using Sink = std::function<void(std::string_view)>;

  ExpositionWriter(Format format, Sink sink);

  // The next family. Each name must be begun only once: a family may not come in two parts. One
  // without samples leaves no trace. Aborts when the name does not fit type and unit.
  void Begin(const Family& family);

  // One sample of a counter, gauge or info. `more` is further labels, rendered, for what differs
  // between samples of one LabelText. No two samples of a family may have the same labels.
  //   began_usec   counters: when it was 0, microseconds since the epoch; only OpenMetrics has a
  //                place for it
  void Sample(std::string_view labels,
              std::string_view more,
              Number value,
              std::optional<std::uint64_t> began_usec = std::nullopt);

  // One histogram; buckets by rising bound, the last one may or may not be +Inf.
  void Histogram(std::string_view labels,
                 std::span<const Bucket> buckets,
                 double sum,
                 std::uint64_t count,
                 std::optional<std::uint64_t> began_usec = std::nullopt);

  // Ends the exposition. Nothing may follow.
  void Finish();

  // Series so far; births are none.
  std::size_t series() const { return series_; }

 private:
  void Header();
  void Line(std::string_view name,
            std::string_view labels,
            std::string_view more,
            const Number& value);
  void Put(std::string_view text);
  void Flush();

  Format format_;
  Sink sink_;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::size_t series_ = 0;

  std::string name_;     // of the family, as its samples have it
  std::string base_;     // the same without _total and _info
  std::string created_;  // base + _created
  std::string header_;   // written before the first sample, then empty
};

}  // namespace reeve::metrics
