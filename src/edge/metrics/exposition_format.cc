// SPDX-License-Identifier: Apache-2.0
#include "edge/metrics/exposition_format.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/text.h"

namespace reeve::metrics {
namespace {

// Pieces between separators that stand in no quoted string.
std::vector<std::string_view> SplitUnquoted(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      pieces.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// "1", "0.75" in thousandths; 0 for what is no quality, so that such a range is passed over.
int Quality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int thousandths = text[0] == '1' ? 1000 : 0;
  if (text.size() == 1) return thousandths;
  if (text[1] != '.' || text.size() > 5) return 0;
  int worth = 100;
  for (char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') return 0;
    thousandths += worth * (digit - '0');
    worth /= 10;
  }
  return std::min(thousandths, 1000);
}

struct MediaRange {
  std::string type;     // "text/plain", "text/*"
  std::string version;  // "" when it names none
  int quality = 1000;
};

MediaRange ParseMediaRange(std::string_view text) {
  MediaRange range;
  const std::vector<std::string_view> parts = SplitUnquoted(text, ';');
  range.type = Lower(Trim(parts[0]));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = Lower(Trim(parts[i].substr(0, equals)));
    std::string_view value = Trim(parts[i].substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "version") range.version = value;
    if (name == "q") range.quality = Quality(value);
  }
  return range;
}

struct Liking {
  int quality = 0;
  int precision = -1;  // how exactly it was named: 0 "*/*" .. 3 with its version
};

Liking LikingFor(const std::vector<MediaRange>& ranges,
                 std::string_view type,
                 std::string_view version) {
  const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
  Liking best;
  for (const MediaRange& range : ranges) {
    int precision = -1;
    if (range.type == "*/*") precision = 0;
    if (range.type == family) precision = 1;
    if (range.type == type && range.version.empty()) precision = 2;
    if (range.type == type && range.version == version) precision = 3;
    // The most exact range decides; of equally exact ones the kindest.
    const bool better =
        precision > best.precision || (precision == best.precision && range.quality > best.quality);
    if (precision >= 0 && better) best = {range.quality, precision};
  }
  return best;
}

}  // namespace

Format ChooseFormat(std::string_view accept) {
  std::vector<MediaRange> ranges;
  for (std::string_view piece : SplitUnquoted(accept, ',')) {
    ranges.push_back(ParseMediaRange(piece));
  }
  const Liking open = LikingFor(ranges, "application/openmetrics-text", "1.0.0");
  const Liking text = LikingFor(ranges, "text/plain", "0.0.4");
  const bool named = open.precision >= 2 && open.quality > 0;
  const bool preferred = open.quality > text.quality || (named && open.quality == text.quality);
  return preferred ? Format::kOpenMetrics : Format::kText;
}

bool WantsGzip(std::string_view accept_encoding) {
  int gzip = -1;
  int any = 0;
  int plain = 0;
  for (std::string_view piece : SplitUnquoted(accept_encoding, ',')) {
    const MediaRange coding = ParseMediaRange(piece);
    if (coding.type == "gzip" || coding.type == "x-gzip") gzip = std::max(gzip, coding.quality);
    if (coding.type == "*") any = coding.quality;
    if (coding.type == "identity") plain = coding.quality;
  }
  const int quality = gzip < 0 ? any : gzip;
  return quality > 0 && quality >= plain;
}

std::string_view ContentType(Format format) {
  return format == Format::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace reeve::metrics
