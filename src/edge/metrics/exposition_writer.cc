// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_writer.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "core/base/result.h"

namespace reeve::metrics {
namespace {

// Larger saves calls of the sink, smaller stays in the processor's cache.
constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

std::string_view TypeName(Type type, Format format) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kHistogram:
      return "histogram";
    case Type::kInfo:
      return format == Format::kOpenMetrics ? "info" : "gauge";
    case Type::kGauge:
      break;
  }
  return "gauge";
}

std::string_view SuffixOf(Type type) {
  if (type == Type::kCounter) return "_total";
  if (type == Type::kInfo) return "_info";
  return "";
}

char* Copy(std::string_view text, char* to) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// A bucket's bound as a label. OpenMetrics wants whole ones as "1.0".
std::string BoundText(double bound, Format format) {
  char text[Number::kLongest];
  std::string printed(text, Number::Real(bound).Print(text));
  const bool whole = printed.find_first_not_of("-0123456789") == std::string::npos;
  if (format == Format::kOpenMetrics && whole) printed += ".0";
  return printed;
}

}  // namespace

ExpositionWriter::ExpositionWriter(Format format, Sink sink)
    : format_(format), sink_(std::move(sink)), buffer_(new char[kBufferBytes]) {}

void ExpositionWriter::Begin(const Family& family) {
  const std::string_view suffix = SuffixOf(family.type);
  REEVE_CHECK(family.name.ends_with(suffix));
  name_ = family.name;
  base_ = family.name.substr(0, family.name.size() - suffix.size());
  created_ = base_ + "_created";
  REEVE_CHECK(family.unit.empty() || base_.ends_with("_" + std::string(family.unit)));

  const bool open = format_ == Format::kOpenMetrics;
  const std::string& announced = open ? base_ : name_;
  header_ = "# HELP " + announced + " ";
  AppendHelp(family.help, format_, header_);
  header_ += "\n# TYPE " + announced + " ";
  header_ += TypeName(family.type, format_);
  if (open && !family.unit.empty()) {
    header_ += "\n# UNIT " + announced + " ";
    header_ += family.unit;
  }
  header_ += '\n';
}

void ExpositionWriter::Sample(std::string_view labels,
                              std::string_view more,
                              Number value,
                              std::optional<std::uint64_t> began_usec) {
  Header();
  ++series_;
  Line(name_, labels, more, value);
  // Beside its counter: OpenMetrics forbids to come back to a metric.
  if (began_usec && format_ == Format::kOpenMetrics) {
    Line(created_, labels, more, Number::Micros(*began_usec));
  }
}

void ExpositionWriter::Histogram(std::string_view labels,
                                 std::span<const Bucket> buckets,
                                 double sum,
                                 std::uint64_t count,
                                 std::optional<std::uint64_t> began_usec) {
  Header();
  const std::string bucket_name = name_ + "_bucket";
  const auto bucket = [&](const std::string& bound, std::uint64_t cumulative) {
    ++series_;
    Line(bucket_name, labels, "le=\"" + bound + "\"", Number::Count(cumulative));
  };
  for (const Bucket& each : buckets) {
    if (!std::isinf(each.upper_bound)) {
      bucket(BoundText(each.upper_bound, format_), each.cumulative_count);
    }
  }
  bucket("+Inf", count);
  series_ += 2;
  Line(name_ + "_sum", labels, "", Number::Real(sum));
  Line(name_ + "_count", labels, "", Number::Count(count));
  if (began_usec && format_ == Format::kOpenMetrics) {
    Line(created_, labels, "", Number::Micros(*began_usec));
  }
}

void ExpositionWriter::Finish() {
  if (format_ == Format::kOpenMetrics) Put("# EOF\n");
  Flush();
}

void ExpositionWriter::Header() {
  if (header_.empty()) return;
  Put(header_);
  header_.clear();
}

void ExpositionWriter::Line(std::string_view name,
                            std::string_view labels,
                            std::string_view more,
                            const Number& value) {
  constexpr std::size_t kPunctuation = 5;  // { , } blank newline
  const std::size_t most =
      name.size() + labels.size() + more.size() + kPunctuation + Number::kLongest;
  if (most > kBufferBytes - used_) Flush();
  if (most > kBufferBytes) {  // names from the kernel may be as long as they like
    char number[Number::kLongest];
    const bool both = !labels.empty() && !more.empty();
    for (std::string_view piece :
         {name, std::string_view("{"), labels, std::string_view(both ? "," : ""), more}) {
      Put(piece);
    }
    Put("} ");
    Put({number, static_cast<std::size_t>(value.Print(number) - number)});
    return Put("\n");
  }
  char* to = Copy(name, buffer_.get() + used_);
  if (!labels.empty() || !more.empty()) {
    *to++ = '{';
    to = Copy(labels, to);
    if (!labels.empty() && !more.empty()) *to++ = ',';
    to = Copy(more, to);
    *to++ = '}';
  }
  *to++ = ' ';
  to = value.Print(to);
  *to++ = '\n';
  used_ = static_cast<std::size_t>(to - buffer_.get());
}

void ExpositionWriter::Put(std::string_view text) {
  if (text.size() > kBufferBytes - used_) Flush();
  if (text.size() > kBufferBytes) return sink_(text);
  Copy(text, buffer_.get() + used_);
  used_ += text.size();
}

void ExpositionWriter::Flush() {
  if (used_ != 0) sink_({buffer_.get(), used_});
  used_ = 0;
}

}  // namespace reeve::metrics
