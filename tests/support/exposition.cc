// SPDX-License-Identifier: Apache-2.0
#include "support/exposition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "core/base/text.h"

namespace reeve::support {
namespace {

bool IsName(std::string_view name, bool colon) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':');
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

bool ReadNumber(std::string_view text, double& number) {
  if (text == "+Inf" || text == "-Inf") {
    number = std::numeric_limits<double>::infinity() * (text[0] == '+' ? 1 : -1);
    return true;
  }
  if (text == "NaN") {
    number = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  // from_chars also takes inf, nan and their like, which are no numbers here.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

std::string_view WithoutSuffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : "";
}

std::map<std::string, std::string> Without(std::map<std::string, std::string> labels,
                                           const std::string& label) {
  labels.erase(label);
  return labels;
}

class Reader {
 public:
  explicit Reader(bool open_metrics) : open_(open_metrics) {}

  Exposition Read(std::string_view text) {
    if (text.empty() && !open_) return {};
    if (!IsValidUtf8(text)) Fail("not UTF-8");
    if (!text.ends_with('\n')) Fail("does not end with a newline");
    if (open_ && !text.ends_with("# EOF\n")) Fail("does not end with # EOF");
    if (!exposition_.error.empty()) return std::move(exposition_);
    text.remove_suffix(1);
    for (std::string_view line : Split(text, '\n')) {
      ++line_;
      if (ended_) Fail("something after # EOF");
      if (line.starts_with('#')) {
        ReadComment(line);
      } else {
        ReadSample(line);
      }
      if (!exposition_.error.empty()) return std::move(exposition_);
    }
    EndFamily();
    return std::move(exposition_);
  }

 private:
  void Fail(std::string_view what) {
    if (!exposition_.error.empty()) return;
    exposition_.error = "line " + std::to_string(line_) + ": " + std::string(what);
  }

  ExposedFamily& family() { return exposition_.families.back(); }

  void ReadComment(std::string_view line) {
    if (open_ && line == "# EOF") {
      ended_ = true;
      return;
    }
    const std::size_t second = line.find(' ', 2);
    const std::size_t third =
        second == std::string_view::npos ? second : line.find(' ', second + 1);
    if (!line.starts_with("# ") || third == std::string_view::npos) return Fail("a stray comment");
    const std::string_view keyword = line.substr(2, second - 2);
    const std::string name(line.substr(second + 1, third - second - 1));
    const std::string_view rest = line.substr(third + 1);
    if (!IsName(name, true)) return Fail("a family's name that is none");
    if (exposition_.families.empty() || family().name != name) {
      EndFamily();
      if (!family_names_.insert(name).second) return Fail("a family in two parts");
      exposition_.families.push_back({name, "", "", "", {}});
    }
    if (!family().samples.empty()) return Fail("metadata behind samples");
    std::string* place = keyword == "HELP"            ? &family().help
                         : keyword == "TYPE"          ? &family().type
                         : keyword == "UNIT" && open_ ? &family().unit
                                                      : nullptr;
    if (place == nullptr) return Fail("a comment of no known kind");
    if (!place->empty()) return Fail("metadata twice");
    if (keyword != "HELP") {
      *place = rest;
    } else if (!Unescape(rest, open_, *place)) {
      Fail("a wrong escape in HELP");
    }
    if (place->empty()) return Fail("empty metadata");
    if (keyword == "UNIT" && !name.ends_with("_" + family().unit)) Fail("a unit not in the name");
  }

  // The whole of `text` must be well escaped.
  bool Unescape(std::string_view text, bool quotes, std::string& to) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' && quotes) return false;
      if (text[i] != '\\') {
        to += text[i];
        continue;
      }
      if (++i == text.size()) return false;
      if (text[i] == 'n') {
        to += '\n';
      } else if (text[i] == '\\' || (text[i] == '"' && quotes)) {
        to += text[i];
      } else {
        return false;
      }
    }
    return true;
  }

  void ReadSample(std::string_view line) {
    if (exposition_.families.empty()) return Fail("a sample of no family");
    ExposedSample sample;
    const std::size_t name_end = std::min(line.find_first_of("{ "), line.size());
    sample.name = line.substr(0, name_end);
    if (!IsName(sample.name, true)) return Fail("a sample's name that is none");
    line.remove_prefix(name_end);
    if (line.starts_with('{') && !ReadLabels(line, sample)) return;
    if (!line.starts_with(' ')) return Fail("no value");
    sample.value = line.substr(1);
    if (!ReadNumber(sample.value, sample.number)) return Fail("a value that is no number");
    if (!series_.emplace(sample.name, sample.labels).second) return Fail("a series twice");
    JudgeFit(sample);
    family().samples.push_back(std::move(sample));
  }

  // {a="b",c="d"}; leaves what follows.
  bool ReadLabels(std::string_view& line, ExposedSample& sample) {
    line.remove_prefix(1);
    while (true) {
      const std::size_t equals = line.find("=\"");
      const std::string name(line.substr(0, equals));
      if (equals == std::string_view::npos || !IsName(name, false)) {
        Fail("a label's name that is none");
        return false;
      }
      line.remove_prefix(equals + 2);
      std::size_t end = 0;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      std::string value;
      if (end >= line.size() || !Unescape(line.substr(0, end), true, value)) {
        Fail("a label's value that is none");
        return false;
      }
      line.remove_prefix(end + 1);
      if (!sample.labels.emplace(name, value).second) {
        Fail("a label twice");
        return false;
      }
      if (line.starts_with('}')) break;
      if (!line.starts_with(',')) {
        Fail("labels without an end");
        return false;
      }
      line.remove_prefix(1);
    }
    line.remove_prefix(1);
    return true;
  }

  void JudgeFit(const ExposedSample& sample) {
    const std::string& type = family().type;
    if (type.empty() || family().help.empty()) return Fail("a sample before HELP and TYPE");
    if (JudgeCreated(sample)) return;
    if (type == "counter") {
      const std::string_view base = open_ ? WithoutSuffix(sample.name, "_total") : sample.name;
      if (base != family().name || !sample.name.ends_with("_total")) Fail("no counter's name");
      if (!(sample.number >= 0) || std::isinf(sample.number)) Fail("no counter's value");
    } else if (type == "info" && open_) {
      if (WithoutSuffix(sample.name, "_info") != family().name) Fail("no info's name");
      if (sample.value != "1") Fail("no info's value");
    } else if (type == "gauge") {
      if (sample.name != family().name) Fail("no gauge's name");
    } else if (type == "histogram") {
      const bool bucket = WithoutSuffix(sample.name, "_bucket") == family().name;
      const bool total = WithoutSuffix(sample.name, "_sum") == family().name ||
                         WithoutSuffix(sample.name, "_count") == family().name;
      if (!bucket && !total) Fail("no histogram's name");
      if (bucket != sample.labels.contains("le")) Fail("le where it does not belong, or nowhere");
    } else {
      Fail("an unknown type");
    }
  }

  // The birth of a counter or histogram follows it at once.
  bool JudgeCreated(const ExposedSample& sample) {
    const std::string& type = family().type;
    const bool may_have = type == "counter" || type == "histogram";
    if (!open_ || !may_have || WithoutSuffix(sample.name, "_created") != family().name) {
      return false;
    }
    if (family().samples.empty() || family().samples.back().labels != sample.labels) {
      Fail("_created away from its metric");
    }
    return true;
  }

  void EndFamily() {
    if (exposition_.families.empty() || !exposition_.error.empty()) return;
    if (family().samples.empty()) return Fail("a family without samples");
    if (family().type == "histogram") JudgeHistogram();
  }

  void JudgeHistogram() {
    struct Seen {
      double bound = -std::numeric_limits<double>::infinity();
      double count = 0;
      bool closed = false;
    };

    std::map<std::map<std::string, std::string>, Seen> seen;
    for (const ExposedSample& sample : family().samples) {
      Seen& one = seen[Without(sample.labels, "le")];
      if (sample.name.ends_with("_bucket")) {
        double bound = 0;
        const std::string& text = sample.labels.at("le");
        if (!ReadNumber(text, bound) || bound <= one.bound) return Fail("buckets out of order");
        if (open_ && text.find_first_of(".eI") == std::string::npos) Fail("no OpenMetrics bound");
        if (sample.number < one.count) return Fail("a smaller bucket above a larger one");
        one = {bound, sample.number, std::isinf(bound)};
      } else if (sample.name.ends_with("_count") && (!one.closed || sample.number != one.count)) {
        return Fail("a histogram that does not add up");
      }
    }
  }

  bool open_;
  bool ended_ = false;
  std::size_t line_ = 0;
  Exposition exposition_;
  std::set<std::string> family_names_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

}  // namespace

const ExposedFamily* Exposition::Find(std::string_view family) const {
  for (const ExposedFamily& each : families) {
    if (each.name == family) return &each;
  }
  return nullptr;
}

double Exposition::Value(std::string_view sample,
                         const std::map<std::string, std::string>& labels) const {
  for (const ExposedFamily& family : families) {
    for (const ExposedSample& each : family.samples) {
      if (each.name == sample && each.labels == labels) return each.number;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::size_t Exposition::series() const {
  std::size_t series = 0;
  for (const ExposedFamily& family : families) series += family.samples.size();
  return series;
}

Exposition ReadExposition(std::string_view text, bool open_metrics) {
  return Reader(open_metrics).Read(text);
}

}  // namespace reeve::support
