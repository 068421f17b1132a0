// SPDX-License-Identifier: Apache-2.0
#include "core/policy/file_names.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/model/knob.h"

namespace reeve::policy {
namespace {

struct ForeignName {
  std::string_view foreign;
  std::string_view ours;
};

// What people write who come from cgroup v1 or from unit files.
constexpr ForeignName kForeignNames[] = {
    {"memory.limit_in_bytes", "memory.max"},
    {"memory.soft_limit_in_bytes", "memory.high"},
    {"memory.memsw.limit_in_bytes", "memory.swap.max"},
    {"memory.swappiness", "memory.swap.max"},
    {"memory.limit", "memory.max"},
    {"cpu.shares", "cpu.weight"},
    {"cpu.cfs_quota_us", "cpu.max"},
    {"cpu.cfs_period_us", "cpu.max"},
    {"cpu.quota", "cpu.max"},
    {"blkio.weight", "io.weight"},
    {"blkio.throttle.read_bps_device", "io.max"},
    {"blkio.throttle.write_bps_device", "io.max"},
    {"blkio.throttle.read_iops_device", "io.max"},
    {"blkio.throttle.write_iops_device", "io.max"},
    {"freezer.state", "cgroup.freeze"},
    {"CPUWeight", "cpu.weight"},
    {"CPUQuota", "cpu.max"},
    {"AllowedCPUs", "cpuset.cpus"},
    {"AllowedMemoryNodes", "cpuset.mems"},
    {"MemoryMin", "memory.min"},
    {"MemoryLow", "memory.low"},
    {"MemoryHigh", "memory.high"},
    {"MemoryMax", "memory.max"},
    {"MemorySwapMax", "memory.swap.max"},
    {"MemoryZSwapMax", "memory.zswap.max"},
    {"TasksMax", "pids.max"},
    {"IOWeight", "io.weight"},
    {"IOReadBandwidthMax", "io.max"},
    {"IOWriteBandwidthMax", "io.max"},
    {"IODeviceLatencyTargetSec", "io.latency"},
    {"nice", "cpu.weight.nice"},
    {"cpus", "cpuset.cpus"},
    {"memory", "memory.max"},
    {"cpu", "cpu.max"},
    {"pids", "pids.max"},
};

std::vector<std::string_view> WritableFiles() {
  std::vector<std::string_view> names;
  for (const Knob& knob : AllKnobs()) {
    if (!knob.host_only) names.push_back(knob.file);
  }
  return names;
}

// The file to set where `name` can only be read: memory.current -> memory.max,
// cpuset.cpus.effective -> cpuset.cpus.
std::string_view WritableBeside(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (last != "current" && last != "effective" && last != "capacity") return "";
  for (std::size_t end = name.rfind('.'); end != std::string_view::npos && end != 0;
       end = name.rfind('.', end - 1)) {
    const std::string_view stem = name.substr(0, end);
    if (const Knob* knob = FindKnob(stem)) return knob->file;
    if (const Knob* knob = FindKnob(fmt::format("{}.max", stem))) return knob->file;
  }
  return "";
}

bool JudgeWritable(std::string_view name, const SourceMark& mark, Findings& findings) {
  std::string_view why;
  if (IsVerbFile(name, &why)) {
    findings.Error(
        "R0121", mark, fmt::format("{} is a command, not a key", name), std::string(why));
    return false;
  }
  if (IsReadOnlyFile(name)) {
    const std::string_view beside = WritableBeside(name);
    findings.Error("R0120",
                   mark,
                   fmt::format("{} can only be read", name),
                   beside.empty() ? "" : fmt::format("{} can be set", beside));
    return false;
  }
  return true;
}

void Unknown(std::string_view name, const SourceMark& mark, Findings& findings, bool key) {
  std::string hint = SuggestFile(name);
  if (hint.empty() && key) {
    hint = fmt::format("`raw: {{{}: \"TEXT\"}}` writes a file that reeve does not know",
                       EscapeForTerminal(name));
  }
  findings.Error("R0101",
                 mark,
                 fmt::format("`{}` is no interface file that reeve knows", EscapeForTerminal(name)),
                 std::move(hint));
}

bool IsFileName(std::string_view name) {
  return name.size() <= 200 && name.find('.') != std::string_view::npos && !name.starts_with('.') &&
         !name.ends_with('.') && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

}  // namespace

bool JudgeFileKey(std::string_view name, const SourceMark& mark, Findings& findings) {
  const Knob* knob = FindKnob(name);
  if (knob != nullptr && !knob->host_only && name.find('<') == std::string_view::npos) return true;
  if (knob != nullptr && knob->host_only) {
    findings.Error("R0122",
                   mark,
                   fmt::format("{} exists only at the root of the hierarchy", name),
                   "it stands under the top-level `host:`, which comes with files of the host");
    return false;
  }
  if (knob != nullptr) {
    findings.Error("R0101",
                   mark,
                   fmt::format("`{}` stands for several files", name),
                   "write the size as the kernel does: hugetlb.2MB.max");
    return false;
  }
  if (!JudgeWritable(name, mark, findings)) return false;
  Unknown(name, mark, findings, true);
  return false;
}

bool JudgeFileKey(const YamlNode& key, Findings& findings) {
  return JudgeFileKey(key.text(), key.mark(), findings);
}

bool JudgeFileName(const Scalar& name, Findings& findings) {
  std::string_view why;
  if (FindKnob(name.text) != nullptr || IsReadOnlyFile(name.text) || IsVerbFile(name.text, &why)) {
    return true;
  }
  Unknown(name.text, name.mark, findings, false);
  return false;
}

bool JudgeRawFile(const YamlNode& key, Findings& findings) {
  const std::string_view name = key.text();
  if (!IsFileName(name)) {
    findings.Error("R0101",
                   key.mark(),
                   fmt::format("`{}` is no name of an interface file", EscapeForTerminal(name)),
                   "CONTROLLER.NAME, like memory.max");
    return false;
  }
  if (!JudgeWritable(name, key.mark(), findings)) return false;
  const Knob* knob = FindKnob(name);
  if (knob != nullptr && knob->host_only) {
    findings.Error("R0122",
                   key.mark(),
                   fmt::format("{} exists only at the root of the hierarchy", name),
                   "it stands under the top-level `host:`, which comes with files of the host");
    return false;
  }
  return true;
}

void WarnOfRawFile(const YamlNode& key, Findings& findings) {
  const std::string_view name = key.text();
  findings.Warning("R0401",
                   key.mark(),
                   fmt::format("{} is written as it stands, without checks and units", name),
                   FindKnob(name) == nullptr
                       ? ""
                       : fmt::format("reeve knows this file: write `{}: VALUE` outside "
                                     "of `raw:`",
                                     name));
}

std::string SuggestForForeign(std::string_view name) {
  const auto* foreign = std::ranges::find(kForeignNames, name, &ForeignName::foreign);
  if (foreign == std::end(kForeignNames)) return "";
  return fmt::format("cgroup v2 calls it `{}`", foreign->ours);
}

std::string SuggestFile(std::string_view name) {
  if (std::string foreign = SuggestForForeign(name); !foreign.empty()) return foreign;
  const std::vector<std::string_view> names = WritableFiles();
  const auto nearest = NearestSpelling(name, names);
  return nearest ? fmt::format("did you mean `{}`?", *nearest) : "";
}

std::string FirstLetterDown(std::string_view title) {
  std::string text(title);
  if (text.starts_with("A ") || text.starts_with("An ")) text[0] = 'a';
  return text;
}

}  // namespace reeve::policy
