// SPDX-License-Identifier: Apache-2.0
// io.*: limits and weights by device.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "support/fake_files.h"

namespace reeve::support {
namespace {

// "%26s" words of KEY=VALUE; a value is digits with anything behind them, or `max`. Before 7.x 1
// was refused, which is all that keeps "rbps=1M" from meaning one byte a second there; "rbps=2M"
// always was two.
Errno ParseLimit(const FakeKernel& kernel, std::string_view word, IoLimits* limits) {
  std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return EINVAL;
  std::string_view key = word.substr(0, equals), text = word.substr(equals + 1);
  std::uint64_t value = kU64Max;
  if (!ScanUnsigned(&text, &value, kernel.overflow()) && text != "max") return EINVAL;
  if (value == 0) return ERANGE;
  if (value == 1 && kernel.options().version < 702) return EINVAL;
  if (key == "rbps") {
    limits->rbps = value;
  } else if (key == "wbps") {
    limits->wbps = value;
  } else if (key == "riops") {
    limits->riops = std::min<std::uint64_t>(value, UINT_MAX);
  } else if (key == "wiops") {
    limits->wiops = std::min<std::uint64_t>(value, UINT_MAX);
  } else {
    return EINVAL;
  }
  return 0;
}

Errno WriteMax(const FakeKernel& kernel, IoState& io, std::string_view text) {
  const FakeDevice* device = nullptr;
  std::string_view rest;
  if (Errno error = ParseDevice(kernel, text, &device, &rest)) return error;
  auto found = io.limits.find(device->number);
  IoLimits limits = found == io.limits.end() ? IoLimits() : found->second;
  while (true) {
    std::string_view word = ScanWord(&rest, 26);
    if (word.empty()) break;
    if (Errno error = ParseLimit(kernel, word, &limits)) return error;
  }
  if (limits == IoLimits()) {
    io.limits.erase(device->number);
  } else {
    io.limits[device->number] = limits;
  }
  return 0;
}

std::string Rate(std::uint64_t value, std::uint64_t none) {
  return value == none ? "max" : std::to_string(value);
}

FakeFile::Text MaxText(const IoState& io) {
  std::string text;
  for (const auto& [number, limits] : io.limits) {
    text += number + " rbps=" + Rate(limits.rbps, kU64Max) + " wbps=" + Rate(limits.wbps, kU64Max) +
            " riops=" + Rate(limits.riops, UINT_MAX) + " wiops=" + Rate(limits.wiops, UINT_MAX) +
            "\n";
  }
  return {0, text};
}

Errno WriteWeight(const FakeKernel& kernel, IoState& io, std::string_view text) {
  std::uint64_t weight = 0;
  if (text.find(':') == std::string_view::npos) {
    if (text.substr(0, 7) == "default") text.remove_prefix(7);
    if (!ScanUnsigned(&text, &weight, kernel.overflow()) || weight < 1 || weight > 10'000)
      return EINVAL;
    io.default_weight = weight;
    return 0;
  }
  const FakeDevice* device = nullptr;
  std::string_view rest;
  if (Errno error = ParseDevice(kernel, text, &device, &rest)) return error;
  if (!device->iocost) return EOPNOTSUPP;
  if (rest.substr(0, 7) == "default") {
    io.weights.erase(device->number);
    return 0;
  }
  if (!ScanUnsigned(&rest, &weight, kernel.overflow()) || weight < 1 || weight > 10'000)
    return EINVAL;
  io.weights[device->number] = weight;
  return 0;
}

FakeFile::Text WeightText(const IoState& io) {
  std::string text = "default " + std::to_string(io.default_weight) + "\n";
  for (const auto& [number, weight] : io.weights) {
    text += number + " " + std::to_string(weight) + "\n";
  }
  return {0, text};
}

Errno WriteBfqWeight(IoState& io, std::string_view text) {
  if (text.find(':') != std::string_view::npos) return EOPNOTSUPP;
  if (text.substr(0, 7) == "default") text = SkipSpaces(text.substr(7));
  std::uint64_t weight = 0;
  if (Errno error = Kstrtoull(text, &weight)) return error;
  if (weight < 1 || weight > 1000) return ERANGE;
  io.bfq_weight = weight;
  return 0;
}

Errno WriteLatency(const FakeKernel& kernel, IoState& io, std::string_view text) {
  const FakeDevice* device = nullptr;
  std::string_view rest;
  if (Errno error = ParseDevice(kernel, text, &device, &rest)) return error;
  rest = Strstrip(rest);
  if (rest.substr(0, 7) != "target=") return EINVAL;
  rest.remove_prefix(7);
  std::uint64_t target = 0;
  if (rest != "max" && !ScanUnsigned(&rest, &target, kernel.overflow())) return EINVAL;
  if (target == 0) {
    io.latency_usec.erase(device->number);
  } else {
    io.latency_usec[device->number] = target;
  }
  return 0;
}

FakeFile::Text LatencyText(const IoState& io) {
  std::string text;
  for (const auto& [number, target] : io.latency_usec) {
    text += number + " target=" + std::to_string(target) + "\n";
  }
  return {0, text};
}

Errno WritePrioClass(const FakeKernel& kernel, IoState& io, std::string_view text) {
  std::string word(Strstrip(text));
  const char* raise = kernel.options().version >= 605 ? "promote-to-rt" : "none-to-rt";
  if (word != "no-change" && word != raise && word != "restrict-to-be" && word != "idle") {
    return EINVAL;
  }
  io.prio_class = word;
  return 0;
}

}  // namespace

std::vector<FakeFile> IoFiles(const FakeKernel& k) {
  std::vector<FakeFile> files;
  auto add = [&](std::string name, auto read, auto write) {
    FakeFile file;
    file.name = std::move(name);
    file.controller = Controller::kIo;
    file.read = [read](const FakeCgroup& c) { return read(c.io); };
    file.write = [write](FakeCgroup& c, std::string_view line) { return write(c.io, line); };
    files.push_back(std::move(file));
  };
  add("io.max", MaxText, [&k](IoState& io, std::string_view line) {
    return WriteMax(k, io, line);
  });
  if (k.options().iocost) {
    add("io.weight", WeightText, [&k](IoState& io, std::string_view line) {
      return WriteWeight(k, io, line);
    });
  }
  if (k.options().bfq) {
    add(
        "io.bfq.weight",
        [](const IoState& io) { return Line("default " + std::to_string(io.bfq_weight)); },
        WriteBfqWeight);
  }
  if (k.options().io_latency) {
    add("io.latency", LatencyText, [&k](IoState& io, std::string_view line) {
      return WriteLatency(k, io, line);
    });
  }
  if (k.options().io_prio) {
    add(
        "io.prio.class",
        [](const IoState& io) { return Line(io.prio_class); },
        [&k](IoState& io, std::string_view line) { return WritePrioClass(k, io, line); });
  }
  FakeFile stat;
  stat.name = "io.stat";
  stat.controller = Controller::kIo;
  stat.place = FakeFile::Place::kAll;
  stat.read = [](const FakeCgroup&) { return FakeFile::Text{}; };
  files.push_back(std::move(stat));
  return files;
}

}  // namespace reeve::support
