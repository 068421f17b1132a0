// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

namespace reeve::perf {

// Seconds of CPU this process took, in the kernel too. Other loads on the machine stretch wall time; this they
// touch far less, so ratios are made of it.
inline double CpuSeconds() {
  timespec time;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <typename Work>
double Measure(Work work) {
  const double from = CpuSeconds();
  work();
  return CpuSeconds() - from;
}

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace reeve::perf
