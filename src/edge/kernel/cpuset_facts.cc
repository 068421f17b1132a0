// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/cpuset_facts.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/format/id_set.h"
#include "edge/io/files.h"

namespace reeve::kernel {
namespace {

std::optional<std::string> TextOf(const std::string& path) {
  const auto text = io::ReadWholeFile(path);
  return text.has_value() ? std::optional(std::string(Trim(*text))) : std::nullopt;
}

// nullopt for a file that is not there or says nothing.
std::optional<IdSet> IdsOf(const std::string& path) {
  const auto text = TextOf(path);
  if (!text) return std::nullopt;
  auto ids = format::ParseIdSet(path, *text);
  if (!ids.has_value() || ids->ranges.empty()) return std::nullopt;
  return *std::move(ids);
}

IdSet Union(IdSet a, const IdSet& b) {
  a.ranges.insert(a.ranges.end(), b.ranges.begin(), b.ranges.end());
  return format::NormalIdSet(std::move(a));
}

IdSet Intersection(const IdSet& a, const IdSet& b) {
  IdSet both;
  for (const auto& [first, last] : a.ranges) {
    for (const auto& [other_first, other_last] : b.ranges) {
      const auto from = std::max(first, other_first);
      const auto to = std::min(last, other_last);
      if (from <= to) both.ranges.push_back({from, to});
    }
  }
  return format::NormalIdSet(std::move(both));
}

// The effective CPUs of a cgroup, and those that partitions below have taken out of them: they are
// the managed root's to give, and a set that shrank with every partition made from it would never
// be as described.
IdSet CpusOf(const std::string& directory, IdSet effective, const IdSet& online) {
  const auto partition = TextOf(directory + "/cpuset.cpus.partition");
  // Every partition lies below the hierarchy's own root, which has no such file.
  if (!partition) return Union(std::move(effective), online);
  if (*partition == "root" || *partition == "isolated") {
    if (const auto own = IdsOf(directory + "/cpuset.cpus")) {
      effective = Union(std::move(effective), Intersection(*own, online));
    }
  }
  // What remote partitions may be made of, since 6.7.
  if (const auto exclusive = IdsOf(directory + "/cpuset.cpus.exclusive.effective")) {
    effective = Union(std::move(effective), Intersection(*exclusive, online));
  }
  return effective;
}

std::uint64_t Count(const IdSet& set) {
  std::uint64_t count = 0;
  for (const auto& [first, last] : set.ranges) count += std::uint64_t{last} - first + 1;
  return count;
}

}  // namespace

void ReadMachineIds(const FactsOptions& options, HostFacts* facts) {
  if (auto cpus = IdsOf(options.sys + "/devices/system/cpu/online")) facts->cpu_ids = *cpus;
  if (auto nodes = IdsOf(options.sys + "/devices/system/node/has_memory")) {
    facts->memory_nodes = *nodes;
  }
}

void ReadCpusetFacts(const std::vector<std::string>& upwards, HostFacts* facts) {
  for (const std::string& directory : upwards) {
    const auto effective = TextOf(directory + "/cpuset.cpus.effective");
    if (!effective) continue;
    const IdSet online = facts->cpu_ids.value_or(IdSet());
    // Empty where partitions have taken everything.
    auto cpus = format::ParseIdSet("cpuset.cpus.effective", *effective);
    if (cpus.has_value()) {
      IdSet usable = CpusOf(directory, *std::move(cpus), online);
      if (!usable.ranges.empty()) {
        facts->cpus = Count(usable);
        facts->cpu_ids = std::move(usable);
      }
    }
    if (auto nodes = IdsOf(directory + "/cpuset.mems.effective")) facts->memory_nodes = *nodes;
    return;
  }
}

}  // namespace reeve::kernel
