// SPDX-License-Identifier: Apache-2.0
#include "app/show/live_tree.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/text.h"
#include "core/format/flat_keyed.h"
#include "core/format/knob_text.h"
#include "core/format/nested_keyed.h"

namespace reeve::show {
namespace {

// A tenant may have nested its cgroups without bound; a picture of more than this is no picture.
constexpr int kDeepest = 64;

std::optional<std::string> Read(port::CgroupFs& fs, const CgroupPath& path, std::string_view file) {
  auto text = fs.ReadFile(path, file);
  if (!text.has_value()) return std::nullopt;
  return *std::move(text);
}

std::optional<std::uint64_t> ReadNumber(port::CgroupFs& fs,
                                        const CgroupPath& path,
                                        std::string_view file) {
  const auto text = Read(fs, path, file);
  return text ? ParseDecimal(Trim(*text)) : std::nullopt;
}

template <typename T>
std::optional<T> ReadKnob(port::CgroupFs& fs, const CgroupPath& path, std::string_view file) {
  const auto text = Read(fs, path, file);
  const Knob* knob = FindKnob(file);
  if (!text || knob == nullptr) return std::nullopt;
  const auto value = format::ParseKnob(*knob, Trim(*text));
  if (!value.has_value() || !std::holds_alternative<T>(*value)) return std::nullopt;
  return std::get<T>(*value);
}

std::optional<std::uint64_t> ReadStalled(port::CgroupFs& fs,
                                         const CgroupPath& path,
                                         std::string_view file) {
  const auto text = Read(fs, path, file);
  if (!text) return std::nullopt;
  const auto pressure = format::ParsePressure(*text);
  if (!pressure.has_value()) return std::nullopt;
  return pressure->some.avg10;
}

LiveCgroup ReadCgroup(port::CgroupFs& fs, const CgroupPath& path, CgroupId id) {
  LiveCgroup cgroup;
  cgroup.id = id;
  const auto mark = fs.ReadMark(path);
  cgroup.ours = mark.has_value() && mark->has_value();
  if (const auto text = Read(fs, path, "cgroup.events")) {
    const auto events = format::ParseCgroupEvents(*text);
    cgroup.frozen = events.has_value() && events->frozen.value_or(false);
  }
  const auto pids = fs.ReadProcesses(path);
  if (pids.has_value()) cgroup.processes = pids->size();
  cgroup.cpu_max = ReadKnob<CpuMax>(fs, path, "cpu.max");
  cgroup.memory_current = ReadNumber(fs, path, "memory.current");
  cgroup.memory_high = ReadKnob<Limit>(fs, path, "memory.high");
  cgroup.memory_max = ReadKnob<Limit>(fs, path, "memory.max");
  cgroup.pids_current = ReadNumber(fs, path, "pids.current");
  cgroup.pids_max = ReadKnob<Limit>(fs, path, "pids.max");
  cgroup.cpu_stalled = ReadStalled(fs, path, "cpu.pressure");
  cgroup.memory_stalled = ReadStalled(fs, path, "memory.pressure");
  cgroup.io_stalled = ReadStalled(fs, path, "io.pressure");
  return cgroup;
}

void ReadBelow(port::CgroupFs& fs, const CgroupPath& path, LiveTree& tree) {
  const auto stat = fs.Stat(path);
  if (!stat.has_value()) {
    tree.complete = false;
    return;
  }
  LiveCgroup here = ReadCgroup(fs, path, stat->id);
  const auto children = fs.ListChildren(path);
  if (!children.has_value() || path.depth() >= kDeepest) tree.complete = false;
  if (children.has_value() && path.depth() < kDeepest) {
    for (const std::string& name : *children) {
      const CgroupPath child = path.Child(name);
      ReadBelow(fs, child, tree);
      const auto found = tree.cgroups.find(child);
      if (found == tree.cgroups.end() || !found->second.processes) continue;
      here.processes = here.processes.value_or(0) + *found->second.processes;
    }
  }
  tree.cgroups[path] = here;
}

std::optional<CpuStat> ReadCpu(port::CgroupFs& fs, const CgroupPath& path) {
  const auto text = Read(fs, path, "cpu.stat");
  if (!text) return std::nullopt;
  const auto stat = format::ParseCpuStat(*text);
  if (!stat.has_value()) return std::nullopt;
  return *stat;
}

bool IsNear(const std::optional<std::uint64_t>& now, const std::optional<Limit>& limit) {
  if (!now || !limit || limit->is_max() || limit->value() == 0) return false;
  return static_cast<double>(*now) >= 0.98 * static_cast<double>(limit->value());
}

}  // namespace

SampleClock RealSampleClock() {
  return {
      [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
      },
      [] { std::this_thread::sleep_for(std::chrono::milliseconds(200)); }};
}

LiveSample BeginLiveTree(port::CgroupFs& fs, const SampleClock& clock) {
  LiveSample sample;
  ReadBelow(fs, CgroupPath(), sample.tree);
  for (const auto& entry : sample.tree.cgroups) {
    if (auto stat = ReadCpu(fs, entry.first)) sample.cpu[entry.first] = {*stat, clock.now()};
  }
  return sample;
}

LiveTree EndLiveTree(port::CgroupFs& fs, const SampleClock& clock, LiveSample sample) {
  for (auto& entry : sample.tree.cgroups) {
    const auto first = sample.cpu.find(entry.first);
    const auto second = ReadCpu(fs, entry.first);
    if (first == sample.cpu.end() || !second) continue;
    const LiveSample::Cpu& before = first->second;
    const double seconds = clock.now() - before.at;
    // A cgroup made anew under the same name starts from zero again.
    if (second->usage_usec < before.stat.usage_usec || seconds <= 0) continue;
    entry.second.cpu_cores =
        static_cast<double>(second->usage_usec - before.stat.usage_usec) / (seconds * 1e6);
    entry.second.throttled =
        second->nr_throttled.value_or(0) > before.stat.nr_throttled.value_or(0);
  }
  return std::move(sample.tree);
}

LiveTree ReadLiveTree(port::CgroupFs& fs, const SampleClock& clock) {
  LiveSample sample = BeginLiveTree(fs, clock);
  clock.wait();
  return EndLiveTree(fs, clock, std::move(sample));
}

bool IsAtLimit(const LiveCgroup& cgroup) {
  return cgroup.throttled || IsNear(cgroup.memory_current, cgroup.memory_high) ||
         IsNear(cgroup.memory_current, cgroup.memory_max) ||
         IsNear(cgroup.pids_current, cgroup.pids_max);
}

}  // namespace reeve::show
