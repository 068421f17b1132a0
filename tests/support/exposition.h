// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::support {

struct ExposedSample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;  // as printed
  double number = 0;
};

struct ExposedFamily {
  std::string name;  // as announced
  std::string type, help, unit;
  std::vector<ExposedSample> samples;
};

struct Exposition {
  std::vector<ExposedFamily> families;
  std::string error;  // "" = valid; else the first offence, with its line

  const ExposedFamily* Find(std::string_view family) const;

  // The number of the one sample with this name and these labels; NaN when there is none.
  double Value(std::string_view sample, const std::map<std::string, std::string>& labels) const;

  std::size_t series() const;
};

// Reads an exposition as strictly as its standard says, and more strictly than Prometheus does:
// UTF-8 throughout, each family announced once with HELP and TYPE and in one piece, names that fit
// the types, no series twice, histograms that add up; OpenMetrics: # EOF, units that end the name,
// metrics in one piece.
//   source   github.com/prometheus/docs exposition_formats.md; OpenMetrics 1.0
Exposition ReadExposition(std::string_view text, bool open_metrics);

}  // namespace reeve::support
