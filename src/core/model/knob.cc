// SPDX-License-Identifier: Apache-2.0
#include "core/model/knob.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/model/knob_rows.h"

namespace reeve {
namespace {

constexpr std::string_view kSizePlaceholder = "<size>";
// Huge pages of all architectures lie between (arm64 has 64KB, powerpc 16GB).
constexpr unsigned kSmallestSizeBits = 14;
constexpr unsigned kLargestSizeBits = 40;

struct VerbFile {
  std::string_view file;
  std::string_view why;
};

constexpr std::string_view kPressureWhy =
    "writing arms a trigger for one open file; say `cases: [{when: {pressure: ...}}]` instead";

constexpr auto kVerbFiles = std::to_array<VerbFile>({
    {"cgroup.procs",
     "processes are placed by `match:`; by hand `reevectl run CGROUP -- COMMAND` starts one "
     "inside"},
    {"cgroup.threads",
     "reeve places whole processes, by `match:`; a program spreads its own threads itself"},
    {"cgroup.kill", "it kills everything inside; the command is `reevectl kill CGROUP`"},
    {"memory.reclaim",
     "it reclaims once; `shrink: gentle` does so before a limit is lowered, `reevectl set CGROUP "
     "memory.high=VALUE --for TIME --why REASON` by hand"},
    {"memory.peak",
     "writing resets the peak for one open file only; `reevectl status CGROUP` shows it"},
    {"memory.swap.peak",
     "writing resets the peak for one open file only; `reevectl status CGROUP` shows it"},
    {"cpu.pressure", kPressureWhy},
    {"memory.pressure", kPressureWhy},
    {"io.pressure", kPressureWhy},
    {"irq.pressure", kPressureWhy},
});

constexpr auto kReadOnlyFiles = std::to_array<std::string_view>({
    "cgroup.controllers",
    "cgroup.events",
    "cgroup.stat",
    "cgroup.stat.local",
    "cpu.stat",
    "cpu.stat.local",
    "cpuset.cpus.effective",
    "cpuset.cpus.exclusive.effective",
    "cpuset.cpus.isolated",
    "cpuset.mems.effective",
    "dmem.capacity",
    "dmem.current",
    "hugetlb.<size>.current",
    "hugetlb.<size>.events",
    "hugetlb.<size>.events.local",
    "hugetlb.<size>.numa_stat",
    "hugetlb.<size>.rsvd.current",
    "io.stat",
    "memory.current",
    "memory.events",
    "memory.events.local",
    "memory.numa_stat",
    "memory.stat",
    "memory.swap.current",
    "memory.swap.events",
    "memory.zswap.current",
    "misc.capacity",
    "misc.current",
    "misc.events",
    "misc.events.local",
    "misc.peak",
    "pids.current",
    "pids.events",
    "pids.events.local",
    "pids.peak",
    "rdma.current",
    "rdma.events",
    "rdma.events.local",
    "rdma.peak",
});

// As the kernel prints a huge page size in file names: whole GB, else whole MB, else KB.
std::string SizeName(unsigned bits) {
  if (bits >= 30) return fmt::format("{}GB", 1ULL << (bits - 30));
  if (bits >= 20) return fmt::format("{}MB", 1ULL << (bits - 20));
  return fmt::format("{}KB", 1ULL << (bits - 10));
}

std::string WithSize(std::string_view family, std::string_view size) {
  const std::size_t at = family.find(kSizePlaceholder);
  std::string file(family.substr(0, at));
  file += size;
  file += family.substr(at + kSizePlaceholder.size());
  return file;
}

// "hugetlb.2MB.rsvd.max" -> "hugetlb.<size>.rsvd.max"; nullopt when no size stands where one
// belongs.
std::optional<std::string> FamilyOf(std::string_view file) {
  constexpr std::string_view kPrefix = "hugetlb.";
  if (!file.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = file.substr(kPrefix.size());
  const std::string_view size = rest.substr(0, rest.find('.'));
  if (size.size() == rest.size()) return std::nullopt;
  for (unsigned bits = kSmallestSizeBits; bits <= kLargestSizeBits; ++bits) {
    if (SizeName(bits) != size) continue;
    return fmt::format("{}{}{}", kPrefix, kSizePlaceholder, rest.substr(size.size()));
  }
  return std::nullopt;
}

// The table with every family member spelled out. Built once: rows are handed out by address, so
// nothing here may move afterwards.
class Table {
 public:
  Table() {
    for (std::span<const Knob> rows :
         {CoreKnobs(), CpuKnobs(), MemoryKnobs(), IoKnobs(), CountKnobs()}) {
      rows_.insert(rows_.end(), rows.begin(), rows.end());
    }
    for (const Knob& row : rows_) {
      by_file_.emplace(row.file, &row);
      if (row.file.find(kSizePlaceholder) != std::string_view::npos) AddMembers(row);
    }
  }

  std::span<const Knob> rows() const { return rows_; }

  const Knob* Find(std::string_view file) const {
    const auto found = by_file_.find(file);
    return found == by_file_.end() ? nullptr : found->second;
  }

 private:
  struct Member {
    std::string file;
    Knob knob;
  };

  void AddMembers(const Knob& family) {
    for (unsigned bits = kSmallestSizeBits; bits <= kLargestSizeBits; ++bits) {
      Member& member = members_[WithSize(family.file, SizeName(bits))];
      member.file = WithSize(family.file, SizeName(bits));
      member.knob = family;
      member.knob.file = member.file;
      by_file_.emplace(member.knob.file, &member.knob);
    }
  }

  std::vector<Knob> rows_;
  std::map<std::string, Member> members_;  // nodes stay where they are
  std::map<std::string_view, const Knob*> by_file_;
};

const Table& TheTable() {
  static const Table table;
  return table;
}

}  // namespace

std::span<const Knob> AllKnobs() {
  return TheTable().rows();
}

const Knob* FindKnob(std::string_view file) {
  return TheTable().Find(file);
}

bool IsVerbFile(std::string_view file, std::string_view* why) {
  const auto* found = std::find_if(kVerbFiles.begin(), kVerbFiles.end(), [&](const VerbFile& verb) {
    return verb.file == file;
  });
  if (found == kVerbFiles.end()) return false;
  if (why != nullptr) *why = found->why;
  return true;
}

bool IsReadOnlyFile(std::string_view file) {
  const std::optional<std::string> family = FamilyOf(file);
  const std::string_view name = family ? std::string_view(*family) : file;
  return std::find(kReadOnlyFiles.begin(), kReadOnlyFiles.end(), name) != kReadOnlyFiles.end();
}

}  // namespace reeve
