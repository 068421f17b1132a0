// SPDX-License-Identifier: Apache-2.0
#include "core/plan/resolve_starving.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "core/format/id_set.h"
#include "core/policy/quantity.h"

namespace reeve::plan {
namespace {

// What a small Debian with systemd, its journal and sshd needs beside the kernel; of a small host a
// part of it. Less, and logging in fails before the limit takes hold; more would cry at tight but
// honest limits of small machines.
constexpr std::uint64_t kLeastForTheRest = std::uint64_t{256} << 20;
constexpr std::uint64_t kLeastPart = 16;

const DesiredKnob* Find(const DesiredCgroup& cgroup, std::string_view file) {
  const auto knob = cgroup.knobs.find(std::string(file));
  if (knob == cgroup.knobs.end() || knob->second.knob == nullptr) return nullptr;
  return &knob->second;
}

bool IsBounded(const DesiredCgroup& cgroup) {
  const DesiredKnob* knob = Find(cgroup, "memory.max");
  return knob != nullptr && !std::get<Limit>(knob->value).is_max();
}

// A limit further up decides, and is judged itself.
bool IsBoundedAbove(const Desired& desired, const CgroupPath& path) {
  for (CgroupPath above = path.Parent(); !above.is_root(); above = above.Parent()) {
    const auto cgroup = desired.cgroups.find(above);
    if (cgroup != desired.cgroups.end() && IsBounded(cgroup->second)) return true;
  }
  return false;
}

void WarnOfMemory(const Desired& desired, const HostFacts& facts, policy::Findings& findings) {
  if (facts.memory == 0) return;
  const std::uint64_t least = std::min(kLeastForTheRest, facts.memory / kLeastPart);
  const auto in_bytes = [](std::uint64_t value) {
    return policy::FormatQuantity(Dimension::kBytes, value);
  };
  for (const auto& [path, cgroup] : desired.cgroups) {
    if (!IsBounded(cgroup)) continue;
    const DesiredKnob& knob = *Find(cgroup, "memory.max");
    const std::uint64_t limit = std::get<Limit>(knob.value).value();
    if (limit <= facts.memory - least || IsBoundedAbove(desired, path)) continue;
    findings.Warning(
        "R0411",
        knob.mark,
        limit >= facts.memory
            ? fmt::format(
                  "memory.max is {}, this host has {}", in_bytes(limit), in_bytes(facts.memory))
            : fmt::format("memory.max is {}, which leaves {} to the rest of this host",
                          in_bytes(limit),
                          in_bytes(facts.memory - limit)),
        "the host runs out of memory before this takes hold; `90% of host` leaves "
        "something, `max` says that there is no limit");
  }
}

const IdSet* CpusOfPartition(const DesiredCgroup& cgroup) {
  const DesiredKnob* partition = Find(cgroup, "cpuset.cpus.partition");
  if (partition == nullptr || std::get<std::string>(partition->value) == "member") return nullptr;
  const DesiredKnob* cpus = Find(cgroup, "cpuset.cpus.exclusive");
  if (cpus == nullptr) cpus = Find(cgroup, "cpuset.cpus");
  return cpus == nullptr ? nullptr : &std::get<IdSet>(cpus->value);
}

void WarnOfPartitions(const Desired& desired, const HostFacts& facts, policy::Findings& findings) {
  if (!facts.cpu_ids || facts.cpu_ids->ranges.empty()) return;
  IdSet taken;
  const DesiredKnob* last = nullptr;
  for (const auto& [path, cgroup] : desired.cgroups) {
    const IdSet* cpus = CpusOfPartition(cgroup);
    if (cpus == nullptr) continue;
    taken.ranges.insert(taken.ranges.end(), cpus->ranges.begin(), cpus->ranges.end());
    last = Find(cgroup, "cpuset.cpus.partition");
  }
  // Resolving left only CPUs that are there, so all of them are as many as these.
  if (last == nullptr || format::NormalIdSet(taken) != format::NormalIdSet(*facts.cpu_ids)) return;
  findings.Warning("R0412",
                   last->mark,
                   fmt::format("partitions take every CPU that reeve may use: {}",
                               format::FormatIdSet(*facts.cpu_ids)),
                   "leave one out: what is in no partition has none to run on");
}

}  // namespace

void WarnOfStarving(const Desired& desired, const HostFacts& facts, policy::Findings& findings) {
  WarnOfMemory(desired, facts, findings);
  WarnOfPartitions(desired, facts, findings);
}

}  // namespace reeve::plan
