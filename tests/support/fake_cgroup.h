// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/model/cgroup_path.h"
#include "core/model/controller.h"

namespace reeve::support {

// State of one cgroup of the fake kernel, in the kernel's own units and defaults. Each controller's
// part is replaced by a fresh one when the parent enables or disables the controller.

inline constexpr std::uint64_t kPageSize = 4096;
// LONG_MAX / PAGE_SIZE: what `max` is in pages.
inline constexpr std::uint64_t kPagesMax = 0x7fffffffffffffffULL / kPageSize;
inline constexpr std::uint64_t kU64Max = ~std::uint64_t{0};
inline constexpr std::uint64_t kPidsMax = 4'194'305;

struct CpuState {
  std::uint64_t shares = 1024;  // weight 100
  bool idle = false;
  std::uint64_t quota_ns = kU64Max;
  std::uint64_t period_ns = 100'000'000;
  std::uint64_t burst_ns = 0;
  std::uint64_t uclamp_min = 0;  // hundredths of a percent
  std::uint64_t uclamp_max = 10'000;
};

struct CpusetState {
  std::set<unsigned> cpus, mems, exclusive;
  std::string partition = "member";
  std::string why_invalid;  // "" while the partition is valid
};

enum MemoryEvent { kLow, kHigh, kMaxHit, kOom, kOomKill, kOomGroupKill, kMemoryEventCount };

struct MemoryState {
  std::uint64_t min = 0, low = 0, high = kPagesMax, max = kPagesMax;  // pages
  std::uint64_t swap_high = kPagesMax, swap_max = kPagesMax, zswap_max = kPagesMax;
  bool oom_group = false;
  bool zswap_writeback = true;
  std::uint64_t peak = 0;                                       // bytes
  std::array<std::uint64_t, kMemoryEventCount> events{};        // with those below
  std::array<std::uint64_t, kMemoryEventCount> events_local{};  // of this cgroup alone
};

struct IoLimits {
  std::uint64_t rbps = kU64Max, wbps = kU64Max, riops = UINT_MAX, wiops = UINT_MAX;

  bool operator==(const IoLimits&) const = default;
};

struct IoState {
  std::map<std::string, IoLimits> limits;
  std::uint64_t default_weight = 100;
  std::map<std::string, std::uint64_t> weights;
  std::uint64_t bfq_weight = 100;
  std::map<std::string, std::uint64_t> latency_usec;
  std::string prio_class = "no-change";
};

struct PidsState {
  std::uint64_t max = kPidsMax;
  std::uint64_t peak = 0;
  std::uint64_t events_max = 0;
};

// Pages by huge page size.
struct HugetlbState {
  std::map<std::string, std::uint64_t> max, rsvd_max;
};

// Limits by resource or device, and column.
struct NamedState {
  std::map<std::string, std::map<std::string, std::uint64_t>> limits;
};

struct FakeCgroup {
  CgroupId id = 0;
  std::string name;
  FakeCgroup* parent = nullptr;
  std::map<std::string, std::unique_ptr<FakeCgroup>, std::less<>> children;

  ControllerSet subtree_control;
  bool threaded = false;
  bool freeze = false;
  bool pressure = true;
  int max_depth = INT_MAX;
  int max_descendants = INT_MAX;
  std::map<std::string, std::string> xattrs;
  bool born_of_us =
      false;  // made through the port and without a mark: the sticky bit of a real one
  std::set<std::int64_t> tasks;  // thread ids, dead ones not included

  // Accounts that outlive those who made them.
  std::uint64_t cpu_usec = 0;     // own; a removed child's goes to its parent
  std::uint64_t cache_bytes = 0;  // reclaimable memory charged here
  std::uint64_t anon_bytes = 0;   // memory of live processes charged here
  std::uint64_t refaulted_pages = 0;
  // Microseconds in which some, or all, waited for memory; own and of those below.
  std::uint64_t memory_some_usec = 0;
  std::uint64_t memory_full_usec = 0;

  CpuState cpu;
  CpusetState cpuset;
  MemoryState memory;
  IoState io;
  PidsState pids;
  HugetlbState hugetlb;
  NamedState rdma, misc;
  NamedState dmem;  // columns min, low, max

  bool is_root() const { return parent == nullptr; }

  std::size_t Descendants() const;

  // Absolute: "" for the root of the hierarchy, else "a/b".
  std::string Path() const;

  // This cgroup and everything below.
  void Walk(const std::function<void(FakeCgroup&)>& visit);
  void Walk(const std::function<void(const FakeCgroup&)>& visit) const;

  // Gives one controller the state of a fresh cgroup.
  void Reset(Controller controller);
};

}  // namespace reeve::support
