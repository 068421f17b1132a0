// SPDX-License-Identifier: Apache-2.0
// cpu.*: weight, bandwidth, burst, idle, clamps.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

constexpr std::uint64_t kNsPerUsec = 1000;
constexpr std::uint64_t kShortestNs = 1'000'000;  // quota and period
constexpr std::uint64_t kLongestPeriodNs = 1'000'000'000;
constexpr std::uint64_t kLargestQuotaNs = ((std::uint64_t{1} << 44) - 1) * kNsPerUsec;
constexpr std::uint64_t kSharesOfIdle = 3;

// sched_prio_to_weight: nice -20 .. 19.
constexpr std::array<std::uint64_t, 40> kSharesOfNice = {
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
    3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
    172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15};

std::uint64_t DivideRounded(std::uint64_t value, std::uint64_t by) {
  return (value + by / 2) / by;
}

Errno SetShares(CpuState& cpu, std::uint64_t shares) {
  if (cpu.idle) return EINVAL;
  cpu.shares = std::clamp<std::uint64_t>(shares, 2, 1U << 18);
  return 0;
}

Errno WriteWeight(CpuState& cpu, std::string_view text) {
  std::uint64_t weight = 0;
  if (Errno error = Kstrtoull(text, &weight)) return error;
  if (weight < 1 || weight > 10'000) return ERANGE;
  return SetShares(cpu, DivideRounded(weight * 1024, 100));
}

std::string WeightText(const FakeKernel& kernel, const CpuState& cpu) {
  std::uint64_t weight = DivideRounded(cpu.shares * 100, 1024);
  if (cpu.idle && kernel.options().version >= 612) weight = std::max<std::uint64_t>(weight, 1);
  return std::to_string(weight);
}

Errno WriteNice(CpuState& cpu, std::string_view text) {
  std::int64_t nice = 0;
  if (Errno error = Kstrtoll(text, &nice)) return error;
  if (nice < -20 || nice > 19) return ERANGE;
  return SetShares(cpu, kSharesOfNice[static_cast<std::size_t>(nice + 20)]);
}

std::string NiceText(const CpuState& cpu) {
  std::uint64_t last = kU64Max;
  int index = 0;
  for (std::uint64_t shares : kSharesOfNice) {
    std::uint64_t delta = shares > cpu.shares ? shares - cpu.shares : cpu.shares - shares;
    if (delta >= last) break;
    last = delta;
    ++index;
  }
  return std::to_string(index - 1 - 20);
}

Errno SetBandwidth(CpuState& cpu, std::uint64_t period, std::uint64_t quota, std::uint64_t burst) {
  if (quota < kShortestNs || period < kShortestNs || period > kLongestPeriodNs) return EINVAL;
  if (quota != kU64Max) {
    if (quota > kLargestQuotaNs) return EINVAL;
    if (burst > quota || burst + quota > kLargestQuotaNs) return EINVAL;
  }
  cpu.period_ns = period;
  cpu.quota_ns = quota;
  cpu.burst_ns = burst;
  return 0;
}

// "%20s %llu": what follows the period is not looked at. 6.x counts in nanoseconds and lets them wrap around;
// 7.2 counts in microseconds, of which 2^64-1 is `max`.
Errno WriteMax(const FakeKernel& kernel, CpuState& cpu, std::string_view text) {
  if (text.empty()) return EINVAL;
  std::string_view word = ScanWord(&text, 20);
  std::uint64_t period = cpu.period_ns / kNsPerUsec, quota = 0;
  ScanUnsigned(&text, &period, kernel.overflow());
  if (ScanUnsigned(&word, &quota, kernel.overflow())) {
    bool wraps = kernel.overflow() == Overflow::kWraps;
    if (wraps || quota <= kLargestQuotaNs / kNsPerUsec) {
      quota *= kNsPerUsec;
    } else if (quota != kU64Max) {
      return EINVAL;
    }
  } else if (word == "max") {
    quota = kU64Max;
  } else {
    return EINVAL;
  }
  return SetBandwidth(cpu, period * kNsPerUsec, quota, cpu.burst_ns);
}

std::string MaxText(const CpuState& cpu) {
  std::string quota = cpu.quota_ns == kU64Max ? "max" : std::to_string(cpu.quota_ns / kNsPerUsec);
  return quota + " " + std::to_string(cpu.period_ns / kNsPerUsec);
}

Errno WriteBurst(CpuState& cpu, std::string_view text) {
  std::uint64_t usec = 0;
  if (Errno error = Kstrtoull(text, &usec)) return error;
  if (usec > kU64Max / kNsPerUsec) return EINVAL;
  return SetBandwidth(cpu, cpu.period_ns, cpu.quota_ns, usec * kNsPerUsec);
}

Errno WriteIdle(CpuState& cpu, std::string_view text) {
  std::int64_t idle = 0;
  if (Errno error = Kstrtoll(text, &idle)) return error;
  if (idle != 0 && idle != 1) return EINVAL;
  if (cpu.idle == (idle == 1)) return 0;
  cpu.idle = idle == 1;
  cpu.shares = cpu.idle ? kSharesOfIdle : 1024;
  return 0;
}

// cgroup_parse_float with two decimals: at most two digits count, more are rounded.
Errno WriteClamp(std::uint64_t& clamp, std::string_view text) {
  text = Strstrip(text);
  if (text == "max") {
    clamp = 10'000;
    return 0;
  }
  std::int64_t whole = 0, fraction = 0;
  if (!ScanSigned(&text, &whole)) return EINVAL;
  std::size_t digits = 0;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    std::size_t before = text.size();
    if (ScanSigned(&text, &fraction)) digits = before - text.size();
    if (fraction < 0) return EINVAL;
  }
  for (; digits < 2; ++digits) fraction *= 10;
  std::int64_t scale = 1;
  for (; digits > 2; --digits) scale *= 10;
  fraction = (fraction + scale / 2) / scale;
  std::int64_t hundredths = whole * 100 + fraction;
  if (hundredths < 0 || hundredths > 10'000) return ERANGE;
  clamp = static_cast<std::uint64_t>(hundredths);
  return 0;
}

std::string ClampText(std::uint64_t clamp) {
  if (clamp == 10'000) return "max";
  std::string fraction = std::to_string(clamp % 100);
  return std::to_string(clamp / 100) + "." + (fraction.size() < 2 ? "0" : "") + fraction;
}

}  // namespace

std::vector<FakeFile> CpuFiles(const FakeKernel& kernel) {
  std::vector<FakeFile> files;
  auto add = [&](std::string name, auto text, auto write) {
    FakeFile file;
    file.name = std::move(name);
    file.controller = Controller::kCpu;
    file.read = [text](const FakeCgroup& c) { return Line(text(c.cpu)); };
    file.write = [write](FakeCgroup& c, std::string_view line) { return write(c.cpu, line); };
    files.push_back(std::move(file));
  };
  add(
      "cpu.weight",
      [&kernel](const CpuState& cpu) { return WeightText(kernel, cpu); },
      WriteWeight);
  add("cpu.weight.nice", NiceText, WriteNice);
  add("cpu.max", MaxText, [&kernel](CpuState& cpu, std::string_view line) {
    return WriteMax(kernel, cpu, line);
  });
  add(
      "cpu.max.burst",
      [](const CpuState& cpu) { return std::to_string(cpu.burst_ns / kNsPerUsec); },
      WriteBurst);
  add(
      "cpu.idle", [](const CpuState& cpu) { return std::to_string(cpu.idle); }, WriteIdle);
  if (kernel.options().uclamp) {
    add(
        "cpu.uclamp.min",
        [](const CpuState& cpu) { return ClampText(cpu.uclamp_min); },
        [](CpuState& cpu, std::string_view line) { return WriteClamp(cpu.uclamp_min, line); });
    add(
        "cpu.uclamp.max",
        [](const CpuState& cpu) { return ClampText(cpu.uclamp_max); },
        [](CpuState& cpu, std::string_view line) { return WriteClamp(cpu.uclamp_max, line); });
  }
  return files;
}

}  // namespace reeve::support
